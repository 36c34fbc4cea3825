"""``corpus``: read every source into one file."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from firmware_py.messages.errors import UserError
from model_export.corpus.sources import CACHE, SOURCES, Source

if TYPE_CHECKING:
    from model_export.corpus.build import Corpus

Subparsers = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for it


def register(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the sub-command."""
    parser = subparsers.add_parser(
        "corpus", help="read the scores into one file", description=__doc__
    )
    parser.add_argument("--out", type=Path, default=CACHE / "corpus.npz", metavar="FILE")
    parser.add_argument(
        "--only",
        action="append",
        choices=[source.name for source in SOURCES],
        metavar="SOURCE",
        help="read this source only; may be repeated: %(choices)s",
    )
    parser.add_argument("--limit", type=int, metavar="N", help="at most N files of each source")
    parser.add_argument(
        "--draw-split",
        action="store_true",
        help="first draw train, validation and test anew: results before and after do not compare",
    )
    parser.add_argument(
        "--cache", type=Path, default=CACHE, metavar="DIR", help="what was parsed and downloaded"
    )
    parser.add_argument(
        "--report",
        type=Path,
        metavar="DIR",
        help="write what is in FILE there as tables and plots; FILE is only read if it is there",
    )


def run(args: argparse.Namespace) -> int:
    """Build, and say what was read."""
    if args.limit is not None and args.limit < 1:
        raise UserError(f"--limit must be at least 1, not {args.limit}")
    chosen = [source for source in SOURCES if not args.only or source.name in args.only]
    if args.draw_split and (args.only or args.limit):
        raise UserError("--draw-split needs the whole corpus: leave out --only and --limit")
    if not args.report or not args.out.is_file():
        try:
            _build(args, chosen)
        except KeyboardInterrupt:
            print("stopped; what was read is kept, the same command goes on", file=sys.stderr)
            return 130
    if args.report:
        from model_export.corpus import report  # noqa: PLC0415

        for path in report.write(args.out, args.report):
            print(path)
    return 0


def _build(args: argparse.Namespace, chosen: list[Source]) -> None:
    # Imported here so that other sub-commands start without the readers.
    from model_export.corpus.build import build, draw_split  # noqa: PLC0415

    began = time.monotonic()
    if args.draw_split:
        draw_split(chosen, args.cache)
    corpus = build(chosen, args.out, limit=args.limit, cache=args.cache)
    _say(corpus, args.out, time.monotonic() - began)


def _say(corpus: Corpus, out: Path, seconds: float) -> None:
    console = Console()
    for source, failures in corpus.failures.items():
        pieces = [piece for piece in corpus.pieces if piece.source == source]
        notes = sum(len(piece.score.notes) for piece in pieces)
        console.print(
            f"{source}: {len(pieces)} pieces, {notes} notes, {len(failures)} not read",
            highlight=False,
        )
    console.print(
        f"{len(corpus.removed)} near-duplicates left out; {out} written in {seconds:.0f} s",
        highlight=False,
        soft_wrap=True,
    )
