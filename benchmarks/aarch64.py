"""Composing on aarch64: the same numbers, the same music and a whole `lull compose`, emulated.

``python -m benchmarks.aarch64`` runs the shipped composer here and on emulated processors, and
writes docs/aarch64.md. It takes minutes: emulation is some fifty times slower than the real thing,
and says nothing about speed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from benchmarks import emulator
from firmware_py.compose.network import Network
from firmware_py.compose.opening import open_composer
from firmware_py.config.onnx_session import open_session
from firmware_py.config.paths import SHIPPED_MODELS
from firmware_py.messages.mood import Mood, label_position
from firmware_py.plan.planner import make_plan

_COMPOSER: Final = SHIPPED_MODELS / "composer"
_DOCUMENT: Final = emulator.ROOT / "docs" / "aarch64.md"
_CPUS: Final = {"cortex-a72": "Raspberry Pi 4", "cortex-a76": "Raspberry Pi 5"}
_ROUNDS: Final = 64
_CANDIDATES: Final = 6
_IDS: Final = 20
"""Each table of the network has at least so many rows."""
_SEEDS: Final = (1, 2, 3)
_BARS: Final = 24
_SENTENCE: Final = ("--mood", "anxious", "--goal", "sleep", "--minutes", "0.5", "--seed", "7")

Numbers = dict[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one machine made."""

    machine: str
    numbers: Numbers
    """``graph.output``: (rounds, ...)"""
    bars: list[Any]
    """All that was written, seed after seed."""
    files: dict[str, str]
    """SHA-256 of each file that ``lull compose`` wrote."""


def numbers() -> Numbers:
    """Return what each graph gives for the same random inputs, carrying its own state."""
    given: dict[str, list[NDArray[np.float32]]] = {}
    random = np.random.default_rng(0)
    for path in sorted(_COMPOSER.glob("*.onnx")):
        session = open_session(path.read_bytes())
        names = [node.name for node in session.get_outputs()]
        carried: Numbers = {}
        for _ in range(_ROUNDS):
            feed = {node.name: _random_input(node, random) for node in session.get_inputs()}
            outputs = dict(zip(names, session.run(None, feed | carried), strict=True))
            carried = {"state": outputs["new_state"]} if "new_state" in outputs else {}
            for name, output in outputs.items():
                given.setdefault(f"{path.stem}.{name}", []).append(output)
    return {name: np.stack(outputs) for name, outputs in given.items()}


def _random_input(node: Any, random: np.random.Generator) -> NDArray[Any]:
    shape = [size if isinstance(size, int) else _CANDIDATES for size in node.shape]
    if node.type == "tensor(int64)":
        return random.integers(0, _IDS, shape)
    return random.uniform(-1.0, 1.0, shape).astype(np.float32)


def music() -> list[Any]:
    """Return the bars that the composer writes, seed after seed."""
    plan = make_plan(Mood("anxious", *label_position("anxious")), "sleep", 5.0)
    written: list[Any] = []
    for seed in _SEEDS:
        composer, warning = open_composer(seed, plan.bars[0])
        if warning is not None:
            sys.exit(warning)
        written += [asdict(composer.next_bar(target, None)) for target in plan.bars[:_BARS]]
    return written


def work(folder: Path) -> None:
    """Leave this machine's outcome in ``folder``."""
    given: dict[str, Any] = dict(numbers())
    np.savez(folder / "numbers.npz", **given)
    (folder / "music.json").write_text(json.dumps(music()), "utf-8")
    machine = f"{platform.machine()}, Python {platform.python_version()}, onnxruntime "
    (folder / "machine").write_text(machine + onnxruntime.__version__, "utf-8")


def outcome(cpu: str | None) -> Outcome:
    """Return the outcome of this machine or, with ``cpu``, of an emulated one."""

    def python(*args: str) -> None:
        if cpu is None:
            subprocess.run([sys.executable, *args], check=True, capture_output=True)
        else:
            emulator.run(cpu, args)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python("-m", "benchmarks.aarch64", "--work", name)
        files = [str(folder / f"piece.{kind}") for kind in ("json", "mid", "wav")]
        program = "import sys; from firmware_py.app.cli import main; sys.exit(main())"
        python("-c", program, "compose", *_SENTENCE, "--out", *files)
        with np.load(folder / "numbers.npz") as arrays:
            given = {key: arrays[key] for key in arrays.files}
        return Outcome(
            (folder / "machine").read_text("utf-8"),
            given,
            json.loads((folder / "music.json").read_text("utf-8")),
            {Path(file).suffix: hashlib.sha256(Path(file).read_bytes()).hexdigest()
             for file in files},
        )  # fmt: skip


def largest_difference(here: Numbers, there: Numbers) -> float:
    """Return the largest difference of a probability."""
    logits = [name for name in here if name.endswith("logits")]
    assert logits
    return max(float(np.abs(_chances(here[n]) - _chances(there[n])).max()) for n in logits)


def _chances(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    raised = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def row(name: str, here: Outcome, there: Outcome) -> str:
    """Return a row of the table."""
    largest = largest_difference(here.numbers, there.numbers)
    same = sum(ours == theirs for ours, theirs in zip(here.bars, there.bars, strict=True))
    files = ", ".join(
        f"`{kind}` {'the same' if digest == there.files[kind] else 'differs'}"
        for kind, digest in here.files.items()
    )
    bars = f"{same} of {len(here.bars)}"
    return f"| {name} | {there.machine} | {largest:.1e} | {bars} | {files} |"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.aarch64", description=__doc__)
    parser.add_argument("--work", type=Path, metavar="FOLDER", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.work:
        work(args.work)
        return
    emulator.prepare()
    here = outcome(None)
    rows = [row(f"{cpu} ({board})", here, outcome(cpu)) for cpu, board in _CPUS.items()]
    text = "\n".join([*_head(here), *rows, ""])
    _DOCUMENT.write_text(text, "utf-8")
    print(text)


def _head(here: Outcome) -> list[str]:
    columns = (
        "processor",
        "",
        f"largest difference of a probability over {_ROUNDS} random events",
        f"the same bars, {len(_SEEDS)} seeds",
        f"`lull compose {' '.join(_SENTENCE)}`",
    )
    return [
        "# The composer on aarch64",
        "",
        (
            f"`python -m benchmarks.aarch64`, the int8 graphs of model {_model()}, against "
            f"{here.machine}. "
            "The processors are emulated by qemu: that shows whether numbers and music are the "
            "same there, not how fast they come. A seed promises the same music on one kind of "
            "machine only: where sums are rounded in another order, an int8 value now and then "
            "falls on the other side, and sooner or later a draw does, too; from there on the "
            "music goes its own way."
        ),
        "",
        f"| {' | '.join(columns)} |",
        "|---|---|---|---|---|",
    ]


def _model() -> str:
    """Return the beginning of the step graph's SHA-256, which ``lull compose`` tells too."""
    return Network(_COMPOSER).sha256[:12]


if __name__ == "__main__":
    main()
