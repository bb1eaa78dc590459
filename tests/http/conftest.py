from collections.abc import AsyncIterator

import pytest

from service.settings import Auth, Settings
from tests.client import open_client
from tests.http.keys import Keys
from tests.http.verbs import envelope_of


@pytest.fixture
async def keys(settings: Settings) -> AsyncIterator[Keys]:
    async with open_client(settings) as unasked:
        made = await unasked.post("create_key", json={"platform_name": "default"})
    with_keys = settings.model_copy(update={"auth": Auth.KEYS})
    async with open_client(with_keys) as client:
        yield Keys(client, envelope_of(made)["data"]["key"])
