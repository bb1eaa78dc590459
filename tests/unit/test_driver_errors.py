"""SQLSTATE → what the caller is told; the ones that no test can provoke are here, too."""

import asyncpg
import pytest
from sqlalchemy.exc import DisconnectionError, EmulatedDBAPIException
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from domain.gate import DmlStatement, admit_dml
from exceptions.errors import (
    DatabaseBusy,
    DatabaseNameTaken,
    DatabaseOperationFailed,
    DdlFailed,
    DmlFailed,
    ModifyFailed,
    NoAuthority,
    ServerError,
    ServiceUnavailable,
    StatementTimeout,
    TwinbaseError,
)
from repository.driver_errors import Place, translated

MEANINGS: dict[str, type[TwinbaseError]] = {
    "08006": ServiceUnavailable,  # connection_failure
    "22012": DmlFailed,  # division_by_zero
    "23505": DmlFailed,  # unique_violation
    "40001": DatabaseBusy,  # serialization_failure
    "40P01": DatabaseBusy,  # deadlock_detected
    "42501": NoAuthority,  # insufficient_privilege
    "42601": DmlFailed,  # syntax_error
    "42P01": NoAuthority,  # undefined_table
    "53100": ServiceUnavailable,  # disk_full
    "53200": DmlFailed,  # out_of_memory, of locks too: the same again would mostly fail again
    "53300": ServiceUnavailable,  # too_many_connections
    "53400": DmlFailed,  # configuration_limit_exceeded
    "54001": DmlFailed,  # statement_too_complex
    "55P03": DatabaseBusy,  # lock_not_available
    "57014": StatementTimeout,  # query_canceled
    "57P01": ServiceUnavailable,  # admin_shutdown
    "57P03": ServiceUnavailable,  # cannot_connect_now
    "25006": ServiceUnavailable,  # read_only_sql_transaction
    "58030": ServerError,  # io_error
    "XX000": DmlFailed,  # internal_error
    "XX001": ServerError,  # data_corrupted
}


def driver_error(sqlstate: str, message: str = "said", **fields: str) -> asyncpg.PostgresError:
    letters = {"detail": "D", "hint": "H", "position": "P", "schema": "s", "constraint": "n"}
    told = {letters[name]: value for name, value in fields.items()}
    error = asyncpg.PostgresError.new({"C": sqlstate, "M": message, "S": "ERROR"} | told)
    assert isinstance(error, asyncpg.PostgresError)
    return error


def told(
    error: Exception,
    otherwise: type[TwinbaseError] = DmlFailed,
    place: Place[DmlStatement] | None = None,
) -> TwinbaseError:
    with pytest.raises(TwinbaseError) as raised, translated(otherwise, place):
        raise error
    assert raised.value.__cause__ is error
    return raised.value


@pytest.mark.parametrize("sqlstate", MEANINGS)
def test_meaning(sqlstate: str) -> None:
    assert type(told(driver_error(sqlstate))) is MEANINGS[sqlstate]


FOR_GOOD = {"22012", "23505", "42501", "42601", "42P01", "54001"}


@pytest.mark.parametrize("sqlstate", MEANINGS)
def test_which_may_pass(sqlstate: str) -> None:
    """No answer is kept that another try would not meet again."""
    assert told(driver_error(sqlstate)).is_passing == (sqlstate not in FOR_GOOD)
    assert not told(driver_error("22012")).is_passing


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        PoolTimeoutError(),
        DisconnectionError(),
        asyncpg.InternalClientError("another operation is in progress"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_unreachable(error: Exception) -> None:
    assert type(told(error)) is ServiceUnavailable


@pytest.mark.parametrize("sqlstate", ["28P01", "XX000", "42501", "3D000"])
def test_what_ends_a_session_is_no_callers_statement(sqlstate: str) -> None:
    """A password that was changed past the service, a server that dies."""
    error = asyncpg.PostgresError.new({"C": sqlstate, "M": "said", "S": "FATALE", "V": "FATAL"})
    with pytest.raises(TwinbaseError) as caught, translated(DmlFailed):
        raise error
    assert type(caught.value) is ServiceUnavailable


def test_a_pool_that_cannot_connect() -> None:
    """What asyncpg says of it has become the cause of an error of SQLAlchemy's."""
    with pytest.raises(ServiceUnavailable), translated():
        raise EmulatedDBAPIException("") from asyncpg.CannotConnectNowError()
    with pytest.raises(ServiceUnavailable), translated():
        raise EmulatedDBAPIException("") from ConnectionResetError()


def test_errors_of_postgresql_itself_are_not_repeated() -> None:
    for sqlstate in ("XX000", "58030", "53100", "57P01", "42501"):
        message = told(driver_error(sqlstate, "could not read /var/lib/secret")).message
        assert "secret" not in message, sqlstate


def test_what_the_service_is_denied_is_no_callers_fault() -> None:
    """Nor kept as the answer: it passes when the right is given back."""
    for otherwise in (DatabaseOperationFailed, ModifyFailed):
        ours = told(driver_error("42501"), otherwise)
        assert (type(ours), ours.is_passing) == (ServerError, True)
        assert "doctor" in ours.message


def test_the_name_of_a_database_is_known_by_its_constraint() -> None:
    taken = {"constraint": "database_meta_uid_name_space_id"}
    ours = driver_error("23505", schema="twinbase", **taken)
    assert type(told(ours)) is DatabaseNameTaken
    tenants = driver_error("23505", schema="test_1", **taken)
    assert type(told(tenants)) is DmlFailed


def test_place() -> None:
    """Of the SQL as it was sent, whatever the service put before the statement."""
    sql = "SELECT 0;\nSELECT 1,\n  '中', nope"
    _, statement = admit_dml(sql, "prod_1")
    for before in ("", "EXPLAIN "):
        place = Place(statement, 2, before=len(before))
        position = f"{before}{statement.text}".index("nope") + 1
        error = driver_error("42703", "said", position=str(position), hint="Perhaps.")
        ours = told(error, DmlFailed, place)
        ours.locate(sql)
        assert ours.message == "said (statement 2, line 3, column 8, SQLSTATE 42703). Perhaps."
    ours = told(driver_error("22012", "said"), DmlFailed, place)
    ours.locate(sql)
    assert ours.message == "said (statement 2, SQLSTATE 22012)."


def test_a_place_behind_the_end_is_the_end() -> None:
    """PostgreSQL counts what the service put behind the statement, too."""
    (statement,) = admit_dml("SELECT 1", "prod_1")
    ours = told(driver_error("42601", position="99"), DmlFailed, Place(statement, 1))
    ours.locate("SELECT 1")
    assert "line 1, column 9" in ours.message


def test_details_of_rows_are_for_those_who_may_see_them() -> None:
    """In DDL PostgreSQL sees the rows of every owner."""
    key = driver_error("23505", detail="Key (email)=(a@b) already exists.")
    assert told(key, DmlFailed).message == (
        "said (SQLSTATE 23505). Key (email)=(a@b) already exists."
    )
    assert told(key, DdlFailed).message == "said (SQLSTATE 23505)."
    row = driver_error("23514", detail="Failing row contains (1, secret).")
    assert told(row, DmlFailed).message == "said (SQLSTATE 23514)."


def test_long_messages_are_cut() -> None:
    assert len(told(driver_error("22P02", "x" * 10**6)).message) < 600
