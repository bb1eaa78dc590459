"""The key of a request that is to be done once, and what else says which request it is."""

import re
from collections.abc import Mapping
from hashlib import sha256

import orjson
from starlette.types import Scope

from api.headers import header
from domain.once import LONGEST_KEY, OnceKey
from domain.ownership import Owner
from exceptions.errors import InvalidParameter

FIELD = "idempotency_key"
HEADER = "Idempotency-Key"

_HEADER = HEADER.lower().encode()
_VISIBLE = re.compile(rb"[!-~]{1,%d}" % LONGEST_KEY)
# A string of a structured field (RFC 9651), as the header's draft asks for.
_QUOTED = re.compile(rb'"((?:[^"\\]|\\["\\])*)"')
_ESCAPED = re.compile(rb"\\(.)")


def key_of(verb: str, fields: Mapping[str, object], owner: Owner, scope: Scope) -> OnceKey | None:
    """None: the request has no key. ``fields``: as they were sent, and found to be valid."""
    in_body = fields.get(FIELD)
    if in_body is None and header(scope, _HEADER) is None:
        return None
    keys = {_key_in(value) for name, value in scope["headers"] if name == _HEADER}
    if in_body is not None:
        keys.add(str(in_body))
    if len(keys) > 1:
        raise InvalidParameter(f"{FIELD}: is given twice, with different keys")
    return OnceKey(owner, keys.pop(), _fingerprint(verb, fields))


def _key_in(header_value: bytes) -> str:
    key = header_value.strip(b" \t")
    if key.startswith(b'"'):
        quoted = _QUOTED.fullmatch(key)
        key = _ESCAPED.sub(rb"\1", quoted[1]) if quoted else b""
    if not _VISIBLE.fullmatch(key):
        raise InvalidParameter(
            f"header {HEADER}: must be 1–{LONGEST_KEY} visible ASCII characters, in quotes or not"
        )
    return key.decode("ascii")


def _fingerprint(verb: str, fields: Mapping[str, object]) -> bytes:
    """The same however the key was sent, and however the body was written."""
    said = {name: value for name, value in fields.items() if name != FIELD}
    try:
        canonical = orjson.dumps([verb, said], option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise InvalidParameter(f"{FIELD}: not with a body that is nested so deep") from error
    return sha256(canonical).digest()
