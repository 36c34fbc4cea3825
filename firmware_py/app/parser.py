"""The options of ``lull``; one module under ``commands`` for each command."""

from __future__ import annotations

import argparse
from typing import NoReturn

from firmware_py import __version__
from firmware_py.app.commands import COMMANDS
from firmware_py.messages.errors import UserError


class Parser(argparse.ArgumentParser):
    """Reports a mistake as a ``UserError`` of one line."""

    def error(self, message: str) -> NoReturn:
        """Raise ``UserError`` with what was wrong and where to look."""
        unknown = message.removeprefix("unrecognized arguments: ")
        if unknown != message and not unknown.startswith("-"):
            message += " (a sentence needs quotes around it)"
        raise UserError(f"{message}. See: {self.prog} --help")


def build_parser() -> Parser:
    """Return the parser of all commands."""
    parser = Parser(
        prog="lull",
        description="A bedside music companion: a mood becomes calming music, composed and "
        "played on this machine. Not a medical device.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"lull {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for command in COMMANDS:
        command.register(subparsers)
    return parser
