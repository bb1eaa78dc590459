"""A service that asks for keys, and its answers to those who send one, or none."""

from dataclasses import dataclass

from domain.platform import Scope
from tests.client import Client, Row
from tests.http.verbs import envelope_of


@dataclass(frozen=True)
class Keys:
    """A service that asks for keys, and one key of the default platform that may do all."""

    client: Client
    admin_key: str

    async def call(self, verb: str, key: str | None, /, **body: object) -> Row:
        """The envelope's code, message and data, with the HTTP status."""
        headers = {} if key is None else {"authorization": f"Bearer {key}"}
        return await self.sent(verb, headers, **body)

    async def sent(self, verb: str, headers: dict[str, str], /, **body: object) -> Row:
        answer = await self.client.post(verb, json=body, headers=headers)
        return envelope_of(answer) | {"status": answer.status_code}

    async def done(self, verb: str, key: str | None = None, /, **body: object) -> Row:
        told = await self.call(verb, key or self.admin_key, **body)
        assert told["code"] == 0, told
        return dict(told.get("data", {}))

    async def platform(self, name: str, *scopes: str, app_ids: list[str] | None = None) -> str:
        """A key of it."""
        asked = list(scopes) or [str(scope) for scope in Scope]
        await self.done("create_platform", platform_name=name, app_ids=app_ids, scopes=asked)
        return str((await self.done("create_key", platform_name=name))["key"])
