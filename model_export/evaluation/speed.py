"""How fast the shipped composer writes, at the beginning and after an hour of music."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from firmware_py.compose.model import ModelComposer
from firmware_py.compose.network import GRAPHS, Network
from firmware_py.messages.mood import Mood, label_position
from firmware_py.plan.planner import make_plan

STRETCH_S: Final = 600.0
LATE_S: Final = 3600.0
"""Seconds of music: how long the beginning is, and after how many the other stretch begins."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bars by processor time, on one core."""

    bars: int
    times_real: float
    median_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Speed:
    """A session from anxious to sleep."""

    first_bar_ms: float
    beginning: Stretch
    """Its first ``stretch_s``."""
    after_an_hour: Stretch
    """``stretch_s`` after the first ``late_s``."""
    bytes: int
    """Of the graphs together."""


def speed(folder: Path, stretch_s: float = STRETCH_S, late_s: float = LATE_S) -> Speed:
    """Write ``late_s + stretch_s`` of music with the graphs in ``folder`` and time every bar."""
    minutes = (late_s + stretch_s) / 60.0
    plan = make_plan(Mood("anxious", *label_position("anxious")), "sleep", minutes)
    composer = ModelComposer(Network(folder), 7, plan.bars[0])
    spent = np.zeros(len(plan.bars))
    for index, target in enumerate(plan.bars):
        begun = time.process_time()
        composer.next_bar(target, None)
        spent[index] = time.process_time() - begun
    lasts = np.array([target.seconds for target in plan.bars])
    begins = np.cumsum(lasts) - lasts
    return Speed(
        1000.0 * float(spent[0]),
        _stretch(spent, lasts, begins < stretch_s),
        _stretch(spent, lasts, begins >= late_s),
        sum((folder / f"{name}.onnx").stat().st_size for name in GRAPHS),
    )


def _stretch(
    spent: np.ndarray[tuple[int], np.dtype[np.float64]],
    lasts: np.ndarray[tuple[int], np.dtype[np.float64]],
    chosen: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> Stretch:
    return Stretch(
        int(chosen.sum()),
        float(lasts[chosen].sum() / spent[chosen].sum()),
        1000.0 * float(np.median(spent[chosen])),
        1000.0 * float(np.quantile(spent[chosen], 0.99)),
    )
