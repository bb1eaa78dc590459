"""A body's fields: what is refused before a verb's own model looks at them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from api.requests import fields_of
from exceptions.errors import InvalidParameter


def request_of(*messages: dict[str, Any]) -> Request:
    given = iter(messages)

    async def receive() -> dict[str, Any]:
        return next(given)

    return Request({"type": "http", "headers": []}, receive)


def body_of(body: bytes) -> Request:
    return request_of({"type": "http.request", "body": body})


values = st.recursive(
    st.none() | st.integers(0, 9) | st.text(alphabet=':"\\,{[u03aé', max_size=4),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
fields = st.lists(st.tuples(st.sampled_from(["uid", "dml", "a:b", "é"]), values), max_size=4)


@given(
    pairs=fields,
    ascii_only=st.booleans(),
    colon=st.sampled_from([":", " : "]),
    colons_escaped=st.booleans(),
)
async def test_a_field_is_given_once(
    *, pairs: list[tuple[str, Any]], ascii_only: bool, colon: str, colons_escaped: bool
) -> None:
    """However the body is written."""

    def written(value: object) -> str:
        text = json.dumps(value, ensure_ascii=ascii_only)
        return text.replace(":", "\\u003a") if colons_escaped else text

    body = ",".join(f"{written(name)}{colon}{written(value)}" for name, value in pairs)
    request = body_of(f"{{{body}}}".encode())
    if len(dict(pairs)) == len(pairs):
        assert await fields_of(request) == dict(pairs)
    else:
        with pytest.raises(InvalidParameter, match="must be given once"):
            await fields_of(request)


async def test_a_body_in_parts() -> None:
    parts = [b'{"uid"', b"", b': "u1"', b"}"]
    messages = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    assert await fields_of(request_of(*messages, {"type": "http.request"})) == {"uid": "u1"}


async def test_a_body_that_does_not_end() -> None:
    begun = {"type": "http.request", "body": b'{"uid": "u1"}', "more_body": True}
    with pytest.raises(InvalidParameter, match="hung up"):
        await fields_of(request_of(begun, {"type": "http.disconnect"}))
