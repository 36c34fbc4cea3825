"""``python -m model_export export``: the trained composer as int8 ONNX, with its manifest."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from firmware_py.config.paths import SHIPPED_MODELS

if TYPE_CHECKING:
    from model_export.composer.sequences import Sequence


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser("export", help="write the trained composer as int8 ONNX")
    parser.add_argument("--folder", type=Path, default=Path(".cache") / "composer")
    parser.add_argument("--out", type=Path, default=SHIPPED_MODELS / "composer")
    parser.add_argument("--fp32", action="store_true", help="without quantising, for comparison")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Export, compare with torch, and write the manifest."""
    from model_export.composer import checkpoint  # noqa: PLC0415  # torch takes seconds to import
    from model_export.composer.evaluate import parity  # noqa: PLC0415
    from model_export.composer.export import export, write_manifest  # noqa: PLC0415
    from model_export.corpus.rights import rights  # noqa: PLC0415
    from model_export.shipping import source_commit  # noqa: PLC0415

    trained = checkpoint.load(args.folder)
    commit = source_commit()
    files = export(trained.network, args.out, quantised=not args.fp32)
    write_manifest(args.out, {})  # without it the graphs cannot be opened
    heard = _held_out(args.folder / "sequences.npz", trained.numbers.memory)
    apart = parity(trained.network, args.out, heard)
    write_manifest(
        args.out,
        {
            "model": "composer",
            "commit": commit,
            "precision": "fp32" if args.fp32 else "int8",
            "parameters": sum(p.numel() for p in trained.network.parameters()),
            "hyperparameters": asdict(trained.numbers),
            "seed": trained.numbers.seed,
            "steps": trained.step,
            "training_minutes": round(trained.spent_s / 60.0, 1),
            **({"origin": trained.origin} if trained.origin else {}),
            "data": [asdict(source) for source in rights()],
            "parity": {"heard": heard.piece, "largest_probability_difference_from_torch": apart},
        },
    )
    for name, path in files.items():
        print(f"{name}: {path.stat().st_size:,} bytes")
    for name, difference in apart.items():
        print(f"{name}: a probability differs from torch's by {difference:.1e} at most")
    return 0


def _held_out(sequences: Path, events: int) -> Sequence:
    """Return the beginning of the first validation sequence, as much as is remembered whole."""
    from model_export.composer import dataset  # noqa: PLC0415  # torch takes seconds to import

    held_out = next(s for s in dataset.load(sequences) if s.split == "validation")
    return held_out.beginning(events)
