"""Which quota holds, and when a write is within one."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.quota import Limit, Quota, Resource, Subject, limits_of
from domain.storage import FASTEST, LONGEST_TRUST, LOOKED_AT_EVERY, Room, tightest
from domain.usage import Measurement
from exceptions.quotas import QuotaError, QuotaExceeded

PLATFORM = Subject(1)
SPACE = Subject(1, space_id="77")
UID = Subject(1, uid="u1")
WHOSE = Subject(1, "77", "u1")
NUMBERS = st.none() | st.integers(0, 2**40)
BYTES = st.integers(0, 2**40)
RELATIONS = st.dictionaries(st.integers(1, 6), BYTES, max_size=6)


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_the_most_specific_that_is_set_holds(
    uid: int | None, space: int | None, platform: int | None, default: int | None
) -> None:
    given_ = [(UID, uid), (SPACE, space), (PLATFORM, platform), (UID, default)]
    quotas = [
        Quota(subject, {Resource.DATABASES: most})
        for subject, most in given_[:3]
        if most is not None
    ]
    defaults = {} if default is None else {Resource.DATABASES: default}
    limits = limits_of(WHOSE, quotas, defaults)
    expected = next(((most, subject) for subject, most in given_ if most is not None), None)
    found = limits.databases
    assert (None if found is None else (found.most, found.subject)) == expected
    assert limits.bytes is None


def test_each_resource_has_its_own_most_specific() -> None:
    quotas = [
        Quota(UID, {Resource.DATABASES: 1}),
        Quota(PLATFORM, {Resource.DATABASES: 9, Resource.BYTES: 8}),
    ]
    limits = limits_of(WHOSE, quotas, {Resource.OPERATIONS: 7})
    assert limits.databases == Limit(Resource.DATABASES, 1, UID)
    assert limits.bytes == Limit(Resource.BYTES, 8, PLATFORM)
    assert limits.operations == Limit(Resource.OPERATIONS, 7, UID)


def measured(relations: dict[int, int]) -> Measurement:
    return Measurement(1, 1, sum(relations.values()), relations)


def room(most: int, relations: dict[int, int], others: int = 0) -> Room:
    return Room(1, Limit(Resource.BYTES, most, UID), others, measured(relations))


def raises(check: object, *arguments: object) -> bool:
    try:
        check(*arguments)  # type: ignore[operator]
    except QuotaExceeded:
        return True
    return False


@given(BYTES, BYTES, RELATIONS, RELATIONS)
def test_what_is_kept_is_within_or_has_not_grown(
    most: int, others: int, relations: dict[int, int], written: dict[int, int]
) -> None:
    it = room(most, relations, others)
    after = it.measured.bytes_after(written)
    assert after == sum((relations | written).values())
    is_kept = not raises(it.check_after, after)
    assert is_kept == (others + after <= max(most, others) or after <= it.measured.bytes)


@given(BYTES, RELATIONS)
def test_nobody_uses_up_what_is_trusted(most: int, relations: dict[int, int]) -> None:
    it = room(most, relations)
    assert 0 <= it.trusted_for <= LONGEST_TRUST
    if it.trusted_for:
        assert not it.is_near
        assert it.measured.bytes + FASTEST * it.trusted_for <= most + 1
        assert it.left >= FASTEST * LOOKED_AT_EVERY


@given(BYTES, RELATIONS)
def test_what_is_run_at_all_and_what_is_stopped(most: int, relations: dict[int, int]) -> None:
    it = room(most, relations)
    assert it.ceiling >= most
    if it.measured.bytes <= most:
        assert not raises(it.check_before)
    if it.measured.bytes > it.ceiling:
        assert raises(it.check_before)
    assert not raises(it.check_while, measured({1: it.ceiling}))
    assert raises(it.check_while, measured({1: it.ceiling + 1}))


@given(BYTES, RELATIONS)
def test_a_delete_is_kept_while_others_write(most: int, relations: dict[int, int]) -> None:
    it = replace(room(most, relations), only_deletes=True)
    assert not raises(it.check_after, it.ceiling)
    assert raises(it.check_after, it.ceiling + 1)


def test_the_tighter_of_two_quotas() -> None:
    quotas = [Quota(UID, {Resource.BYTES_PER_DATABASE: 100, Resource.BYTES: 150})]
    limits = limits_of(WHOSE, quotas, {})
    assert tightest(1, limits, 0, measured({1: 10})).limit.resource is Resource.BYTES_PER_DATABASE
    of_all = tightest(1, limits, 60, measured({1: 10}))
    assert (of_all.limit.resource, of_all.most, of_all.left) == (Resource.BYTES, 90, 80)
    with pytest.raises(QuotaExceeded) as raised:
        of_all.check_after(91)
    assert raised.value.details == {"resource": "bytes", "limit": 150, "used": 70, "of": "uid"}


def test_what_is_said_helps() -> None:
    """How much was asked for, where that is more than one; to wait, only where that helps."""
    said = {
        (Resource.DATABASES, 2, 2, 1): "Databases: 2 of 2 are used (quota of the uid). Nothing was",
        (Resource.TABLES_PER_DATABASE, 3, 0, 5): "0 of 3 are used, 5 more were asked for (quota",
        (Resource.OPERATIONS, 1, 1, 1): "None was begun. Try again shortly.",
        (Resource.OPERATIONS, 0, 0, 1): "(quota of the uid). None was begun.",
        (Resource.CONCURRENT_STATEMENTS, 0, 0, 1): "(quota of the uid). Nothing was run.",
    }
    for (resource, most, used, added), expected in said.items():
        with pytest.raises(QuotaError) as refused:
            Limit(resource, most, UID).check(used, added)
        assert expected in str(refused.value)
        is_told_to_wait = "Try again" in str(refused.value)
        assert is_told_to_wait == (refused.value.retry_after is not None)


def test_ddl_answers_for_what_it_has_changed() -> None:
    """Table 1 is changed, 2 is written to by others, 3 is dropped, 4 is made."""
    before, after = measured({1: 10, 2: 10, 3: 10}), measured({1: 15, 2: 90, 4: 7})
    assert before.bytes_by(after, {1}) == 15 + 10 + 7
