"""The attacks, as tables: name, SQL, and what PostgreSQL alone makes of it.

Each is run three times: as shipped (``test_attacks_as_shipped``), without the gate
(``test_server_line`` and ``test_server_line_ddl``), and without row security and rights
(``test_gate_line``).

    disguises · names · queries · writes · functions · catalogs · statements · side_channels
                          what exec_dml is sent
    definitions · guards  what exec_ddl is sent
"""

from tests.attacks import (
    catalogs,
    definitions,
    disguises,
    functions,
    guards,
    names,
    queries,
    side_channels,
    statements,
    writes,
)
from tests.attacks.attack import Attack, Attacks, Effect, Outcome

DML_TABLES: dict[str, Attacks] = {
    "disguise": disguises.DISGUISES,
    "query": queries.QUERIES,
    "name": names.NAMED_OTHERWISE,
    "colleague": queries.COLLEAGUES,
    "change": writes.CHANGES,
    "change by": writes.TAKEN_ALONG,
    "books": writes.BOOKS,
    "owner": writes.OWNERSHIP,
    "call": functions.CALLS,
    "text": names.NAMES_IN_TEXTS,
    "server": functions.OF_THE_SERVER,
    "catalog": catalogs.CATALOGS,
    "who one is": statements.WHO_ONE_IS,
    "transaction": statements.TRANSACTIONS,
    "left behind": statements.LEFT_BEHIND,
    "statement": statements.OTHER_STATEMENTS,
    "command": statements.COMMANDS,
    "error": side_channels.ERRORS,
    "guess": side_channels.GUESSES,
    "key": side_channels.KEYS,
    "estimate": side_channels.ESTIMATES,
}

DDL_TABLES: dict[str, Attacks] = {
    "create": definitions.CREATED,
    "alter": definitions.CHANGED,
    "no definition": definitions.NOT_DEFINITIONS,
    "command": guards.COMMANDS,
    "guard": guards.GUARDS,
    "name": guards.NAMES,
}


def all_of(tables: dict[str, Attacks]) -> Attacks:
    """One table, whose names begin with the name of the table that they are from."""
    return {
        f"{kind}: {name}": attack
        for kind, table in tables.items()
        for name, attack in table.items()
    }


DML: Attacks = all_of(DML_TABLES)
DDL: Attacks = all_of(DDL_TABLES)
# What exec_ddl has no business with; a command may be good DDL.
NO_DEFINITIONS: Attacks = all_of(
    {kind: table for kind, table in DML_TABLES.items() if kind != "command"}
)

__all__ = [
    "DDL",
    "DDL_TABLES",
    "DML",
    "DML_TABLES",
    "NO_DEFINITIONS",
    "Attack",
    "Attacks",
    "Effect",
    "Outcome",
    "all_of",
]
