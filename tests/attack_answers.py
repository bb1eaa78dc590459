"""Sends attacks through HTTP as the attacker, and says what is wrong with the answers."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from json import dumps

from asyncpg import Connection

from exceptions.codes import ErrorCode
from tests.attacks import Attack, Attacks, Effect
from tests.client import Row
from tests.state import State
from tests.two_tenants import ROWS, TwoTenants, leaks, leaks_of_colleague

KNOWN_CODES = frozenset(int(code) for code in ErrorCode) - {ErrorCode.SERVER_ERROR}

_REFUSALS = frozenset(
    {
        ErrorCode.NO_AUTHORITY,
        ErrorCode.SQL_PARSE_FAILED,
        ErrorCode.DDL_NOT_ALLOWED,
        ErrorCode.DML_NOT_ALLOWED,
    }
)

# What no answer may hold, unless the caller wrote it.
_OURS = ("twinbase", "asyncpg", "traceback", "row-level security", "policy", "trigger")

_VARYING = re.compile(r'"sid": "[^"]*"|"exec_time": [0-9.e+-]+|\d{10,}')

Answers = dict[str, Row]


@dataclass(frozen=True)
class AttackByHttp:
    """``minds_colleague``: whether row security is on, without which his rows are everybody's."""

    tenants: TwoTenants
    admin: Connection
    minds_colleague: bool

    async def answers(self, verb: str, attacks: Attacks) -> Answers:
        """Each finds the attacker's own rows as they were, whatever the one before did."""
        async with kept_rows(self.admin, self.tenants.own) as restore:
            answers = {}
            for name, attack in attacks.items():
                answers[name] = await self.send(verb, self.tenants.fill(attack.sql))
                if answers[name]["code"] == ErrorCode.SUCCESS and verb == "exec_dml":
                    await self.admin.execute(restore)
        return answers

    async def send(self, verb: str, sql: str) -> Row:
        attacker, database_id = self.tenants.attacker, self.tenants.attacker_id
        if verb == "exec_ddl":
            return await attacker.call(verb, database_id=database_id, ddl=sql)
        return await attacker.call(
            verb, app_id=attacker.app_id, database_id=database_id, dml=sql, env="prod"
        )

    def faults(self, answers: Answers, attacks: Attacks) -> list[str]:
        """Each answer that tells what it must not, or that is none of the service's own."""
        return [
            f"{name}: {fault}: {answer}"
            for name, answer in answers.items()
            for fault in self._faults(answer, attacks[name])
        ]

    def _faults(self, answer: Row, attack: Attack) -> list[str]:
        told, sql = dumps(answer, ensure_ascii=False), self.tenants.fill(attack.sql)
        victim = str(self.tenants.victim_id)
        minds_colleague = self.minds_colleague and attack.effect is not Effect.INHERENT
        wrong = {
            "code": answer["code"] not in KNOWN_CODES,
            "leaks": leaks(answer),
            "leaks of the colleague": minds_colleague and leaks_of_colleague(answer),
            "names another's schema": victim in told and (answer["code"] == 0 or victim not in sql),
            "names what is ours": any(
                word in told.lower() and word not in sql.lower() for word in _OURS
            ),
        }
        return [fault for fault, found in wrong.items() if found]


def was_refused(answer: Row) -> bool:
    """By the gate, which has not asked PostgreSQL; or, perhaps, for a name that is not there."""
    return answer["code"] in _REFUSALS


def of_others(state: State, tenants: TwoTenants) -> State:
    """Without what the attacker's own DDL changes in the books of all."""
    own = str(tenants.attacker_id)
    return {
        section: [fact for fact in facts if own not in fact] if isinstance(facts, list) else facts
        for section, facts in state.items()
    }


def differences(answers: Answers, others: Answers) -> list[str]:
    """Attacks that were answered otherwise."""
    return [
        f"{name}: {answers[name]} -> {answer}"
        for name, answer in others.items()
        if _masked(answers[name]) != _masked(answer)
    ]


def _masked(answer: Row) -> str:
    return _VARYING.sub("", dumps(answer, ensure_ascii=False))


@asynccontextmanager
async def kept_rows(admin: Connection, schema: str) -> AsyncIterator[str]:
    """SQL that brings a schema's rows back as they are now, without a trigger or a key."""
    for table in ROWS:
        await admin.execute(f"CREATE TEMPORARY TABLE kept_{table} AS TABLE {schema}.{table}")
    restore = "".join(
        f"DELETE FROM {schema}.{table}; INSERT INTO {schema}.{table} TABLE kept_{table};"
        for table in ROWS
    )
    try:
        yield f"SET session_replication_role TO replica;{restore}RESET session_replication_role"
    finally:
        await admin.execute("".join(f"DROP TABLE kept_{table};" for table in ROWS))
