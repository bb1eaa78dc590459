"""The second line of isolation: which SQL of a tenant is run at all (DESIGN §3).

    admission             the two questions, and their answers (statements)
    source · tokens       text to trees; bounds, syntax errors, names that are cut
    normalised            SQL whose literals have become parameters
    placeholders          `:name` and `$n`: which there are, and where
    walk                  goes through a tree: what is not reviewed is refused
    reviewed_statements   the decision for every field of every message type:
                          reviewed_expressions · reviewed_queries · reviewed_definitions
    names · own_types · expressions · sequences · text_search
                          checks of what a field holds, in either verb
    definitions · alterations · objects · options
                          the same, in exec_ddl
    vocabulary            functions.txt, types.txt and other names of pg_catalog
    inspection            what a walk is judged by
    wording · hints       how refusals are said, and what would have been right
    words · word_lists    for hints and docs: names in a text; the lists with their reasons

It stands on these settings of the server's session: standard_conforming_strings on,
client_encoding UTF8, a search_path without foreign schemas in which pg_catalog comes
before the tenant's, and statements run as the texts that are given back, unchanged but
for what is appended.
"""

from domain.gate.admission import admit_ddl, admit_dml, known_verdicts
from domain.gate.normalised import Normalised, Normaliser
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
    "Normalised",
    "Normaliser",
    "Placeholder",
    "RowLimit",
    "admit_ddl",
    "admit_dml",
    "known_verdicts",
]
