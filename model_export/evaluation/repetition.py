"""What is played again note for note, at the same pitch or moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_export.baselines.excerpt import Excerpt
from model_export.evaluation.excerpts import cut

PASSAGE: Final = 8
"""Bars of the passage whose verbatim return is counted."""


@dataclass(frozen=True, slots=True)
class Repetition:
    """Of a whole session; bars without notes do not count as repetition."""

    verbatim: float
    """Share of the bars that are, note for note, an earlier bar."""
    moved: float
    """The same, at any pitch."""
    longest: int
    """Bars of the longest passage that comes again, at any pitch; the two do not overlap."""
    passages: int
    """Passages of ``PASSAGE`` bars, none overlapping another, that stood before, at any pitch."""


def repetition(excerpt: Excerpt) -> Repetition:
    """Measure a session of any length; memory grows with the square of its bars."""
    shape, height = _shapes(excerpt)
    exact = list(zip(shape.tolist(), height.tolist(), strict=True))
    runs = _runs(shape, height)
    return Repetition(
        _share(exact),
        _share([(number, 0) for number, _ in exact]),
        int(runs.max(initial=0)),
        _count(runs),
    )


def _share(bars: list[tuple[int, int]]) -> float:
    """Return the share of the filled bars that stood before."""
    filled = [bar for bar in bars if bar[0] >= 0]
    return (len(filled) - len(set(filled))) / len(filled) if filled else 0.0


def _shapes(excerpt: Excerpt) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (bars,) the number of each bar's shape, -1: empty, and its height (first pitch)."""
    known: dict[bytes, int] = {}
    shape = np.full(excerpt.bars, -1, dtype=np.int64)
    height = np.zeros(excerpt.bars, dtype=np.int64)
    for bar in range(excerpt.bars):
        notes = cut(excerpt.notes, bar, 1, excerpt.bar_steps).notes
        if len(notes):
            height[bar] = notes[0, 3]
            notes[:, 3] -= notes[0, 3]
            shape[bar] = known.setdefault(notes[:, 1:].tobytes(), len(known))
    return shape, height


def _runs(shape: NDArray[np.int64], height: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return (bars, bars): [i, j], j < i, bars of the passage that ends at i and also ended at j.

    Passages do not overlap: none is longer than i - j.
    """
    bars = len(shape)
    runs = np.zeros((bars, bars), dtype=np.int32)
    for i in range(bars):
        alike = (shape[:i] == shape[i]) & (shape[i] >= 0)
        before = np.zeros(i, dtype=np.int32)
        if i:
            moves_alike = height[i] - height[i - 1] == height[1:i] - height[: i - 1]
            before[1:] = np.where(moves_alike, runs[i - 1, : i - 1], 0)
        runs[i, :i] = np.where(alike, before + 1, 0)
    apart = np.arange(bars)[:, None] - np.arange(bars)[None]
    return np.asarray(np.minimum(runs, np.maximum(apart, 0)), dtype=np.int32)


def _count(runs: NDArray[np.int32]) -> int:
    longest = runs.max(axis=1, initial=0)
    count, free = 0, 0
    for end, length in enumerate(longest):
        if length >= PASSAGE and end - PASSAGE + 1 >= free:
            count, free = count + 1, end + 1
    return count
