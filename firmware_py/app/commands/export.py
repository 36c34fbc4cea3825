"""``lull export``: take the person's own data along."""

from __future__ import annotations

import argparse
from pathlib import Path

from firmware_py.app.arguments import Subparsers, common_options
from firmware_py.app.output import Output
from firmware_py.app.wiring import open_feedback
from firmware_py.config.load import load_settings


def register(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "export",
        parents=[common_options()],
        help="take your data along",
        description="Writes everything that is kept about you on this device to one JSON file.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="where to write")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, output: Output) -> int:
    """Write the file."""
    with open_feedback(load_settings(args.config)) as store:
        store.export(args.file)
    output.say(f"Wrote {args.file}.")
    output.result({"file": str(args.file), "bytes": args.file.stat().st_size})
    return 0
