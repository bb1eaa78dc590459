"""Two tenants with equally named tables; what must not be seen is marked in every value.

``@foreign@`` in an attack is the victim's prod schema, ``@foreign_test@`` his other one,
``@own@`` the attacker's prod schema, which his requests address, and ``@pair@`` his other one.
"""

from dataclasses import dataclass
from json import dumps

from tests.client import Caller, Client

TABLES = """
    CREATE TABLE items (name text UNIQUE, amount integer);
    CREATE TABLE parts (item_id bigint REFERENCES items(id) ON DELETE CASCADE, label text);
    CREATE TABLE lines (number serial, label text)
"""
SECRET = "secret"
SECRET_NUMBER = 424242


@dataclass(frozen=True)
class TwoTenants:
    attacker: Caller
    attacker_id: int
    victim: Caller
    victim_id: int

    @property
    def own(self) -> str:
        return f"prod_{self.attacker_id}"

    @property
    def others(self) -> tuple[str, str, str]:
        """The schemas that a request for the attacker's prod must not reach."""
        return (
            f"test_{self.attacker_id}",
            f"prod_{self.victim_id}",
            f"test_{self.victim_id}",
        )

    def fill(self, sql: str) -> str:
        pair, foreign, foreign_test = self.others
        for mark, name in {
            "@own@": self.own,
            "@pair@": pair,
            "@foreign@": foreign,
            "@foreign_test@": foreign_test,
        }.items():
            sql = sql.replace(mark, name)
        return sql


def leaks(answer: object) -> bool:
    """Whether anything in it comes from a schema that was not addressed."""
    told = dumps(answer, default=str, ensure_ascii=False)
    return SECRET in told or str(SECRET_NUMBER) in told


async def two_tenants(client: Client) -> TwoTenants:
    attacker, victim = client.caller("mallory"), client.caller("alice")
    tenants = TwoTenants(
        attacker, await attacker.create("shop"), victim, await victim.create("shop")
    )
    for caller, database_id in ((attacker, tenants.attacker_id), (victim, tenants.victim_id)):
        await caller.ddl(database_id, TABLES)
        for env in ("prod", "test"):
            own = caller is attacker and env == "prod"
            name = "own" if own else f"{SECRET} of {caller.uid} in {env}"
            amount = 1 if own else SECRET_NUMBER
            (item,) = await caller.dml(
                database_id, f"INSERT INTO items (name, amount) VALUES ('{name}', {amount})", env
            )
            await caller.dml(
                database_id,
                f"INSERT INTO parts (item_id, label) VALUES ({item['id']}, '{name}');"
                f"INSERT INTO lines (label) VALUES ('{name}')",
                env,
            )
    return tenants
