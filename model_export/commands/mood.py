"""``python -m model_export mood``: the mood reader, from data to the shipped file and its card."""

from __future__ import annotations

import argparse
from pathlib import Path

from firmware_py.config.paths import SHIPPED_MODELS
from firmware_py.messages.errors import UserError

ROOT = SHIPPED_MODELS.parent.parent


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser("mood", help="train, measure and export the mood reader")
    parser.add_argument("--out", type=Path, default=SHIPPED_MODELS / "mood", help="model folder")
    parser.add_argument("--card", type=Path, default=ROOT / "docs" / "mood-card.md")
    parser.add_argument("--text", type=Path, default=ROOT.parent / "shared" / "text")
    parser.add_argument(
        "--vectors",
        type=Path,
        default=ROOT / ".cache" / "wheels",
        help="folder of the start vectors",
    )
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--epochs", type=int, help="passes over the rows (default: the recipe's)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Build the model."""
    from dataclasses import replace  # noqa: PLC0415

    from model_export.mood.build import Plan, build  # noqa: PLC0415  # torch: seconds to import
    from model_export.mood.training import Recipe  # noqa: PLC0415

    if args.epochs is not None and args.epochs < 1:
        raise UserError(f"--epochs must be at least 1, not {args.epochs}.")
    recipe = replace(Recipe(), seed=args.seed)
    if args.epochs is not None:
        recipe = replace(recipe, epochs=args.epochs)
    build(Plan(args.text, args.vectors, recipe=recipe), args.out, args.card)
    return 0
