"""The second line of isolation: which SQL of a tenant is run at all (DESIGN §3).

    admission             the two questions, and their answers (statements)
    source · tokens       text to trees; offsets, syntax errors, names that are cut
    walk                  goes through a tree: what is not reviewed is refused
    reviewed_statements · reviewed_expressions
                          the decision for every field of every message type
    names · expressions · text_search · definitions · alterations
                          checks of what a field holds
    vocabulary            functions.txt, types.txt and other names of pg_catalog
    inspection · wording  what a walk is judged by; how refusals are said

It stands on four settings of the server's session: standard_conforming_strings on,
client_encoding UTF8, a search_path without foreign schemas, and statements run as the
slices that are given back, unchanged but for what is appended.
"""

from domain.gate.admission import admit_ddl, admit_dml
from domain.gate.statements import (
    DdlKind,
    DdlStatement,
    DmlKind,
    DmlStatement,
    Placeholder,
    RowLimit,
)

__all__ = [
    "DdlKind",
    "DdlStatement",
    "DmlKind",
    "DmlStatement",
    "Placeholder",
    "RowLimit",
    "admit_ddl",
    "admit_dml",
]
