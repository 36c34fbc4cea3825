"""``python -m model_export bench``: how fast the shipped composer writes, now and an hour on."""

from __future__ import annotations

import argparse
from pathlib import Path

from firmware_py.config.paths import SHIPPED_MODELS


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser("bench", help="time the shipped composer; half a minute")
    parser.add_argument("--shipped", type=Path, default=SHIPPED_MODELS / "composer")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure and print a table."""
    from model_export.evaluation.speed import speed  # noqa: PLC0415  # onnxruntime takes a second

    found = speed(args.shipped)
    print(f"first bar {found.first_bar_ms:.0f} ms; graphs {found.bytes / 1e6:.1f} MB")
    for name, part in (
        ("first ten minutes", found.beginning),
        ("after an hour", found.after_an_hour),
    ):
        print(
            f"{name}: {part.times_real:.0f} x real time on one core, a bar {part.median_ms:.1f} ms "
            f"(median), {part.p99_ms:.1f} ms (99th percentile), {part.bars} bars"
        )
    return 0
