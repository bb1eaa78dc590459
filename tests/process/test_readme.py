"""The README's walk, run as it stands, gives the answers that stand there."""

import json
import os
import re
import subprocess
from typing import Any

from tests.folders import short_folder
from tests.patience import PATIENCE
from tests.service_process import REPOSITORY, ServiceProcess, service

README = (REPOSITORY / "README.md").read_text()
ADDRESS = "http://127.0.0.1:7990"

# What differs from run to run: compared by kind only. Ids are held against each other.
VARYING = {"sid", "exec_time", "create_at", "update_at"}
LEAST_ID = 2**31


def walk() -> list[tuple[str, str]]:
    """Each command of the walk with the answer printed under it."""
    consoles = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    lines = [line for console in consoles for line in console.strip().splitlines()]
    return [
        (command.removeprefix("$ "), answer)
        for command, answer in zip(lines[::2], lines[1::2], strict=True)
    ]


def shorthand() -> str:
    (definition,) = re.findall(r"```sh\n(db\(\).*?)\n```", README)
    return str(definition)


def run(command: str, started: ServiceProcess) -> Any:
    script = f"{shorthand().replace(ADDRESS, started.url)}\n{command}"
    ended = subprocess.run(
        ["bash", "-c", script],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env={"PATH": os.environ["PATH"]},
        check=True,
    )
    return json.loads(ended.stdout)


def matches(shown: Any, given: Any, ids: dict[int, int]) -> bool:
    """Whether the answers agree; learns which id stands for which."""
    if isinstance(shown, dict):
        return list(shown) == list(given) and all(
            type(shown[key]) is type(given[key])
            if key in VARYING
            else matches(shown[key], given[key], ids)
            for key in shown
        )
    if isinstance(shown, list):
        return len(shown) == len(given) and all(
            matches(*pair, ids) for pair in zip(shown, given, strict=True)
        )
    if isinstance(shown, int) and shown > LEAST_ID:
        return isinstance(given, int) and ids.setdefault(shown, given) == given
    return bool(shown == given)


def test_the_walk() -> None:
    ids: dict[int, int] = {}
    steps = walk()
    assert len(steps) >= 10
    with (
        short_folder("readme") as folder,
        service(folder, data_dir=folder / "data") as started,
    ):
        started.wait_until_ready()
        for command, answer in steps:
            real = re.sub(r"\d{12,}", lambda found: str(ids.get(int(found[0]), found[0])), command)
            given = run(real, started)
            assert matches(json.loads(answer), given, ids), f"{command}\n{given}"
