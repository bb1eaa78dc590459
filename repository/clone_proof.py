"""That a copy is what its source is: the objects of both, their rows, and that it stands alone."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial

from asyncpg import Connection, Record

from domain.copies import Verify
from domain.identifiers import Identifier
from domain.schema import Environment
from exceptions.errors import CloneNotPossible, ServerError
from repository.definitions import Definitions, addresses_in, traits_in
from repository.extent import Extent
from repository.known_statements import fetch
from repository.obstacles import listed, printing, stands_alone
from repository.queries import queries
from repository.settling import facts_of_schema, unsettled
from repository.stages import Stages

_SQL = queries("clone")


async def tallies_of(
    stages: Stages, source: Extent, copy: Identifier, verify: Verify
) -> list[Record]:
    """Of each table of the copy, how many rows there are; and that they are the source's."""
    on_copy = partial(stages.on_copy, copy)
    expected = await _tallies(stages, stages.on_source, source, verify)
    found = await _tallies(stages, on_copy, Extent(copy), verify)
    different = sorted({tally["name"] for tally in set(expected) ^ set(found)})
    if different:
        raise CloneNotPossible(
            "Nothing was copied. The rows of the copy would differ from its source's in "
            + listed(different, separator=", ")
        )
    return found


async def _tallies(
    stages: Stages,
    begin: Callable[[], AbstractAsyncContextManager[Connection]],
    extent: Extent,
    verify: Verify,
) -> list[Record]:
    relations = extent.members.relations if extent.members else None
    found: list[Record] = []
    async with begin() as driver:
        tables = await fetch(
            driver, _SQL["tallies"], extent.schema.name, verify is Verify.CHECKSUMS, relations
        )
        batches = list(stages.batches(tables))
        if batches:
            found += await _tally(driver, extent.schema, batches.pop(0))
    for batch in batches:
        async with begin() as driver:
            found += await _tally(driver, extent.schema, batch)
    return found


async def _tally(
    driver: Connection, schema: Identifier, of_tables: Sequence[Record]
) -> list[Record]:
    """With the schema on search_path, so that names of objects among the values read the same."""
    await driver.execute(printing(schema))
    return await driver.fetch(" UNION ALL ".join(table["query"] for table in of_tables))


async def compare(
    driver: Connection, environment: Environment, copy: Identifier, original: Definitions
) -> None:
    """That each object of the source is there again, as it was, and no other one.

    Printed as of a source: see ``printing``.
    """
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
    if len(unsettled(await facts_of_schema(driver, copy))) != unsettled_before:
        raise ServerError
    if not await stands_alone(driver, copy):
        raise CloneNotPossible(
            "Nothing was copied. Something in the copy would rest on its source, perhaps"
            " because it bears a name that is PostgreSQL's own, too."
        )
