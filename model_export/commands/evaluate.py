"""``python -m model_export evaluate``: the composer's table, into its manifest and its card."""

from __future__ import annotations

import argparse
import json
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
        "--only-card", action="store_true", help="write the card anew from what was measured"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure, then write the figures down."""
    from model_export.composer import card, curves  # noqa: PLC0415 - matplotlib

    path = args.shipped / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    if not args.only_card:
        manifest["metrics"] = _measured(args, manifest["steps"])
        write_whole(path, (json.dumps(manifest, indent=2, sort_keys=True) + "\n").encode())
        curves.draw(args.folder / "log.jsonl", args.docs / "img" / "composer-training.png")
    write_whole(args.docs / "model-card.md", card.markdown(manifest).encode())
    print(f"{path} and {args.docs / 'model-card.md'} written")
    return 0


def _measured(args: argparse.Namespace, steps: int) -> dict[str, Any]:
    import torch  # noqa: PLC0415 - seconds to import

    from firmware_py.compose.network import Network  # noqa: PLC0415
    from model_export.composer import checkpoint, dataset, sessions, table  # noqa: PLC0415

    torch.set_num_threads(1)
    trained = checkpoint.load(args.folder)
    if steps != trained.step:
        raise UserError(
            f"{args.shipped} was made after {steps} steps, {args.folder} has "
            f"{trained.step}: run python -m model_export export first."
        )
    sequences = list(dataset.load(args.folder / "sequences.npz"))
    figures = table.measure(
        trained, args.shipped, sequences, args.baselines, int8_events=args.int8_events, say=say
    )
    say("three hours")
    network = Network(args.shipped)
    pictures = args.docs / "img"
    pictures.mkdir(parents=True, exist_ok=True)
    hours = sessions.hours(network)
    for hour in hours:
        sessions.draw(hour, f"model {network.sha256[:12]}", pictures)
    figures["hours"] = [sessions.figures(hour) for hour in hours]
    figures["realism"] = table.realism(
        trained, sequences, table.Folders(args.corpus, args.baselines), hours, say
    )
    figures["chorales"] = table.chorale_figures(args.jsb)
    return figures


def say(what: str) -> None:
    """Tell what is measured now."""
    print(what, flush=True)
