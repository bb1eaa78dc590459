"""What several of these tests are given."""

from collections.abc import AsyncIterator

import pytest

from tests.direct_ddl import DirectDdl, direct_ddl


@pytest.fixture
async def direct(database_url: str) -> AsyncIterator[DirectDdl]:
    async with direct_ddl(database_url) as opened:
        yield opened
