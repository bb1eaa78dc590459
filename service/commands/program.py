"""The program's own errors: wrong words, and an answer that nobody takes."""

import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from service.commands.tables import complain, speak_to_programs

_FOR_PROGRAMS = "--json"
_FAILED = 1


class Program(TyperGroup):
    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002 - typer's own signature
        windows_expand_args: bool = True,  # noqa: FBT001, FBT002 - as above
        **extra: Any,
    ) -> Any:
        """With ``--json`` errors are objects; otherwise as typer tells them, with the usage."""
        words = sys.argv[1:] if args is None else list(args)
        is_for_programs = _FOR_PROGRAMS in words
        if is_for_programs:
            speak_to_programs()
        try:
            code = super().main(
                words,
                prog_name,
                complete_var,
                standalone_mode and not is_for_programs,
                windows_expand_args,
                **extra,
            )
        except TyperException as error:
            complain(error.format_message())
            sys.exit(error.exit_code)
        except typer.Abort:
            complain("ended before it was done")
            sys.exit(_FAILED)
        except OSError as error:
            complain(f"the answer cannot be written: {error.strerror}")
            sys.exit(_FAILED)
        sys.exit(code if isinstance(code, int) else 0)
