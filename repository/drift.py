"""Whether what is in tenants' schemas is as settling leaves it: what ``doctor`` tells of tables.

What a table must be ``settling`` knows, and its own query and conditions are asked here; what its
names promise (policies, trigger, rights) is compared with what guarding makes (``pattern``).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from asyncpg import Connection, Record

from domain.consistency import DriftSlice, Finding, FindingKind
from domain.identifiers import Identifier
from repository.driver_errors import translated
from repository.managed_columns import are_managed, facts_of
from repository.pattern import Pattern, pattern
from repository.queries import queries
from repository.settling import has_marks

_SQL = queries("drift")
_RIGHTS, _RIGHTS_OF_SCHEMAS = (
    "\n".join((_SQL[those], _SQL["compared"]))
    for those in ("rights_of_relations", "rights_of_schemas")
)

TABLE, VIEW, SEQUENCE = "r", "v", "S"
_POLICIES = ("twinbase_rows", "twinbase_all_rows")


@dataclass(frozen=True, slots=True)
class Drifted:
    """A finding, and the relation that it is of; None: the schema itself."""

    finding: Finding
    schema: str
    oid: int | None


async def drift_slice(driver: Connection, after_id: int, most: int) -> DriftSlice:
    """Within a transaction, of which nothing is to be committed."""
    with translated():
        schemas = await driver.fetch(_SQL["schemas"], after_id, most)
        if not schemas:
            return DriftSlice((), 0, 0, None)
        there = [row for row in schemas if row["oid"] is not None]
        look = _Look(driver, there, await pattern(driver))
        drifted = await look.drifted()
    ids = sorted({row["id"] for row in schemas})
    findings = tuple(each.finding for each in drifted)
    return DriftSlice(findings, len(ids), look.tables, ids[-1] if len(ids) == most else None)


async def drift_of(driver: Connection, database_id: int) -> list[Drifted]:
    schemas = await driver.fetch(_SQL["schemas_of_one"], database_id)
    return await _Look(driver, schemas, await pattern(driver)).drifted()


class _Look:
    """At some schemas at once; queries by ``oid``, names only for what is told."""

    def __init__(self, driver: Connection, schemas: Sequence[Record], wanted: Pattern) -> None:
        self._driver = driver
        self._schemas = {row["oid"]: row for row in schemas}
        self._wanted = wanted
        self._schema_of: dict[int, Record] = {}
        self._found: list[tuple[FindingKind, int, str | None, str | None]] = []
        self.tables = 0

    async def drifted(self) -> list[Drifted]:
        relations = await self._driver.fetch(_SQL["relations"], list(self._schemas))
        self._schema_of = {row["oid"]: self._schemas[row["schema"]] for row in relations}
        kinds = {row["oid"]: row["kind"] for row in relations}
        tables = [oid for oid, kind in kinds.items() if kind == TABLE]
        self.tables = len(tables)
        strangers = await self._owners(list(kinds))
        guarded = await self._facts(tables, strangers)
        others = [oid for oid, kind in kinds.items() if kind != TABLE and oid not in strangers]
        await self._policies(guarded)
        await self._stamps(guarded)
        await self._rights([*guarded, *others])
        for row in await self._driver.fetch(_SQL["views"], others):
            self._tell(FindingKind.UNGUARDED_VIEW, row["oid"])
        for row in await self._driver.fetch(_SQL["open"], list(self._schemas), guarded):
            self._schema_of[row["oid"]] = self._schemas[row["schema"]]
            self._tell(FindingKind.OPEN_RELATION, row["oid"], row["kind"])
        return await self._named() + await self._rights_of_schemas()

    def _tell(
        self, kind: FindingKind, oid: int, detail: str | None = None, more: str | None = None
    ) -> None:
        self._found.append((kind, oid, detail, more))

    async def _owners(self, relations: list[int]) -> Mapping[int, Record]:
        """Of those that are not the service's. What has no mark of ours may be an operator's."""
        found = await self._driver.fetch(_SQL["owners"], relations)
        return {row["oid"]: row for row in found}

    async def _facts(self, tables: list[int], strangers: Mapping[int, Record]) -> list[int]:
        """Tells what settling would; which tables are tenants'."""
        guarded = []
        for facts in await facts_of(self._driver, tables):
            oid = facts["oid"]
            if not has_marks(facts) and not facts["has_row_security"]:
                if facts["is_owned"]:
                    self._tell(FindingKind.UNSETTLED_TABLE, oid)
                continue
            if oid in strangers and not (facts["has_policies"] or facts["has_trigger"]):
                continue  # rights and row security are what an operator's own may have, too
            guarded.append(oid)
            if not facts["has_row_security"]:
                self._tell(
                    FindingKind.NO_ROW_SECURITY, oid, "does not keep rows apart by row security"
                )
            if not facts["has_trigger"]:
                self._tell(FindingKind.NO_STAMP, oid, "trigger twinbase_stamp is missing or off")
            if not are_managed(facts):
                self._tell(FindingKind.UNMANAGED_COLUMN, oid, _unmanaged(facts))
            if oid in strangers:
                self._tell(FindingKind.WRONG_OWNER, oid, strangers[oid]["owner"])
        await self._missing_policies(guarded)
        return guarded

    async def _missing_policies(self, tables: list[int]) -> None:
        found = await self._driver.fetch(_SQL["policies_there"], tables)
        there = {row["oid"]: set(row["names"]) for row in found}
        for oid in tables:
            missing = [name for name in _POLICIES if name not in there.get(oid, ())]
            if missing:
                self._tell(FindingKind.WRONG_POLICY, oid, f"no policy {' nor '.join(missing)}")

    async def _policies(self, tables: list[int]) -> None:
        all_rows, own_rows = self._wanted.trees
        constants = [self._wanted.constant(row["name"]) for row in self._schemas.values()]
        found = await self._driver.fetch(
            _SQL["policies"], tables, list(self._schemas), constants, own_rows, all_rows
        )
        ours = [row["policy"] for row in found if row["is_ours"]]
        texts = await self._driver.fetch(_SQL["policy_texts"], ours) if ours else []
        text_of = {row["oid"]: (row["text"], row["check_text"]) for row in texts}
        for row in found:
            oid, name = row["oid"], row["name"]
            if not row["is_ours"]:
                self._tell(FindingKind.EXTRA_POLICY, oid, name, "DROP POLICY {name} ON {subject}")
                continue
            wanted = self._wanted.text(name, self._schema_of[oid]["name"])
            if not row["is_for_ours"] or text_of.get(row["policy"]) != (wanted, wanted):
                self._tell(FindingKind.WRONG_POLICY, oid, f"policy {name} says other than it must")

    async def _stamps(self, tables: list[int]) -> None:
        for row in await self._driver.fetch(_SQL["stamps"], tables):
            self._tell(
                FindingKind.NO_STAMP, row["oid"], "trigger twinbase_stamp does something else"
            )

    async def _rights(self, relations: list[int]) -> None:
        rows = await self._driver.fetch(_RIGHTS, relations, self._wanted.rights)
        for row in rows:
            kind = FindingKind.MISSING_RIGHT if row["is_missing"] else FindingKind.EXTRA_RIGHT
            self._tell(kind, row["oid"], row["rights"])

    async def _rights_of_schemas(self) -> list[Drifted]:
        found = []
        for row in await self._driver.fetch(_RIGHTS_OF_SCHEMAS, list(self._schemas)):
            kind = FindingKind.MISSING_RIGHT if row["is_missing"] else FindingKind.EXTRA_RIGHT
            schema = self._schemas[row["oid"]]
            subject = f"schema {schema['name']}"
            finding = Finding(kind, subject, schema["id"], detail=row["rights"])
            found.append(Drifted(finding, schema["name"], None))
        return found

    async def _named(self) -> list[Drifted]:
        oids = sorted({oid for _, oid, _, _ in self._found})
        rows = await self._driver.fetch(_SQL["relation_named"], oids) if oids else []
        names = {row["oid"]: row for row in rows}
        return [
            Drifted(
                _finding(kind, names[oid], self._schema_of[oid]["id"], detail, remedy),
                names[oid]["schema"],
                oid,
            )
            for kind, oid, detail, remedy in self._found
            if oid in names
        ]


