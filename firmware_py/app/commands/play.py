"""``lull play``: compose and play on the speaker."""

from __future__ import annotations

import argparse
from datetime import datetime

from firmware_py.app.arguments import Subparsers, common_options, mood_options
from firmware_py.app.output import Output
from firmware_py.config.load import load_settings


def register(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "play",
        parents=[common_options(), mood_options()],
        help="compose and play on the speaker",
        description="Plays music for a mood on the speaker, composing as it goes. Keys in a "
        "terminal: space pause, + and - volume, n next, l like, d dislike, q stop.",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, output: Output) -> int:
    """Play to the end, or until the person stops it."""
    # Imported here: numpy is not for `lull --help`.
    from firmware_py.app.journey import begin_journey  # noqa: PLC0415
    from firmware_py.app.stage import attend, begun_session  # noqa: PLC0415

    settings = load_settings(args.config)
    night = settings.playback.is_night(datetime.now().astimezone().time())
    journey = begin_journey(args, settings, night=night)
    output.warn(journey.warning)
    with begun_session(journey, settings) as session:
        return attend(session, args.text, output)
