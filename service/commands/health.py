"""The command ``health``: how a running service is, asked as whoever calls it would."""

import re
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Annotated, Any
from urllib.parse import urlsplit

import orjson
import typer

from api.prefix import PREFIX
from domain.health import Status
from service.commands.given_settings import settings_of
from service.commands.tables import ForPrograms, as_json, as_table, complain
from service.settings import Settings

_NOT_WELL = 1
_NO_ANSWER = 2
_KEY = re.compile(r"[!-~]+")
_LONGEST_WAIT = 10.0  # seconds; get_health itself answers within three
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound


def health(
    url: Annotated[
        str | None, typer.Option(help="As http://127.0.0.1:7990; as TWINBASE_HOST and _PORT say.")
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            help="Of an administrator, where keys are asked for; else only what /readyz says.",
            envvar="TWINBASE_KEY",
            show_envvar=True,
        ),
    ] = None,
    *,
    json: ForPrograms = False,
) -> None:
    """Tell how a running service and its parts are. Exit code 1: it cannot serve; 2: no answer."""
    place = url or _url_of(settings_of())
    if key is not None and not _KEY.fullmatch(key := key.strip()):
        raise typer.BadParameter("--key: is no key")  # which would be quoted by what refuses it
    try:
        ready_status, ready = _asked(place, "GET", "/readyz")
        _, details = _asked(place, "POST", f"{PREFIX}/get_health", key)
    except (OSError, HTTPException, ValueError) as error:
        reason = str(error) or type(error).__name__
        complain(f"nothing answers as a service at {place}: {reason}")
        raise typer.Exit(_NO_ANSWER) from None
    data = details.get("data", {}) if details["code"] == 0 else {}
    is_ready = ready_status == HTTPStatus.OK
    told = {
        "ready": is_ready,
        "message": ready["message"],
        "status": data.get("status"),
        "parts": data.get("parts"),
        "refused": None if data else details["message"],
    }
    typer.echo(as_json(told) if json else _as_text(told))
    if not is_ready or data.get("status") == Status.FAILING:
        raise typer.Exit(_NOT_WELL)


def _url_of(settings: Settings) -> str:
    host = _EVERYWHERE.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _asked(place: str, method: str, path: str, key: str | None = None) -> tuple[int, Any]:
    """Past any proxy. Raises OSError, HTTPException, ValueError."""
    parts = urlsplit(place)
    opened = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = opened(parts.hostname or "", parts.port, timeout=_LONGEST_WAIT)
    headers = {"Content-Type": "application/json"}
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    try:
        connection.request(method, path, "{}" if method == "POST" else None, headers)
        answer = connection.getresponse()
        envelope = orjson.loads(answer.read())
        if not isinstance(envelope, dict) or not {"code", "message"} <= envelope.keys():
            raise ValueError("that is no answer of Twinbase's")
        return answer.status, envelope
    finally:
        connection.close()


def _as_text(told: dict[str, Any]) -> str:
    lines = ["ready" if told["ready"] else f"not ready: {told['message']}"]
    if told["refused"] is not None:
        lines.append(f"no details: {told['refused']}")
    else:
        lines += [
            f"status: {told['status']}",
            "",
            as_table(
                [
                    {
                        "part": each["part"],
                        "status": each["status"],
                        "facts": _shown(each["facts"]),
                        "what to do": each["advice"],
                    }
                    for each in told["parts"]
                ]
            ),
        ]
    return "\n".join(lines)


def _shown(facts: dict[str, Any]) -> str:
    return ", ".join(
        f"{name} {_word(value)}" for name, value in facts.items() if value not in (None, {}, [])
    )


def _word(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}={number}" for name, number in value.items() if number) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(map(str, value))
    return str(value)
