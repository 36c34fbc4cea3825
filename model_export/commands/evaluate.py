"""``python -m model_export evaluate``: the composer's table, into its manifest and its card."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from firmware_py.config.paths import SHIPPED_MODELS
from model_export.shipping import write_whole


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser("evaluate", help="measure the composer and write its card")
    parser.add_argument("--folder", type=Path, default=Path(".cache") / "composer")
    parser.add_argument("--shipped", type=Path, default=SHIPPED_MODELS / "composer")
    parser.add_argument("--card", type=Path, default=Path("docs") / "composer-card.md")
    parser.add_argument("--int8-events", type=int, default=40_000, help="events for int8's cost")
    parser.add_argument("--seeds", type=int, default=4, help="sessions for each asked value")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure, then write the figures down."""
    from model_export.composer import card, checkpoint, dataset, table  # noqa: PLC0415 - torch

    trained = checkpoint.load(args.folder)
    sequences = list(dataset.load(args.folder / "sequences.npz"))
    figures = table.measure(
        trained, args.shipped, sequences, int8_events=args.int8_events, seeds=args.seeds, say=print
    )
    path = args.shipped / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest["metrics"] = figures
    write_whole(path, (json.dumps(manifest, indent=2, sort_keys=True) + "\n").encode())
    write_whole(args.card, card.markdown(manifest).encode())
    print(f"{path} and {args.card} written")
    return 0
