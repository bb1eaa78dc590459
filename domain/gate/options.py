"""Options in WITH (…), SET (…) and of sequences: which there are, and what may be their values.

None of those allowed takes a name. Absent: what belongs to the server rather than to a
table (freezing, the pace and the log of autovacuum), user_catalog_table, and toast.*.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from postgast import pg_query_pb2 as tree

from domain.gate.inspection import Inspection
from domain.gate.names import NOTHING, strings_in

# The words that an option takes beside a number, which every one may have.
Words = frozenset[str]
Options = Mapping[str, Words]

NUMBER: Final[Words] = frozenset()
BOOLEAN: Final[Words] = frozenset({"true", "false", "on", "off"})
TRUE: Final[Words] = frozenset({"true", "on"})
AUTO: Final[Words] = BOOLEAN | {"auto"}

TABLE_OPTIONS: Options = {
    "fillfactor": NUMBER,
    "toast_tuple_target": NUMBER,
    "parallel_workers": NUMBER,
    "vacuum_truncate": BOOLEAN,
    "autovacuum_enabled": BOOLEAN,
    "autovacuum_vacuum_threshold": NUMBER,
    "autovacuum_vacuum_max_threshold": NUMBER,
    "autovacuum_vacuum_scale_factor": NUMBER,
    "autovacuum_vacuum_insert_threshold": NUMBER,
    "autovacuum_vacuum_insert_scale_factor": NUMBER,
    "autovacuum_analyze_threshold": NUMBER,
    "autovacuum_analyze_scale_factor": NUMBER,
}

INDEX_OPTIONS: Options = {
    "fillfactor": NUMBER,
    "deduplicate_items": BOOLEAN,
    "fastupdate": BOOLEAN,
    "gin_pending_list_limit": NUMBER,
    "buffering": AUTO,
    "pages_per_range": NUMBER,
    "autosummarize": BOOLEAN,
}

COLUMN_OPTIONS: Options = {"n_distinct": NUMBER, "n_distinct_inherited": NUMBER}

# A view sees rows as whoever asks, so that row security holds.
VIEW_OPTIONS: Options = {"security_invoker": TRUE, "security_barrier": BOOLEAN}

# OWNED BY and AS are in sequences.py; SEQUENCE NAME and LOGGED are nowhere.
SEQUENCE_OPTIONS: Options = dict.fromkeys(
    ("start", "restart", "increment", "minvalue", "maxvalue", "cache", "cycle"),
    NUMBER,
)
IDENTITY_OPTIONS: Options = {**SEQUENCE_OPTIONS, "generated": NUMBER}

_PARTS_OF_WORD = {"names", "typemod", "location"}

STORAGE_WORDS = frozenset({"plain", "external", "extended", "main", "default"})
COMPRESSION_WORDS = frozenset({"pglz", "lz4", "default"})


def check_options(
    options: Iterable[tree.Node],
    allowed: Options,
    inspection: Inspection,
) -> Iterable[tree.Node]:
    for node in options:
        check_option(node.def_elem, allowed, inspection)
    return NOTHING


def check_option(option: tree.DefElem, allowed: Options, inspection: Inspection) -> None:
    words = allowed.get(option.defname)
    if words is None or option.defnamespace:
        raise inspection.refused(
            f"option {option.defname} is not allowed here:"
            f" allowed are {', '.join(sorted(allowed))}, with a number or a word",
        )
    if not _is_allowed(option.arg, words, inspection):
        values = "on or true only" if words == TRUE else ", ".join(["a number", *sorted(words)])
        raise inspection.refused(f"option {option.defname} takes {values}")


def _is_allowed(value: tree.Node, words: Words, inspection: Inspection) -> bool:
    match value.WhichOneof("node"):
        case None:  # it means true, or NO … of a sequence
            allowed = True
        case "boolean":
            allowed = words != TRUE or value.boolean.boolval
        case "integer":
            allowed = words != TRUE or value.integer.ival == 1
        case "float":
            allowed = words == NUMBER
        case "string":
            allowed = value.string.sval.lower() in words
        case "type_name":  # a word that is no keyword
            parts = {field.name for field, _ in value.type_name.ListFields()}
            names = strings_in(value.type_name.names, inspection)
            allowed = words.issuperset(names) and parts <= _PARTS_OF_WORD
        case _:
            allowed = False
    return allowed


def check_word(noun: str, word: str, allowed: Words, inspection: Inspection) -> None:
    if word.lower() not in allowed:
        raise inspection.refused(
            f"{noun} {word} is not allowed: there are {', '.join(sorted(allowed))}",
        )
