"""``lull demo``: the whole journey, from a recorded sentence to sound."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from firmware_py.app.arguments import Subparsers, common_options, number, seed_option
from firmware_py.app.output import Output
from firmware_py.config.load import load_settings
from firmware_py.config.paths import ASSETS
from firmware_py.config.settings import MAX_MINUTES, MIN_MINUTES, Settings
from firmware_py.messages.errors import MissingError

if TYPE_CHECKING:
    from firmware_py.app.journey import Journey
    from firmware_py.messages.heard import Heard

RECORDING = ASSETS / "demo.wav"
FILES = (Path("lull-demo.wav"), Path("lull-demo.mid"), Path("lull-demo.png"))


def register(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "demo",
        parents=[common_options(), seed_option()],
        help="hear what Lull does with a recorded sentence",
        description="Understands a bundled recording, reads its mood, plans, composes and plays. "
        "Without a speaker it writes lull-demo.wav, .mid and .png into this folder.",
    )
    parser.add_argument(
        "--minutes",
        type=number(MIN_MINUTES, MAX_MINUTES),
        default=1.25,
        metavar="N",
        help="length (default 1.25)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, output: Output) -> int:
    """Listen, then play or write."""
    # Imported here: numpy is not for `lull --help`.
    from firmware_py.app.wiring import (  # noqa: PLC0415
        load_ahead,
        open_mood_reader,
        open_recogniser,
    )

    settings = load_settings(args.config)
    load_ahead()
    heard = open_recogniser("en").listen(RECORDING)
    from firmware_py.app.journey import goal_for, open_journey, seed_for  # noqa: PLC0415
    from firmware_py.app.stage import attend, begun_session  # noqa: PLC0415

    mood = open_mood_reader().read(heard.text, heard.language)
    goal = goal_for(mood, settings)
    journey = open_journey(mood, goal, args.minutes, seed_for(args), settings, night=False)
    output.warn(journey.warning)
    with ExitStack() as stack:
        try:
            session = stack.enter_context(begun_session(journey, settings))
        except MissingError as error:
            reason = str(error).removesuffix(f" Fix: {error.fix}")
            output.warn(f"{reason} The music goes to files instead.")
            return _write(journey, heard, settings, output)
        return attend(session, heard.text, output)


def _write(journey: Journey, heard: Heard, settings: Settings, output: Output) -> int:
    from firmware_py.app.writing import check_writable, write_journey  # noqa: PLC0415 - as above

    check_writable(FILES, journey.plan.minutes, settings)
    output.say(f"Heard: “{heard.text}”")
    output.result({"heard": heard.text, **write_journey(journey, FILES, settings, output)})
    return 0
