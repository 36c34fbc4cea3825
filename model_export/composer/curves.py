"""The training as a picture: what was learnt, and when."""

from __future__ import annotations

import json
import os
from pathlib import Path

from matplotlib.figure import Figure

from firmware_py.messages.errors import MissingError


def draw(log: Path, picture: Path) -> None:
    """Write a PNG of ``log.jsonl``; raises ``MissingError`` when there is no log."""
    if not log.exists():
        raise MissingError(f"no log of a training at {log}.", fix="python -m model_export train")
    rows = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    minutes = [row["spent_s"] / 60.0 for row in rows]
    figure = Figure(figsize=(7.0, 3.6), dpi=110, layout="constrained")
    axes = figure.add_subplot()
    for name in ("total", "symbol", "duration", "place"):
        axes.plot(minutes, [row["validation"][name] for row in rows], marker=".", label=name)
    axes.set(
        title="Validation: calm works held out",
        xlabel="minutes of one core",
        ylabel="nats a note, controls given",
        ylim=(0.0, None),
    )
    axes.legend(frameon=False)
    temporary = picture.with_name(f".{picture.name}.{os.getpid()}.part")
    figure.savefig(temporary, format="png", metadata={"Software": None})
    temporary.replace(picture)
