"""A request's key and fingerprint: the same however they were sent, and of nothing else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.once_key import key_of
from domain.once import OnceKey
from exceptions.errors import InvalidParameter

VISIBLE = [chr(code) for code in range(0x21, 0x7F)]
keys = st.text(alphabet=VISIBLE, min_size=1, max_size=255)


def found(
    *in_header: bytes, verb: str = "exec_dml", field: str | None = None, **fields: object
) -> OnceKey | None:
    headers = [(b"host", b"twinbase"), *((b"idempotency-key", value) for value in in_header)]
    said = {"uid": "u1", **fields} | ({} if field is None else {"idempotency_key": field})
    return key_of(verb, said, (1, "u1"), {"type": "http", "headers": headers})


def of(key: OnceKey | None) -> str | None:
    return None if key is None else key.key


def quoted(key: str) -> bytes:
    """As RFC 9651 serialises a string."""
    return b'"' + key.encode().replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


@given(key=keys, before=st.sampled_from(["", " ", "\t "]), after=st.sampled_from(["", "  "]))
def test_a_key_is_what_was_meant(key: str, before: str, after: str) -> None:
    assert of(found(field=key)) == key
    assert of(found(before.encode() + quoted(key) + after.encode())) == key
    assert of(found(quoted(key), field=key)) == of(found(quoted(key), quoted(key))) == key
    if not key.startswith('"'):
        assert of(found(key.encode())) == of(found(key.encode(), quoted(key))) == key


@given(one=keys, other=keys)
def test_two_keys_are_none(one: str, other: str) -> None:
    if one == other:
        return
    for in_header, field in (((quoted(one),), other), ((quoted(one), quoted(other)), None)):
        with pytest.raises(InvalidParameter, match="given twice"):
            found(*in_header, field=field)


@given(st.binary(max_size=300))
def test_any_other_header_is_refused(value: bytes) -> None:
    """Where it is taken, it is what it says, or that in quotes."""
    try:
        key = of(found(value))
    except InvalidParameter:
        return
    assert key is not None
    assert set(key) <= set(VISIBLE)
    assert 1 <= len(key) <= 255
    assert value.strip(b" \t") in {key.encode(), quoted(key)}


@pytest.mark.parametrize(
    "value",
    [b"", b" ", b'"', b'""', b'"a', b'"a"b', b'"a";b=1', b'"a\\b"', b"a b", b'"a b"', b"\xc3\xa4", b"a" * 256],
)  # fmt: skip
def test_what_is_no_key(value: bytes) -> None:
    with pytest.raises(InvalidParameter, match="Idempotency-Key"):
        found(value)


def test_without_a_key_there_is_none() -> None:
    assert found() is None
    assert found(idempotency_key=None) is None


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
bodies = st.dictionaries(st.sampled_from(["dml", "env", "params", "database_id"]), values)


def fingerprint(verb: str, body: dict[str, Any], **key: Any) -> bytes:
    named = found(verb=verb, **body, **key) if key else found(b"k", verb=verb, **body)
    assert named is not None
    return named.fingerprint


@given(bodies, bodies)
def test_a_fingerprint_is_of_what_was_said(one: dict[str, Any], other: dict[str, Any]) -> None:
    anew = dict(reversed(list(json.loads(json.dumps(one)).items())))
    assert fingerprint("exec_dml", one) == fingerprint("exec_dml", anew)
    assert fingerprint("exec_dml", one) == fingerprint("exec_dml", one, field="another key")
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (fingerprint("exec_dml", one) == fingerprint("exec_dml", other)) == same
    assert fingerprint("exec_ddl", one) != fingerprint("exec_dml", one)


def test_a_body_without_end_has_no_fingerprint() -> None:
    deep: list[object] = []
    for _ in range(300):
        deep = [deep]
    assert found(params=deep) is None
    with pytest.raises(InvalidParameter, match="nested"):
        found(b"k", params=deep)
