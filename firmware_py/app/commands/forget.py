"""``lull forget``: erase the person's own data, here and at the fleet."""

from __future__ import annotations

import argparse
import math
import sys

from firmware_py.app.arguments import Subparsers, common_options
from firmware_py.app.output import Output
from firmware_py.app.wiring import open_feedback
from firmware_py.config.load import load_settings
from firmware_py.messages.errors import UserError


def register(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "forget",
        parents=[common_options()],
        help="erase your data",
        description="Erases every session and reaction on this device and, where there is a fleet, "
        "notes down to ask it for the same. There is no way back.",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, output: Output) -> int:
    """Ask, then erase."""
    settings = load_settings(args.config)
    with open_feedback(settings) as store:
        sessions = len(store.sessions(math.inf))
        if not args.yes and not _agreed(sessions, output):
            output.say("Nothing was erased.")
            return 0
        store.forget()
    output.say(f"Erased {sessions} sessions and all reactions on this device.")
    if settings.mqtt.enabled:
        output.say("The fleet will be asked to erase what it has, at the next sync.")
    output.result({"erased": True, "sessions": sessions})
    return 0


def _agreed(sessions: int, output: Output) -> bool:
    if output.as_json or not sys.stdin.isatty():
        raise UserError("Nobody can be asked here; add --yes to erase everything.")
    output.say(f"Erase {sessions} sessions and all reactions for good? Type yes:")
    return sys.stdin.readline().strip().lower() == "yes"