def _finding(
    kind: FindingKind, named: Record, database_id: int, detail: str | None, remedy: str | None
) -> Finding:
    subject = named["subject"]
    if kind is FindingKind.WRONG_OWNER:
        remedy = f"ALTER TABLE {subject} OWNER TO twinbase_owner"
    elif kind is FindingKind.OPEN_RELATION:
        remedy = (
            f"REVOKE ALL ON {subject} FROM"
            " PUBLIC, twinbase_ddl, twinbase_dml, twinbase_space, twinbase_reader"
        )
    elif remedy is not None:
        remedy = remedy.format(name=Identifier(detail or ""), subject=subject)
    return Finding(kind, subject, database_id, detail=detail, remedy=remedy)


def _unmanaged(facts: Record) -> str:
    """Which of what ``are_managed`` asks is not so."""
    asked: Iterable[tuple[str, bool]] = (
        ("column id is not there", facts["id_type"] is not None),
        ("column id is not of type bigint", facts["id_type"] in {"bigint", None}),
        ("column id may be NULL or has a default of its own", bool(facts["id_is_plain"])),
        ("column id has no unique index", bool(facts["id_is_unique"])),
        ("column uid is not there", facts["uid_type"] is not None),
        ("column uid may be NULL or has a default of its own", bool(facts["uid_is_plain"])),
        ("column uid has no index", bool(facts["uid_is_indexed"])),
    )
    wrong = [what for what, is_so in asked if not is_so]
    return "; ".join(wrong) or "column uid is not a varchar without a length"
