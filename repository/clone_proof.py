"""That a copy is what its source is: the objects of both, their rows, and that it stands alone."""

from collections.abc import Sequence

from asyncpg import Connection, Record

from domain.copies import Verify
from domain.identifiers import Identifier
from domain.schema import Environment
from exceptions.errors import CloneNotPossible, ServerError
from repository.definitions import Definitions, addresses_in, traits_in
from repository.extent import Extent
from repository.known_statements import fetch
from repository.obstacles import listed, open_source, stands_alone
from repository.queries import queries
from repository.settling import facts_of_schemas, unsettled
from repository.stages import Stages

_SQL = queries("clone")


async def tallies_of(
    stages: Stages, source: Extent, copy: Identifier, verify: Verify
) -> list[Record]:
    """Of each table of the copy, how many rows there are; and that they are the source's."""
    with_checksums = verify is Verify.CHECKSUMS
    relations = source.members.relations if source.members else None
    async with stages.on_source() as driver:
        of_source = await fetch(
            driver, _SQL["tallies"], source.schema.name, with_checksums, relations
        )
    async with stages.on_copy(copy) as driver:
        of_copy = await fetch(driver, _SQL["tallies"], copy.name, with_checksums, None)
    expected: list[Record] = []
    found: list[Record] = []
    for batch in stages.batches(of_source):
        async with stages.on_source() as driver:
            expected += await _tally(driver, source.schema, batch)
    for batch in stages.batches(of_copy):
        async with stages.on_copy(copy) as driver:
            found += await _tally(driver, copy, batch)
    different = sorted({tally["name"] for tally in set(expected) ^ set(found)})
    if different:
        raise CloneNotPossible(
            "Nothing was copied. The rows of the copy would differ from its source's in "
            + listed(different, separator=", ")
        )
    return found


async def _tally(
    driver: Connection, schema: Identifier, of_tables: Sequence[Record]
) -> list[Record]:
    """With the schema on search_path, so that names of objects among the values read the same."""
    await open_source(driver, schema)
    return await driver.fetch(" UNION ALL ".join(table["query"] for table in of_tables))


async def compare(
    driver: Connection, environment: Environment, copy: Identifier, original: Definitions
) -> None:
    """That each object of the source is there again, as it was, and no other one."""
    await open_source(driver, copy)
    different = sorted(await addresses_in(driver, copy) ^ original.addresses)
    different += sorted(await traits_in(driver, copy) ^ original.traits)
    if different:
        raise CloneNotPossible(
            f"Nothing was copied. {environment}: the copy and its source would differ in "
            + listed(different)
        )


async def check(driver: Connection, copy: Identifier, unsettled_before: int) -> None:
    """What was made is whole: as many tables are settled, and nothing rests on another's."""
    await driver.execute(_SQL["leave_copy"])
    if len(unsettled(await facts_of_schemas(driver, [copy]))) != unsettled_before:
        raise ServerError
    if not await stands_alone(driver, copy):
        raise CloneNotPossible(
            "Nothing was copied. Something in the copy would rest on its source, perhaps"
            " because it bears a name that is PostgreSQL's own, too."
        )
