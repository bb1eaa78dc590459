"""The description of all verbs, with the two ways in which a key is sent."""

from typing import Any

from fastapi import FastAPI

_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
}

EITHER: list[dict[str, list[str]]] = [{name: []} for name in _SCHEMES]
"""What a verb that needs a key says of it."""


def describe_keys(app: FastAPI) -> None:
    """FastAPI learns of keys from dependencies, which are not asked here (``api/verbs.py``)."""
    described = app.openapi

    def openapi() -> dict[str, Any]:
        description = described()
        description.setdefault("components", {})["securitySchemes"] = _SCHEMES
        return description

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI asks for it
