"""``lull compose``: compose to files."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from firmware_py.app.arguments import Subparsers, common_options, mood_options
from firmware_py.app.output import Output
from firmware_py.app.scene import plan_sentence
from firmware_py.app.views import compose_view, mood_sentence
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
    from firmware_py.app.journey import begin_journey, compose, minutes_of  # noqa: PLC0415
    from firmware_py.app.wiring import RATE, find_soundfont  # noqa: PLC0415
    from firmware_py.render.files import (  # noqa: PLC0415
        SOUND_SUFFIXES,
        check_outputs,
        write_outputs,
    )

    settings = load_settings(args.config)
    check_outputs(args.out, minutes_of(args, settings) * 60.0, RATE)
    if any(path.suffix.lower() in SOUND_SUFFIXES for path in args.out):
        find_soundfont(settings)
    # No night: what a seed composes must not depend on the clock.
    journey = begin_journey(args, settings, night=False)
    if journey.warning is not None:
        output.note(f"lull: {journey.warning}")
    output.say(mood_sentence(journey.plan.mood))
    output.say(f"Plan: {plan_sentence(journey.plan)}")
    for reason in journey.plan.why:
        output.say(f"  {reason}")
    with output.progress() as progress:
        begin = time.perf_counter()
        piece = compose(journey, settings, lambda done: progress("composing", done, 1.0))
        compose_s = time.perf_counter() - begin
        written = write_outputs(args.out, piece, lambda done: progress("rendering", done, 1.0))
    output.say(f"Composed by {piece.composer} with --seed {piece.seed}")
    for path in written.files:
        output.say(f"Wrote {path}")
    output.result(compose_view(piece, written, compose_s, journey.warning))
    return 0
