"""Whether music comes back at the scale of a phrase, a period and a section.

The structureness indicator (S.-L. Wu, Y.-H. Yang, "The Jazz Transformer on the front line", ISMIR
2020; MusDr) is the greatest fitness of any segment of a range of lengths in the scape plot of
M. Mueller, N. Jiang, H. Grohganz, "SM Toolbox", 2014. Ours differs from it in two ways, each of
which makes it cheaper: likeness is between whole bars of notes, not between frames of audio, and
repetitions keep the tempo (straight diagonals, no warping), which written music does. As there,
only the strongest likenesses of the music count for a return, so that an even texture is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_export.baselines.excerpt import Excerpt

WINDOW: Final = 64
"""Bars in which structure is looked for: fitness depends on how many there are."""
SCALES: Final[dict[str, tuple[int, int]]] = {
    "up to 8 bars": (4, 8),
    "up to 15 bars": (9, 15),
    "up to 30 bars and more": (16, 32),
}
"""Shortest and longest segment of each indicator, in bars; the last one to half of the window."""
_STRONGEST: Final = 0.15
"""Share of the pairs of bars that count for a return (SM Toolbox: relative threshold 0.15)."""
_SURELY: Final = 0.9
"""Likeness that counts however common it is."""


def likeness(excerpt: Excerpt) -> NDArray[np.float64]:
    """Return (bars, bars), 0 to 1: how alike any two bars are.

    The mean of three: notes shared (same place and pitch, over the notes of either), onsets shared
    likewise, and the cosine of pitch classes weighted by length. An empty bar is like itself only.
    """
    bars = excerpt.bars
    bar, start, duration, pitch = excerpt.notes.T
    notes = np.zeros((bars, excerpt.bar_steps * 128), dtype=np.float32)
    notes[bar, start * 128 + pitch] = 1.0
    rhythm = np.zeros((bars, excerpt.bar_steps), dtype=np.float32)
    rhythm[bar, start] = 1.0
    colour = np.zeros((bars, 12))
    np.add.at(colour, (bar, pitch % 12), duration)
    norm = np.linalg.norm(colour, axis=1, keepdims=True)
    unit = colour / np.where(norm > 0.0, norm, 1.0)
    alike = (_shared(notes) + _shared(rhythm) + unit @ unit.T) / 3.0
    np.fill_diagonal(alike, 1.0)
    return np.asarray(alike)


def _shared(sets: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return (n, n): members in both over members in either; 0 when both are empty."""
    both = (sets @ sets.T).astype(np.float64)
    sizes = sets.sum(axis=1).astype(np.float64)
    either = sizes[:, None] + sizes[None] - both
    return np.asarray(both / np.maximum(either, 1.0))


def scored(alike: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (bars, bars), -1 to 1: likeness above what is common in this music, 1 for the same."""
    common = min(float(np.quantile(alike, 1.0 - _STRONGEST)), _SURELY)
    return np.asarray(np.clip((alike - common) / (1.0 - common), -1.0, 1.0))


def fitness(score: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Return (bars - length + 1,): how well each segment of ``length`` bars explains the rest.

    ``score`` as of ``scored``.

    0 to 1: the harmonic mean of how alike its repetitions are and how much of the music they
    cover, both without the segment itself.
    """
    bars = len(score)
    starts = bars - length + 1
    there = sum(score[k : k + starts, k : k + starts] for k in range(length))
    total = np.asarray(there)  # (segment, place): score of the segment laid at the place
    best = np.zeros((bars + 1, starts))  # best[j]: with repetitions that end before bar j
    laid = np.zeros((bars + 1, starts))  # how many they are
    for end in range(length, bars + 1):
        with_it = best[end - length] + total[:, end - length]
        better = with_it > best[end - 1]
        best[end] = np.where(better, with_it, best[end - 1])
        laid[end] = np.where(better, laid[end - length] + 1.0, laid[end - 1])
    others = np.maximum(laid[-1] - 1.0, 0.0)
    quality = np.maximum(best[-1] - length, 0.0) / np.maximum(laid[-1] * length, 1.0)
    coverage = others * length / bars
    summed = quality + coverage
    return np.asarray(
        np.where(summed > 0.0, 2.0 * quality * coverage / np.maximum(summed, 1e-9), 0.0)
    )


def structureness(excerpt: Excerpt) -> dict[str, float]:
    """Return the indicator of each scale, 0 to 1, of an excerpt of ``WINDOW`` bars."""
    score = scored(likeness(excerpt))
    return {
        scale: max(float(fitness(score, length).max()) for length in range(low, high + 1))
        for scale, (low, high) in SCALES.items()
    }


@dataclass(frozen=True, slots=True)
class Structure:
    """One indicator, over windows of equally many bars."""

    generated: float
    """Mean."""
    real: float
    """Mean over the test works."""
    low: float
    high: float
    """95% of the means of as many real windows, drawn at random, lie between."""
    window_low: float
    window_high: float
    """95% of the real windows lie between."""
    inside: float
    """Share of the generated windows that do."""


def structures(
    generated: Sequence[Excerpt], real: Sequence[Excerpt], seed: int
) -> dict[str, Structure]:
    """Compare excerpts of ``WINDOW`` bars each."""
    mine = [structureness(excerpt) for excerpt in generated]
    theirs = [structureness(excerpt) for excerpt in real]
    generator = np.random.default_rng(seed)
    found = {}
    for scale in SCALES:
        ours = np.array([row[scale] for row in mine])
        truth = np.array([row[scale] for row in theirs])
        low, high = np.quantile(truth, (0.025, 0.975))
        means = generator.choice(truth, (1000, len(ours))).mean(axis=1)
        mean_low, mean_high = np.quantile(means, (0.025, 0.975))
        inside = (ours >= low) & (ours <= high)
        found[scale] = Structure(
            float(ours.mean()), float(truth.mean()), float(mean_low), float(mean_high),
            float(low), float(high), float(inside.mean()),
        )  # fmt: skip
    return found
