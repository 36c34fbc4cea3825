"""``lull compose``: compose to files."""

from __future__ import annotations

import argparse
from pathlib import Path

from firmware_py.app.arguments import Subparsers, common_options, mood_options
from firmware_py.app.output import Output
from firmware_py.config.load import load_settings


def register(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "compose",
        parents=[common_options(), mood_options()],
        help="compose to files",
        description="Composes music for a mood and writes it to files, by extension: "
        ".wav .flac .mid .png (piano roll under the plan's curves) .json (plan and score).",
    )
    parser.add_argument(
        "--out",
        type=Path,
        nargs="+",
        action="extend",
        required=True,
        metavar="FILE",
        help="where to write; may be given more than once",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, output: Output) -> int:
    """Check the outputs, compose, write."""
    # Imported here: numpy and scipy are not for `lull --help`.
    from firmware_py.app.journey import begin_journey, minutes_for  # noqa: PLC0415
    from firmware_py.app.writing import check_writable, write_journey  # noqa: PLC0415

    settings = load_settings(args.config)
    check_writable(args.out, minutes_for(args, settings), settings)
    # No night: what a seed composes must not depend on the clock.
    journey = begin_journey(args, settings, night=False)
    output.warn(journey.warning)
    output.result(write_journey(journey, args.out, settings, output))
    return 0
