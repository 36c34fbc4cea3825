"""``lull listen``: what the device would understand from a recording."""

from __future__ import annotations

import argparse
from pathlib import Path

from firmware_py.app.arguments import Subparsers, common_options, language_option
from firmware_py.app.output import Output
from firmware_py.app.views import heard_view, mood_sentence
from firmware_py.app.wiring import open_mood_reader, open_recogniser
from firmware_py.config.load import load_settings


def register(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "listen",
        parents=[common_options(), language_option()],
        help="understand a recording",
        description="Says what the device would understand from a recording: any PCM WAV file.",
    )
    parser.add_argument("file", metavar="FILE.wav", type=Path, help="the recording")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, output: Output) -> int:
    """Recognise the recording and print what was understood."""
    language = args.language or load_settings(args.config).speech.language
    heard = open_recogniser(language).listen(args.file)
    mood = None
    if heard.intent.name == "mood":
        mood = open_mood_reader().read(heard.text, heard.language)
    output.say(f"Heard: {heard.text}" if heard.text else "Heard nothing.")
    output.say(f"Understood: {heard.intent.name.replace('_', ' ')}")
    if mood is not None:
        output.say(mood_sentence(mood))
    output.result(heard_view(heard, mood))
    return 0
