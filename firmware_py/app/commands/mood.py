"""``lull mood``: read the mood of a sentence."""

from __future__ import annotations

import argparse

from firmware_py.app.arguments import Subparsers, common_options, language_option, sentence
from firmware_py.app.output import Output
from firmware_py.app.views import mood_sentence, mood_view
from firmware_py.app.wiring import language_of, open_mood_reader
from firmware_py.config.load import load_settings


def register(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "mood",
        parents=[common_options(), language_option()],
        help="read the mood of a sentence",
        description="Reads the mood of a sentence, English or Chinese, and the words that decided.",
    )
    parser.add_argument("text", metavar="TEXT", type=sentence, help="how you feel, in quotes")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, output: Output) -> int:
    """Read the mood and print it."""
    load_settings(args.config)  # nothing in it matters here, but a mistake in it is told
    mood = open_mood_reader().read(args.text, args.language)
    output.say(mood_sentence(mood))
    language = args.language or language_of(args.text)
    output.result({"text": args.text, "language": language, **mood_view(mood)})
    return 0
