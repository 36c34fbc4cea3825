"""``python -m model_export train``: the composer, from the corpus, as long as there is time."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from firmware_py.messages.errors import MissingError
from model_export.composer.hyperparameters import Hyperparameters

CACHE = Path(".cache")


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser("train", help="train the composer; stop and resume at any time")
    parser.add_argument("--corpus", type=Path, default=CACHE / "corpus" / "corpus.npz")
    parser.add_argument("--folder", type=Path, default=CACHE / "composer")
    parser.add_argument(
        "--minutes", type=float, default=60.0, help="processor time (GPU: wall), all runs together"
    )
    parser.add_argument("--threads", type=int, default=1, help="torch threads on a CPU")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--seed", type=int, default=Hyperparameters().seed)
    parser.add_argument(
        "--from", dest="origin", type=Path, metavar="FOLDER",
        help="begin with the weights of the shipped graphs there; a resumed training has its own",
    )  # fmt: skip
    parser.add_argument(
        "--rate", type=float, default=Hyperparameters().learning_rate, help="highest learning rate"
    )
    parser.add_argument(
        "--batch", type=int, default=Hyperparameters().batch, help="sequences side by side"
    )
    parser.add_argument("--fresh", action="store_true", help="do not resume")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Train until the budget is spent."""
    import torch  # noqa: PLC0415  # seconds to import; --help should not wait

    from model_export.composer.dataset import build, load  # noqa: PLC0415
    from model_export.composer.train import CALM_TEXTURES, LEFT_OUT, Training  # noqa: PLC0415
    from model_export.corpus import store  # noqa: PLC0415

    args.folder.mkdir(parents=True, exist_ok=True)
    cache = args.folder / "sequences.npz"
    if not args.corpus.exists():
        raise MissingError(f"no corpus at {args.corpus}.", fix="python -m model_export corpus")
    if not cache.exists() or cache.stat().st_mtime < args.corpus.stat().st_mtime:
        build(store.load(args.corpus), cache, print)
    torch.set_num_threads(args.threads)
    sequences = [s for s in load(cache) if s.texture not in LEFT_OUT]
    train = [s for s in sequences if s.split == "train"]
    held_out = [
        s for s in sequences if s.split == "validation" and s.slow and s.texture in CALM_TEXTURES
    ]
    numbers = Hyperparameters(seed=args.seed, learning_rate=args.rate, batch=args.batch)
    # Processor time: a machine that others use too does not shorten the training.
    clock = time.process_time if args.device == "cpu" else time.monotonic
    training = Training(args.folder, numbers, args.device, clock)
    if args.fresh:
        (args.folder / "log.jsonl").unlink(missing_ok=True)
    elif training.resume():
        print(f"resumed at step {training.step}, {training.spent_s / 60:.1f} minutes spent")
    if training.step == 0 and args.origin is not None:
        training.begin_with(args.origin)
    notes = sum(s.notes for s in train)
    print(f"{len(train)} sequences, {notes} notes to train on; {len(held_out)} held out")
    training.run(train, held_out, 60.0 * args.minutes, lambda row: print(row, flush=True))
    return 0
