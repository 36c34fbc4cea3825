"""``python -m benchmarks``: every figure of the README beside its budget, and their picture.

``--quick`` leaves out the fresh installation. Writes docs/benchmarks.md and its plot.
"""

from __future__ import annotations

import argparse
import datetime as dt
import platform
from pathlib import Path

import matplotlib as mpl

from benchmarks import compose, install_size, journey, render
from benchmarks.row import Row
from firmware_py.app.fetch.soundfont import find_soundfont
from firmware_py.config.paths import Paths

mpl.use("Agg")
from matplotlib import pyplot as plt

_DOCS = Path(__file__).resolve().parent.parent / "docs"


def rendering() -> list[Row]:
    """Return how fast one core renders while playing."""
    font = find_soundfont(None, models=Paths.from_environment().models)
    got = render.in_a_process(font, "while playing", 3.0)
    note = f"{got['first_bar_ms']:.0f} ms the first bar, {font.name}"
    return [Row("render, one core", got["times"], "x real time", 20.0, note)]


def plot(rows: list[Row], path: Path) -> None:
    """Draw how much of each budget is used: under 1 is kept."""
    budgeted = [row for row in rows if row.budget]
    used = [
        row.budget / row.value if "x real time" in row.unit else row.value / row.budget
        for row in budgeted
        if row.budget
    ]
    figure, axes = plt.subplots(figsize=(8, 0.5 * len(budgeted) + 1.2), layout="constrained")
    colours = ["#3b7a57" if share <= 1 else "#b03a2e" for share in used]
    axes.barh([row.what for row in budgeted], used, color=colours)
    axes.axvline(1.0, color="black", linewidth=1)
    axes.set_xlabel("share of the budget that is used")
    axes.invert_yaxis()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110, metadata={"Software": None})


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without the fresh installation")
    args = parser.parse_args()
    rows = [*journey.rows(), compose.real_time(), *compose.steps(), *rendering()]
    if not args.quick:
        rows += install_size.rows()
    table = [
        "| what | measured | budget | note |",
        "|---|---|---|---|",
        *(row.line() for row in rows),
    ]
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    head = (
        f"# Benchmarks\n\n`make bench`, {today}, one core of {_processor()}. "
        "`python -m benchmarks.aarch64` compares numbers and music with arm64's (emulated).\n\n"
    )
    plot(rows, _DOCS / "img" / "benchmarks.png")
    text = head + "\n".join(table) + "\n\n![Share of each budget used](img/benchmarks.png)\n"
    (_DOCS / "benchmarks.md").write_text(text, "utf-8")
    print("\n".join(table))


def _processor() -> str:
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        if line.startswith("model name")
    ]
    return names[0] if names else platform.machine()


main()
