"""Asks the gate about a text, for `docs/gate.md`."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.gate import DdlKind, DdlStatement, DmlKind, DmlStatement, admit_ddl, admit_dml
from exceptions.errors import TwinbaseError

SCHEMA = "s"
YES = "yes"

# That the verb does not run it, the page says by the code.
_COMMONPLACE = re.compile(r"; exec_d[dm]l runs .*$")
_NOTHING_ELSE = re.compile(r"[^:]+ is not (allowed|run by exec_d[dm]l.*)\.?")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The first statement's kind, or else why it was refused."""

    kind: DmlKind | DdlKind | None
    code: int = 0
    message: str = ""

    @property
    def word(self) -> str:
        return f"{self.code}" if self.code else YES

    @property
    def reason(self) -> str:
        """The message, unless it is commonplace."""
        told, cut = _COMMONPLACE.subn(".", self.message)
        is_bare = _NOTHING_ELSE.fullmatch(told) and (cut or "is not run by" in told)
        return "" if is_bare else told


def dml(sql: str) -> Verdict:
    return _asked(lambda: admit_dml(sql, SCHEMA))


def ddl(sql: str) -> Verdict:
    return _asked(lambda: admit_ddl(sql))


def _asked(admit: Callable[[], Sequence[DmlStatement | DdlStatement]]) -> Verdict:
    try:
        return Verdict(admit()[0].kind)
    except TwinbaseError as error:
        return Verdict(None, error.code.value, str(error))
