"""``python -m model_export baselines``: what the composer is compared with, by the same budget."""

from __future__ import annotations

import argparse
from pathlib import Path

from model_export.baselines.names import NAMES, Name


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "baselines", help="train the composer's baselines; stop and resume at any time"
    )
    parser.add_argument("--only", choices=NAMES, action="append", help="this one; may be repeated")
    parser.add_argument(
        "--minutes", type=float, default=25.0, help="CPU time of each training, all runs together"
    )
    parser.add_argument("--folder", type=Path, default=Path(".cache") / "baselines")
    parser.add_argument(
        "--sequences", type=Path, default=Path(".cache") / "composer" / "sequences.npz"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Train each until its budget is spent and write its ``result.json``."""
    import torch  # noqa: PLC0415  # seconds to import; --help should not wait

    from model_export.baselines import corpus, event_models, result, token_models  # noqa: PLC0415

    torch.set_num_threads(1)  # the budget is the time of one core
    music = corpus.load(args.sequences)
    chosen: tuple[Name, ...] = tuple(args.only or NAMES)
    for name in chosen:
        folder = args.folder / name
        print(f"{name}: {args.minutes:g} minutes of CPU time", flush=True)
        match name:
            case "bigram":
                measured = event_models.count(music)
            case "tonicnet" | "remi":
                recipe = token_models.RECIPES[name]
                measured = token_models.train(recipe, music, args.minutes, folder, _say)
            case _:
                measured = event_models.train(name, music, args.minutes, folder, _say)
        result.write(measured, folder)
        print(f"{name}: {measured.nats_per_note:.4f} nats a note on the test works", flush=True)
    return 0


def _say(text: str) -> None:
    print(text, flush=True)
