"""The compose file, held against the specification's schema and, where there is one, a composer."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml

from service.settings import Settings
from service.workers import CLOSING

REPOSITORY = Path(__file__).parents[2]
SERVICES = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())["services"]
PROFILES = {"pgbouncer", "monitoring"}
# Written beside the metrics that they speak of.
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


def config(environment: dict[str, str], *profiles: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*composer(), *(part for name in profiles for part in ("--profile", name)), "config"],
        cwd=REPOSITORY,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("profiles", [(), ("pgbouncer",), ("monitoring",), tuple(PROFILES)])
def test_a_composer_accepts_it(profiles: tuple[str, ...]) -> None:
    accepted = config(PASSWORDS, *profiles)
    assert accepted.returncode == 0, accepted.stderr
    assert "twinbase_service:second@postgres:5432/twinbase" in accepted.stdout


def test_the_service_goes_through_the_pooler_where_it_is_told_to() -> None:
    told = config({**PASSWORDS, "TWINBASE_DATABASE_PLACE": "pgbouncer:6432"}, "pgbouncer")
    urls = yaml.safe_load(told.stdout)["services"]["twinbase"]["environment"]
    assert urls["TWINBASE_DATABASE_URL"].endswith("@pgbouncer:6432/twinbase")
    assert urls["TWINBASE_DIRECT_URL"].endswith("@postgres:5432/twinbase")


@pytest.mark.parametrize("missing", PASSWORDS)
def test_a_missing_password_is_named(missing: str) -> None:
    refused = config({name: value for name, value in PASSWORDS.items() if name != missing})
    assert refused.returncode != 0
    assert missing in refused.stderr


def test_grafana_names_its_missing_password() -> None:
    """When it starts, since a composer would ask for it where nobody wants Grafana."""
    shell, option, script = SERVICES["grafana"]["entrypoint"]
    refused = subprocess.run(
        [shell, option, script.replace("$$", "$")],
        env={"GF_SECURITY_ADMIN_PASSWORD": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (refused.returncode, refused.stderr) == (1, "set TWINBASE_GRAFANA_PASSWORD in .env\n")


def test_no_password_is_in_the_file() -> None:
    text = (REPOSITORY / "docker-compose.yml").read_text()
    urls = re.findall(r"postgresql://[^:]+:([^@]+)@", text)
    assert urls
    assert all(password.startswith("${TWINBASE_") for password in urls)
    given = [
        value
        for service in SERVICES.values()
        for name, value in service.get("environment", {}).items()
        if "PASSWORD" in name
    ]
    assert all(value.startswith("${TWINBASE_") for value in given)
    example = (REPOSITORY / ".env.example").read_text()
    asked = set(re.findall(r"\$\{(TWINBASE_\w+PASSWORD)", text))
    assert {f"{name}=" for name in asked} <= set(example.splitlines())


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_do_nothing_that_it_need_not(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["healthcheck"]["test"]
    assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    assert re.search(r":[v\d][\d.]+$", service["image"]), "pinned by a version"
    if "build" not in service:  # ours say so in their Dockerfiles
        assert service["user"] not in {"0", "root"}


@pytest.mark.parametrize("dockerfile", ["Dockerfile", "docs/compose/pgbouncer.Dockerfile"])
def test_an_image_of_ours_is_no_roots(dockerfile: str) -> None:
    assert re.search(r"^USER (?!root)\w+$", (REPOSITORY / dockerfile).read_text(), re.MULTILINE)


def test_what_is_mounted_is_there() -> None:
    mounted = {
        volume.partition(":")[0].removeprefix("./")
        for service in SERVICES.values()
        for volume in service.get("volumes", ())
        if volume.startswith("./")
    }
    assert [name for name in mounted if not (REPOSITORY / name).is_file()] == []
    assert len(mounted) > 4


def test_each_profile_is_told_of() -> None:
    assert {
        name for service in SERVICES.values() for name in service.get("profiles", ())
    } == PROFILES


def test_the_pooler_is_set_up_as_its_page_says() -> None:
    """But for the places."""
    ours, page = (ConfigParser(), ConfigParser())
    ours.read(REPOSITORY / "docs" / "compose" / "pgbouncer.ini")
    page.read(REPOSITORY / "docs" / "pgbouncer.ini")
    places = {"listen_addr", "unix_socket_dir", "auth_file", "logfile", "pidfile"}
    settings = [set(file["pgbouncer"].items()) for file in (ours, page)]
    assert {name for name, _ in settings[0] ^ settings[1]} <= places


def test_the_service_is_given_the_time_that_it_takes_to_stop() -> None:
    given = int(SERVICES["twinbase"]["stop_grace_period"].removesuffix("s"))
    settings = Settings(_env_file=None)
    assert given > settings.drain_seconds + settings.stop_timeout + CLOSING


def test_the_image_holds_all_that_is_imported() -> None:
    """A package that the Dockerfile does not copy would be missed by the container alone."""
    copied = set(
        re.findall(r"^COPY (\w+) \1$", (REPOSITORY / "Dockerfile").read_text(), re.MULTILINE)
    )
    code = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert copied == {*code["root_packages"], "migrations"}
