"""Types: pg_catalog's that are listed, and the tenant's own, by names that cannot be others'.

A name without a schema means pg_catalog's type before anything else. So it is the tenant's
for certain only if no PostgreSQL has a type called so, and no tenant may make one that is.
A tenant's own types are enums, domains, and the row types of tables and views.
"""

from collections.abc import Iterable, Sequence
from functools import cache

from postgast import pg_query_pb2 as tree

from domain.gate.inspection import Inspection
from domain.gate.names import NOTHING, in_pg_catalog, strings_in
from domain.gate.vocabulary import SERIAL_TYPES, SYSTEM_PREFIX, catalog_type_names, type_names

# What PostgreSQL calls the arrays of a type.
_ARRAY_PREFIX = "_"

DOMAIN_FORMS = frozenset("TNOCXV")  # default, NULL, NOT NULL; add, drop, validate a constraint


def check_type(type_name: tree.TypeName, inspection: Inspection) -> Iterable[tree.Node]:
    names = strings_in(type_name.names, inspection)
    if in_pg_catalog(names) in inspection.rules.types:
        return NOTHING
    name = own_type(names, inspection)
    if name is None:
        raise inspection.refused(f"type {'.'.join(names)} is not allowed")
    inspection.relations.add(name)
    return NOTHING


def own_type(names: Sequence[str], inspection: Inspection) -> str | None:
    """The bare name, if it can be nothing but a type of the tenant's."""
    match names:
        case [name]:
            pass
        case [schema, name] if schema == inspection.rules.schema_name:
            pass
        case _:
            return None
    return name if _may_be_own(name) else None


def _may_be_own(name: str) -> bool:
    return name not in _taken_names() and not name.startswith((SYSTEM_PREFIX, _ARRAY_PREFIX))


@cache
def _taken_names() -> frozenset[str]:
    return type_names() | catalog_type_names() | SERIAL_TYPES


def check_new_name(name: str, inspection: Inspection) -> None:
    if name.startswith(SYSTEM_PREFIX):
        raise inspection.foreign([name])
    if not _may_be_own(name):
        raise inspection.refused(
            f'"{name}" cannot name a type of your own: PostgreSQL has a type called so, or'
            f" keeps names with {_ARRAY_PREFIX} in front for arrays",
        )


def _new_type(names: Iterable[tree.Node], inspection: Inspection) -> None:
    match strings_in(names, inspection):
        case [name]:
            check_new_name(name, inspection)
            inspection.relations.add(name)
        case parts:
            raise inspection.foreign(parts)


def check_own_type(names: Iterable[tree.Node], inspection: Inspection) -> None:
    """A type that a statement changes, comments or drops."""
    parts = strings_in(names, inspection)
    name = own_type(parts, inspection)
    if name is None:
        listed = in_pg_catalog(parts)
        if listed is None or listed.startswith(SYSTEM_PREFIX):
            raise inspection.foreign(parts)
        raise inspection.refused(f"type {listed} is PostgreSQL's own, not yours to change")
    inspection.relations.add(name)


def check_enum(create: tree.CreateEnumStmt, inspection: Inspection) -> Iterable[tree.Node]:
    _new_type(create.type_name, inspection)
    return NOTHING


def check_altered_enum(alter: tree.AlterEnumStmt, inspection: Inspection) -> Iterable[tree.Node]:
    check_own_type(alter.type_name, inspection)
    return NOTHING


def check_domain(create: tree.CreateDomainStmt, inspection: Inspection) -> Iterable[tree.Node]:
    _new_type(create.domainname, inspection)
    return NOTHING


def check_altered_domain(
    alter: tree.AlterDomainStmt, inspection: Inspection
) -> Iterable[tree.Node]:
    if alter.subtype not in DOMAIN_FORMS:
        raise inspection.refused("This form of ALTER DOMAIN is not allowed")
    check_own_type(alter.type_name, inspection)
    return NOTHING
