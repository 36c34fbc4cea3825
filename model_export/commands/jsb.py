"""``python -m model_export jsb``: the composer's trunk beside a plain GRU on the JSB Chorales."""

from __future__ import annotations

import argparse
from pathlib import Path

MODELS = ("ours", "gru", "gru-changes")


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser("jsb", help="measure the composer's trunk on JSB Chorales")
    parser.add_argument("--minutes", type=float, default=2.0, help="processor time a network")
    parser.add_argument("--model", choices=MODELS, help="one of them; all unless given")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--folder", type=Path, default=Path(".cache") / "jsb")
    parser.add_argument("--chorales", type=Path, help="Jsb16thSeparated.npz")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Train, evaluate and write ``<folder>/<model>/result.json``."""
    import torch  # noqa: PLC0415  # seconds to import; --help should not wait

    from model_export.jsb import chorales, result  # noqa: PLC0415

    torch.set_num_threads(1)
    data = chorales.load(args.chorales or chorales.BENCH)
    for model in (args.model,) if args.model else MODELS:
        found = result.measure(model, data, args.minutes, args.seed, args.folder / model, print)
        print(
            f"{model}: {found.validation.total:.4f} nats a cell on validation, "
            f"{found.test.total:.4f} on test; "
            f"{found.parameters} parameters, {found.cpu_minutes:.1f} minutes of processor time"
        )
    return 0
