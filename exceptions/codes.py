"""The numbers of the envelope, once.

Numbers that existed in the contract keep their meaning for ever; a new meaning
takes a free number beside its relatives. 25100, 25200 and 25300 belong to file
upload and stay reserved for it.
"""

from enum import IntEnum


class ErrorCode(IntEnum):
    SUCCESS = 0

    INVALID_PARAMETER = 25000
    UNKNOWN_PATH = 25001
    METHOD_NOT_ALLOWED = 25002
    BODY_TOO_LARGE = 25003
    UNSUPPORTED_MEDIA_TYPE = 25004

    DATABASE_OPERATION_FAILED = 25010
    CREATE_FAILED = 25011
    DROP_FAILED = 25012
    DATABASE_NOT_FOUND = 25013
    MODIFY_FAILED = 25014
    SPACE_NOT_FOUND = 25015
    CLONE_NOT_POSSIBLE = 25016
    DATABASE_BUSY = 25017
    TOO_MANY_STATEMENTS = 25018

    NO_AUTHORITY = 25020
    NO_SCHEMA = 25021

    SQL_PARSE_FAILED = 25030
    STATEMENT_TIMEOUT = 25031
    STATEMENT_CANCELLED = 25032
    STATEMENT_NOT_FOUND = 25033

    DDL_NOT_ALLOWED = 25040
    DDL_FAILED = 25041

    DML_NOT_ALLOWED = 25050
    DML_FAILED = 25051

    SERVER_ERROR = 25500
    SERVICE_UNAVAILABLE = 25503
