"""``lull setup``: get the models of others and the soundfont."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from firmware_py.app.arguments import Subparsers, common_options, one_of
from firmware_py.app.output import Output
from firmware_py.config.load import load_settings
from firmware_py.config.paths import Paths
from firmware_py.messages.heard import LANGUAGES


def register(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "setup",
        parents=[common_options()],
        help="get the speech models and the soundfont",
        description="Gets what Lull needs besides its own files. Each file is checked; what is "
        "there already is kept, so it may be run again at any time.",
    )
    languages = (*LANGUAGES, "all")
    parser.add_argument(
        "--language",
        type=one_of("language", languages),
        default="all",
        metavar="|".join(languages),
        help="which speech models (default: all)",
    )
    parser.add_argument(
        "--from", type=Path, dest="from_dir", metavar="DIR", help="take the files from a folder"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, output: Output) -> int:
    """Fetch what is missing and say what is there."""
    from firmware_py.app.fetch.catalogue import needed_models  # noqa: PLC0415 - network code,
    from firmware_py.app.fetch.install import setup  # noqa: PLC0415 - only here

    settings = load_settings(args.config)
    languages = LANGUAGES if args.language == "all" else (args.language,)
    with output.progress() as progress:
        items = setup(
            Paths.from_environment(),
            needed_models(languages),
            from_dir=args.from_dir,
            progress=progress,
            soundfont=settings.music.soundfont,
        )
    for item in items:
        output.say(f"{item.name}: {item.path} ({item.bytes / 1e6:.0f} MB, {item.source})")
    output.say("Ready.")
    views = [{**asdict(item), "path": str(item.path)} for item in items]
    output.result({"ready": True, "items": views})
    return 0
