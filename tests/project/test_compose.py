"""The compose file, held against the specification's schema and, where there is one, a composer."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PASSWORDS = {"TWINBASE_POSTGRES_PASSWORD": "first", "TWINBASE_SERVICE_PASSWORD": "second"}


def test_the_specification_accepts_it() -> None:
    checked = subprocess.run(
        [
            *(sys.executable, "-m", "check_jsonschema"),
            *("--builtin-schema", "vendor.compose-spec", "docker-compose.yml"),
        ],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def composer() -> list[str]:
    for command in (["docker-compose"], ["docker", "compose"]):
        if shutil.which(command[0]):
            version = subprocess.run([*command, "version"], capture_output=True, check=False)
            if version.returncode == 0:
                return command
    pytest.skip("neither docker-compose nor docker's compose plugin is installed")


def config(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*composer(), "config"],
        cwd=REPOSITORY,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_composer_accepts_it() -> None:
    accepted = config(PASSWORDS)
    assert accepted.returncode == 0, accepted.stderr
    assert "twinbase_service:second@postgres:5432/twinbase" in accepted.stdout


@pytest.mark.parametrize("missing", PASSWORDS)
def test_a_missing_password_is_named(missing: str) -> None:
    refused = config({name: value for name, value in PASSWORDS.items() if name != missing})
    assert refused.returncode != 0
    assert missing in refused.stderr


def test_no_password_is_in_the_file() -> None:
    text = (REPOSITORY / "docker-compose.yml").read_text()
    urls = re.findall(r"postgresql://[^:]+:([^@]+)@", text)
    assert urls
    assert all(password.startswith("${TWINBASE_") for password in urls)
