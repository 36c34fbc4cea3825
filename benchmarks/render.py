"""Rendering: times faster than real time on one core, memory, and the loudness of the files.

``python -m benchmarks.render [--minutes N]``. Each row is a process of its own. Times are of the
process's CPU (the machine may be busy with other work): real time divided by them is what one free
core can do. The piece is the rule composer's, from anxious to calm.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from firmware_py.compose.rules import RuleComposer
from firmware_py.messages.mood import Mood, label_position
from firmware_py.plan.planner import make_plan
from firmware_py.render.composition import Composition
from firmware_py.render.files import write_outputs
from firmware_py.render.level import LevelledRenderer
from firmware_py.render.synth import FluidSynthRenderer

SOUNDS = Path("/usr/share/sounds")
FONTS = (SOUNDS / "sf2/FluidR3_GM.sf2", SOUNDS / "sf2/TimGM6mb.sf2")
WAYS = ("synthesiser", "while playing", "wav", "wav and flac", "mid, png, json")

Row = dict[str, float]


def measure(font: Path, way: str, minutes: float) -> Row:
    """Render one way in this process."""
    plan = make_plan(Mood("anxious", *label_position("anxious")), "calm", minutes)
    composer = RuleComposer(7, plan.bars[0])
    last = len(plan.bars) - 1
    bars = tuple(composer.next_bar(bar, last - index) for index, bar in enumerate(plan.bars))
    piece = Composition(plan, bars, "rules", 7, lambda: FluidSynthRenderer(font, seed=7))
    suffixes = {"wav": "wav", "wav and flac": "wav flac", "mid, png, json": "mid png json"}

    def stream() -> Row:
        renderer = piece.renderer()
        if way == "while playing":
            renderer = LevelledRenderer(renderer)
        first = time.process_time()
        renderer.render_bar(bars[0])
        row = {"first_bar_ms": 1000 * (time.process_time() - first)}
        for bar in bars[1:]:
            renderer.render_bar(bar)
        renderer.finish()
        return row

    def to_files() -> Row:
        with tempfile.TemporaryDirectory() as folder:
            names = [Path(folder) / f"a.{suffix}" for suffix in suffixes[way].split()]
            written = write_outputs(names, piece)
        sound = written.sound
        return {} if sound is None else {"lufs": sound.lufs or 0.0, "dbtp": sound.dbtp}

    work: Callable[[], Row] = to_files if way in suffixes else stream
    begin = time.process_time()
    row = work()
    spent = time.process_time() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"times": piece.seconds / spent, "peak_mb": peak, **row}


def in_a_process(font: Path, way: str, minutes: float) -> Row:
    """Run ``measure`` in a fresh interpreter with one thread."""
    command = [sys.executable, "-m", "benchmarks.render", "--row", str(font), way]
    done = subprocess.run(
        [*command, "--minutes", str(minutes)],
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    row: Row = json.loads(done.stdout)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--row", nargs=2, metavar=("FONT", "WAY"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.row:
        print(json.dumps(measure(Path(args.row[0]), args.row[1], args.minutes)))
        return
    print(f"{args.minutes:g} minutes of music, one core")
    print("| soundfont | way | x real time | first bar, ms | peak RSS, MB | LUFS | dBTP |")
    print("|---|---|---|---|---|---|---|")
    for font in (font for font in FONTS if font.is_file()):
        for way in WAYS:
            row = in_a_process(font, way, args.minutes)
            optional = [f"{row[key]:.1f}" if key in row else "-" for key in ("lufs", "dbtp")]
            first = f"{row['first_bar_ms']:.0f}" if "first_bar_ms" in row else "-"
            print(
                f"| {font.name} | {way} | {row['times']:.0f} | {first} | {row['peak_mb']:.0f} | "
                + " | ".join(optional)
                + " |"
            )


if __name__ == "__main__":
    main()
