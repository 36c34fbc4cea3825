"""``python -m model_export``: what makes the models, one sub-command each."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Final

from firmware_py.messages.errors import LullError

COMMANDS: Final = (
    "corpus",
    "train",
    "baselines",
    "export",
    "evaluate",
    "bench",
    "excerpts",
    "mood",
    "jsb",
)
"""Modules of ``model_export.commands``; each has ``register(subparsers)`` and ``run(args)``."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one sub-command and return its exit code; errors are one line on stderr."""
    parser = argparse.ArgumentParser(prog="python -m model_export", description=__doc__)
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    modules = {name: importlib.import_module(f"model_export.commands.{name}") for name in COMMANDS}
    for module in modules.values():
        module.register(subparsers)
    args = parser.parse_args(arguments)
    try:
        code: int = modules[args.command].run(args)
    except LullError as error:
        if os.environ.get("LULL_DEBUG"):
            raise
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return code


if __name__ == "__main__":
    sys.exit(main())
