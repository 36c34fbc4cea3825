"""How far two sets of music overlap in what they are made of, and how far real music does.

The overlap area (L.-C. Yang, A. Lerch, "On the evaluation of generative models in music", 2020) of
five histograms. All five are of discrete things, so no kernel has to smooth them: the area is the
sum of the smaller share of each cell. Two finite samples of the same music do not overlap wholly;
how much is right is measured by halving the real music at random.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose.vocabulary import CHORDS, QUALITIES
from model_export.baselines.excerpt import Excerpt
from model_export.composer.chords import chords_of_bar
from model_export.evaluation.excerpts import top_line

_WIDEST: Final = 24
_LONGEST: Final = 193
_PLACES: Final = 144


@dataclass(frozen=True, slots=True)
class Overlap:
    """0: nothing in common; 1: the same shares."""

    generated: float
    """Of generated music with real music of other works; mean over the halvings."""
    real: float
    """Of one half of the real works with the other; mean."""
    low: float
    high: float
    """95% of the halvings of the real works lie between."""

    @property
    def within(self) -> bool:
        """Tell whether generated music overlaps as real music does, or more."""
        return self.generated >= self.low


def _pitch_classes(excerpt: Excerpt) -> NDArray[np.int64]:
    return np.bincount(excerpt.notes[:, 3] % 12, minlength=12)


def _intervals(excerpt: Excerpt) -> NDArray[np.int64]:
    """Count the top line's intervals, -24 to 24 semitones; wider ones at the ends."""
    moves = np.clip(np.diff(top_line(excerpt)[:, 3]), -_WIDEST, _WIDEST)
    return np.bincount(moves + _WIDEST, minlength=2 * _WIDEST + 1)


def _durations(excerpt: Excerpt) -> NDArray[np.int64]:
    """Count lengths in steps, 192 (two bars of 4/4) and more in one cell."""
    return np.bincount(np.minimum(excerpt.notes[:, 2], _LONGEST - 1), minlength=_LONGEST)


def _onset_places(excerpt: Excerpt) -> NDArray[np.int64]:
    """Count the steps of the bar at which something begins."""
    onsets = np.unique(excerpt.notes[:, :2], axis=0)
    return np.bincount(onsets[:, 1], minlength=_PLACES)


def _chord_transitions(excerpt: Excerpt) -> NDArray[np.int64]:
    """Count (quality before, root's move in semitones, quality after) of successive chords.

    The chords are those of the corpus's analysis, made from the notes alone.
    """
    chords: list[int] = []
    borders = np.searchsorted(excerpt.notes[:, 0], np.arange(excerpt.bars + 1))
    for low, high in pairwise(borders):
        _, start, length, pitch = excerpt.notes[low:high].T
        chords += [at for _, at in chords_of_bar(start, start + length, pitch, excerpt.bar_steps)]
    root, quality = np.divmod(np.array(chords, dtype=np.int64), len(QUALITIES))
    cells = quality[:-1] * CHORDS + np.diff(root) % 12 * len(QUALITIES) + quality[1:]
    return np.bincount(cells, minlength=len(QUALITIES) * CHORDS)


COUNTS: Final[dict[str, Callable[[Excerpt], NDArray[np.int64]]]] = {
    "pitch class": _pitch_classes,
    "interval": _intervals,
    "duration": _durations,
    "onset": _onset_places,
    "chord transition": _chord_transitions,
}


def overlap_area(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the overlap, 0 to 1, of two histograms (cells,) of counts; 0 when one is empty."""
    if one.sum() == 0 or other.sum() == 0:
        return 0.0
    return float(np.minimum(one / one.sum(), other / other.sum()).sum())


def overlaps(
    real: Sequence[Excerpt],
    generated: Sequence[Excerpt],
    works: Sequence[str],
    asked_by: Sequence[str],
    seed: int,
    halvings: int = 400,
) -> dict[str, Overlap]:
    """Compare half of the real works with the other half, and with what stands for the first half.

    ``works``: of each real excerpt; ``asked_by``: the work at whose controls each generated excerpt
    was written, so that a half is compared with equally much music; generated excerpts that no
    work asked for (a session's) are given a work each, in turn (``in_turn``).
    Raises ``ValueError`` with fewer than two works.
    """
    names, of_real = np.unique(np.array(works), return_inverse=True)
    if len(names) < 2:
        raise ValueError("overlaps need excerpts of two works at least")
    of_generated = np.searchsorted(names, np.array(asked_by))
    generator = np.random.default_rng(seed)
    halves = np.zeros((halvings, len(names)))
    for row in halves:
        row[generator.permutation(len(names))[: len(names) // 2]] = 1.0
    found = {}
    for name, count in COUNTS.items():
        truth = _per_work([count(excerpt) for excerpt in real], of_real, len(names))
        other = _per_work([count(excerpt) for excerpt in generated], of_generated, len(names))
        rest = (1.0 - halves) @ truth
        among = [overlap_area(a, b) for a, b in zip(halves @ truth, rest, strict=True)]
        across = [overlap_area(a, b) for a, b in zip(halves @ other, rest, strict=True)]
        low, high = np.quantile(among, (0.025, 0.975))
        found[name] = Overlap(
            float(np.mean(across)), float(np.mean(among)), float(low), float(high)
        )
    return found


def _per_work(
    counts: list[NDArray[np.int64]], work: NDArray[np.int64], works: int
) -> NDArray[np.float64]:
    """Return (works, cells) the counts of each work's excerpts together."""
    table = np.zeros((works, len(counts[0])))
    np.add.at(table, work, np.array(counts, dtype=np.float64))
    return table


def in_turn(works: Sequence[str], excerpts: int) -> list[str]:
    """Return a work for each of so many excerpts that none asked for."""
    names = sorted(set(works))
    return [names[at % len(names)] for at in range(excerpts)]
