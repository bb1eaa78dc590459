"""Pages that show commands and answers: run as they stand, they give what stands there."""

import re
import subprocess
import sys
from pathlib import Path

from tests.folders import short_folder
from tests.pages import DOCS, Terminal, python_of, steps_of
from tests.service_process import REPOSITORY, environment, service


def test_the_quickstart() -> None:
    steps = list(steps_of(DOCS / "quickstart.md"))
    assert len(steps) >= 10
    with short_folder("pages") as folder:
        settings = {"data_dir": folder / "data", "auth": "keys"}
        with service(folder, data_dir=folder / "data", auth="keys") as started:
            assert started.process.stdout is not None
            assert "first key" in started.process.stdout.readline()
            started.wait_until_ready()
            terminal = Terminal(started.url, settings)
            for step in steps:
                given = terminal.run(step.command)
                assert terminal.agrees(step.answer, given), f"{step.command}\n{given}"


def test_the_script(tmp_path: Path) -> None:
    script, _ = python_of("scripts.md")
    (shown,) = re.findall(r"prints\n\n```\n(.*?)```", (DOCS / "scripts.md").read_text(), re.DOTALL)
    (tmp_path / "script.py").write_text(script)
    with short_folder("script") as folder:
        ran = subprocess.run(
            [sys.executable, tmp_path / "script.py"],
            env=environment({"data_dir": folder / "data"}) | {"PYTHONPATH": str(REPOSITORY)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert (ran.stdout, ran.stderr) == (shown, "")
