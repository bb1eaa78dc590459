"""The names of pg_catalog that tenants' SQL may use, from the text files beside this one."""

from functools import cache
from importlib.resources import files

# Only a column definition may use these, and only exec_ddl has them.
SERIAL_TYPES = frozenset(
    {"smallserial", "serial", "bigserial", "serial2", "serial4", "serial8"},
)

# pg_catalog comes first in every search path, and all its relations start so.
SYSTEM_PREFIX = "pg_"

SAMPLING_METHODS = frozenset({"bernoulli", "system"})

INDEX_METHODS = frozenset({"btree", "hash", "gin", "gist", "spgist", "brin"})

# `(expression).name` and, on a function in FROM, `alias.name` call the function `name`
# when there is no such field: `('SELECT …').ts_stat` runs a SELECT. The names here are
# those of OUT parameters of listed functions, and pg_catalog has no function or type
# called so.
FIELD_NAMES = frozenset({"key", "value", "ordinality", "lexeme", "positions", "weights"})

# A set of single values that one of these gives is a column named as its alias, unless the
# alias names it otherwise. (Of other functions it may be named by an OUT parameter.)
SETS_OF_VALUES = frozenset(
    {
        "generate_series",
        "generate_subscripts",
        "json_object_keys",
        "jsonb_object_keys",
        "jsonb_path_query",
        "regexp_split_to_table",
        "string_to_table",
        "unnest",
    },
)

# `table.name` likewise calls a function that takes any row. Of those, these are neither
# listed nor of the pg_ names, which are refused altogether.
ROW_FUNCTIONS = frozenset(
    {
        "any_out",
        "anycompatible_out",
        "anycompatiblenonarray_out",
        "anyelement_out",
        "anynonarray_out",
        "hash_record",
        "record_out",
        "record_send",
    },
)

MANAGED_COLUMNS = frozenset({"id", "uid"})


@cache
def function_names() -> frozenset[str]:
    return _names_in("functions.txt")


@cache
def type_names() -> frozenset[str]:
    return _names_in("types.txt")


@cache
def catalog_type_names() -> frozenset[str]:
    """The others of pg_catalog, which nobody may name, nor give to a type of his own."""
    return _names_in("catalog_types.txt")


def _names_in(file_name: str) -> frozenset[str]:
    lines = files(__package__).joinpath(file_name).read_text(encoding="utf-8").splitlines()
    return frozenset(name for line in lines for name in line.partition("#")[0].split())
