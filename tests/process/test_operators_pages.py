"""What docs/upgrading.md and docs/deployment.md tell an operator to type, and what they say comes of it."""

import re

import yaml

from service.settings import PREFIX, Settings
from tests.forked_service import forked_run
from tests.service_process import REPOSITORY

UPGRADING = (REPOSITORY / "docs" / "upgrading.md").read_text()
DEPLOYMENT = (REPOSITORY / "docs" / "deployment.md").read_text()
OF_COMPOSE = {"TWINBASE_DATABASE_PLACE", "TWINBASE_GRAFANA_PASSWORD"}


def test_each_command_for_an_upgrade_succeeds(direct_url: str) -> None:
    """In their order: status, doctor, up and check, then down and up again."""
    blocks = re.findall(r"```sh\n(.*?)```", UPGRADING, re.DOTALL)
    commands = [line.strip() for block in blocks for line in block.strip().splitlines()]
    assert len(commands) == 6
    for command in commands:
        python, option, module, *arguments = command.split()
        assert (python, option, module) == ("python", "-m", "service")
        ended = forked_run(*arguments, database_url=direct_url)
        assert ended.returncode == 0, f"{command}: {ended.stdout}{ended.stderr}"


def test_each_setting_named_exists() -> None:
    settings = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    for page in (UPGRADING, DEPLOYMENT):
        assert set(re.findall(r"TWINBASE_\w+", page)) - settings <= OF_COMPOSE


def test_each_file_and_name_in_a_command_exists() -> None:
    lines = re.findall(r"^    (\S.*)$", UPGRADING + DEPLOYMENT, re.MULTILINE)
    named = [place for line in lines for place in re.findall(r"(?:-f |--file=)(\S+/\S*)", line)]
    assert len(named) > 4
    assert [place for place in named if not (REPOSITORY / place).exists()] == []
    job = yaml.safe_load((REPOSITORY / "docs" / "kubernetes" / "migrate.yaml").read_text())
    assert f"job/{job['metadata']['name']} " in DEPLOYMENT
    composed = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())["services"]
    profiles = {name for service in composed.values() for name in service.get("profiles", ())}
    assert set(re.findall(r"--profile (\w+)", DEPLOYMENT)) == profiles
