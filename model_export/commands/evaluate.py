"""``python -m model_export evaluate``: the composer's table, into its manifest and its card."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from firmware_py.config.paths import SHIPPED_MODELS
from firmware_py.messages.errors import UserError
from model_export.shipping import write_whole

CACHE = Path(".cache")


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser("evaluate", help="measure the composer and write its card")
    parser.add_argument("--folder", type=Path, default=CACHE / "composer")
    parser.add_argument("--corpus", type=Path, default=CACHE / "corpus" / "corpus.npz")
    parser.add_argument("--baselines", type=Path, default=CACHE / "baselines")
    parser.add_argument("--jsb", type=Path, default=CACHE / "jsb")
    parser.add_argument("--shipped", type=Path, default=SHIPPED_MODELS / "composer")
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="where the card is written")
    parser.add_argument("--int8-events", type=int, default=40_000, help="events for int8's cost")
    parser.add_argument(
        "--only", action="append", metavar="ROW",
        help="measure this row alone, the others stay; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--only-card", action="store_true", help="write the card anew from what was measured"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure, row by row, and write the figures down; the card once all are there."""
    path = args.shipped / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    if not args.only_card:
        for name, figures in _measured(args, manifest["steps"]):
            manifest.setdefault("metrics", {})[name] = figures
            write_whole(path, (json.dumps(manifest, indent=2, sort_keys=True) + "\n").encode())
    from model_export.composer import card, curves  # noqa: PLC0415 - matplotlib
    from model_export.composer.table import ROWS  # noqa: PLC0415 - torch, seconds to import

    measured = {*manifest.get("metrics", {}), "realism"}  # the longest: the card does not wait
    missing = [name for name in ROWS if name not in measured]
    if missing:
        print(f"{path} written; for the card is missing: {', '.join(missing)}")
        return 0
    if not args.only_card:
        curves.draw(args.folder / "log.jsonl", args.docs / "img" / "composer-training.png")
    write_whole(args.docs / "model-card.md", card.markdown(manifest).encode())
    print(f"{path} and {args.docs / 'model-card.md'} written")
    return 0


def _measured(args: argparse.Namespace, steps: int) -> Iterator[tuple[str, Any]]:
    """Yield each row's name and figures."""
    import torch  # noqa: PLC0415 - seconds to import

    from model_export.composer.table import ROWS, Sources, Table  # noqa: PLC0415

    chosen = args.only or ROWS
    unknown = [name for name in chosen if name not in ROWS]
    if unknown:
        raise UserError(f"--only {unknown[0]}: the rows are {', '.join(ROWS)}.")
    torch.set_num_threads(1)
    sources = Sources(
        args.folder, args.shipped, args.corpus, args.baselines, args.jsb, args.docs / "img"
    )
    table = Table(sources, steps, args.int8_events, say)
    for name in ROWS:
        if name in chosen:
            yield name, table.row(name)


def say(what: str) -> None:
    """Tell what is measured now."""
    print(what, flush=True)
