r"""Where the bar lines are in music whose pickup was lost.

LilyPond writes no trace of a pickup (``\partial``) into MIDI: its first note looks like a
downbeat. A bar line is a place where long notes start and that few notes sound across, which is
enough to tell: the weights below were fitted by ``pickup_fit`` to pieces whose bar lines are
known, and find the pickup, or that there is none, in 93.9% of the pieces held out; taking every
first note for a downbeat is right in 78.9%. Of 50 pieces of Mutopia that an engraved source has
too, 39 come out right, 25 without.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

UNIT: Final = 12
"""A pickup counts in eighths: shorter ones are too rare to be worth the false alarms."""
FEWEST_BARS: Final = 4
WEIGHTS: Final = (2.25, 4.01, -12.38)
"""For: no pickup; the longest note that starts at a bar line, as a multiple of the mean over all
onsets; the share of bar lines that a note sounds across."""


def pickup(notes: NDArray[np.int32], bar: int) -> int:
    """Return the steps before the first bar line, 0 where the music starts with a full bar.

    ``notes``: as in ``Score``, in one metre; ``bar``: steps of a full bar.
    """
    if bar <= UNIT or not len(notes) or notes[-1, 0] < FEWEST_BARS * bar:
        return 0
    return int(np.argmax(evidence(notes, bar) @ WEIGHTS)) * UNIT


def evidence(notes: NDArray[np.int32], bar: int) -> NDArray[np.float64]:
    """(candidates, 3): what ``WEIGHTS`` weighs, for pickups of 0, ``UNIT``, 2 ``UNIT``, ..."""
    onsets, first = np.unique(notes[:, 0], return_index=True)
    longest = np.maximum.reduceat(notes[:, 1], first)
    across = _sounding_across(notes)
    rows = []
    for start in range(0, bar, UNIT):
        lines = np.arange(start, len(across), bar)
        at_lines = longest[(onsets - start) % bar == 0].sum() / len(lines)
        rows.append((start == 0, at_lines / longest.mean(), (across[lines] > 0).mean()))
    return np.array(rows, dtype=np.float64)


def _sounding_across(notes: NDArray[np.int32]) -> NDArray[np.int64]:
    """Count, for each step, the notes that started before it and end after it."""
    ends = notes[:, 0] + notes[:, 1]
    change = np.zeros(int(ends.max()) + 1, dtype=np.int64)
    np.add.at(change, notes[:, 0] + 1, 1)
    np.add.at(change, ends, -1)
    return np.cumsum(change)[:-1]
