"""The rule of platform, uid and space, for every combination of owner, space and caller."""

from dataclasses import dataclass
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ownership import Caller, RowOwner, authorised
from exceptions.errors import DatabaseNotFound, DatabaseNotReady, SpaceNotFound


@dataclass(frozen=True)
class Owned:
    uid: str
    space_id: str | None
    is_ready: bool = True
    platform_id: int = 1
    shared_with: frozenset[int] = frozenset()


DATABASES = [
    Owned("alice", space_id, platform_id=1, shared_with=shared_with)
    for space_id in (None, "77")
    for shared_with in (frozenset[int](), frozenset({2}))
]
CALLERS = [Caller(*each) for each in product(("alice", "bob"), (None, "77", "78"), (1, 2, 3))]
ALLOWED = {
    (
        Owned("alice", space_id, shared_with=shared_with),
        Caller(uid, named_space, platform_id),
    )
    for space_id, uid, named_space in (
        (None, "alice", None),
        ("77", "alice", None),
        ("77", "alice", "77"),
        ("77", "bob", "77"),
    )
    for shared_with in (frozenset[int](), frozenset({2}))
    for platform_id in {1} | shared_with
}


@pytest.mark.parametrize(("database", "caller"), list(product(DATABASES, CALLERS)), ids=str)
def test_who_may(database: Owned, caller: Caller) -> None:
    if (database, caller) in ALLOWED:
        assert authorised(database, caller) is database
    else:
        with pytest.raises((DatabaseNotFound, SpaceNotFound)) as foreign:
            authorised(database, caller)
        with pytest.raises(type(foreign.value)) as missing:
            authorised(None, caller)
        assert str(missing.value) == str(foreign.value)


@pytest.mark.parametrize("caller", CALLERS, ids=str)
def test_what_is_not_ready_is_told_only_to_those_who_may(caller: Caller) -> None:
    database = Owned("alice", "77", is_ready=False)
    may = (Owned("alice", "77"), caller) in ALLOWED
    with pytest.raises(DatabaseNotReady if may else (DatabaseNotFound, SpaceNotFound)):
        authorised(database, caller)


@pytest.mark.parametrize("caller", CALLERS, ids=str)
def test_naming_a_space_asks_for_the_space(caller: Caller) -> None:
    with pytest.raises(SpaceNotFound if caller.space_id else DatabaseNotFound):
        authorised(None, caller)


NAMES = st.text(max_size=20).filter(lambda text: ":" not in text)


@given(uid=NAMES.filter(bool), app_id=NAMES)
def test_the_uid_ends_the_stamp(uid: str, app_id: str) -> None:
    """Clients in the field show what is behind the last colon."""
    stamp = RowOwner(uid=uid, app_id=app_id).stamp
    assert stamp.split(":")[-1] == uid
    assert stamp.count(":") == bool(app_id)


@given(NAMES.filter(bool), NAMES, NAMES.filter(bool), NAMES)
def test_no_two_owners_share_a_stamp(uid: str, app_id: str, other: str, other_app: str) -> None:
    mine, theirs = RowOwner(uid, app_id), RowOwner(other, other_app)
    assert (mine.stamp == theirs.stamp) == (mine == theirs)
