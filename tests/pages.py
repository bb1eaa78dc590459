"""The pages of docs/ that show commands and answers: what they show, and whether it is so."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.forked_service import forked_run
from tests.patience import PATIENCE
from tests.service_process import REPOSITORY, environment

DOCS = REPOSITORY / "docs"
ADDRESS = "http://127.0.0.1:7990"

# What differs from run to run. Ids and keys are held against each other.
_ID = r"\d{12,}"
_KEY = r"tb_[a-z2-9]{8}(?:_[\w-]{43})?"
_PASSING = r"\d{4}-\d\d-\d\dT[\d:.]+(?:\+00:00|Z)|tb[0-9a-f]{32}|\d+\.\d+(?=})|command-line:\S+"
_VARYING = re.compile(f"({_ID}|{_KEY}|{_PASSING})")


@dataclass(frozen=True)
class Step:
    command: str
    answer: str


def steps_of(page: Path) -> Iterator[Step]:
    """Each command of the page with what is printed under it."""
    for block in re.findall(r"```console\n(.*?)```", page.read_text(), re.DOTALL):
        for shown in block.removeprefix("$ ").split("\n$ "):
            command, _, answer = shown.partition("\n")
            yield Step(command, answer)


def python_of(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)


@dataclass
class Terminal:
    """``known``: what stands here for what the page shows."""

    url: str
    settings: Mapping[str, object]
    known: dict[str, str] = field(default_factory=dict)

    def run(self, command: str) -> str:
        """What it prints; ``$KEY`` is the last key that a command has told."""
        real = _VARYING.sub(lambda found: self.known.get(found[0], found[0]), command)
        if real.startswith("twinbase ") and "|" not in real:
            ended = forked_run(*shlex.split(real)[1:], **self.settings)
            return ended.stdout
        script = re.sub("^twinbase ", f"{sys.executable} -m service ", real)
        keys = [value for value in self.known.values() if len(value) > len("tb_12345678")]
        ran = subprocess.run(
            ["bash", "-c", script.replace(ADDRESS, self.url)],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            env=environment(self.settings) | {"KEY": keys[-1] if keys else ""},
            cwd=REPOSITORY,
            check=True,
        )
        return ran.stdout

    def agrees(self, shown: str, given: str) -> bool:
        """But for blanks, which tables need more or fewer of."""
        shown_parts, given_parts = (
            _VARYING.split(" ".join(text.split())) for text in (shown, given)
        )
        if shown_parts[::2] != given_parts[::2]:
            return False
        pairs = zip(shown_parts[1::2], given_parts[1::2], strict=True)
        return all(
            re.fullmatch(_PASSING, one) or self.known.setdefault(one, other) == other
            for one, other in pairs
        )
