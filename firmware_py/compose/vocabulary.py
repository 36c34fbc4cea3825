"""The composer's alphabet: one model step is one event, and an event is a few small numbers.

A bar is written as ``BAR``, then for each chord ``CHORD`` and for each note ``NOTE`` in order of
time; at one instant the chord comes first, then the notes from high to low. Every event has

* ``place``: the step inside the bar (24 a quarter), or ``BAR`` for "this bar is done",
* ``symbol``: a note's pitch or a chord, both relative to the key (C major / A minor),
* ``duration``: the class of a note's length, ``NO_DURATION`` otherwise.

Transposing to one key signature makes the same function of the key the same symbol everywhere.
"""

from __future__ import annotations

from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from firmware_py.messages.score import CHORD_INTERVALS, ChordQuality

LONGEST_BAR: Final = 144
"""Steps of the longest bar (12/8, 3/2); longer ones are left out of training."""
BAR: Final = LONGEST_BAR
"""The place that ends a bar."""
PLACES: Final = LONGEST_BAR + 1

LOWEST_PITCH: Final = 21
HIGHEST_PITCH: Final = 108
PITCHES: Final = HIGHEST_PITCH - LOWEST_PITCH + 1
QUALITIES: Final[tuple[ChordQuality, ...]] = get_args(ChordQuality)
CHORDS: Final = 12 * len(QUALITIES)
NO_SYMBOL: Final = PITCHES + CHORDS
"""The symbol of a BAR event, and of the start."""
SYMBOLS: Final = NO_SYMBOL + 1

# Lengths in steps: the commonest in the corpus; the nearest stands for any other.
# fmt: off
DURATION_STEPS: Final[NDArray[np.int32]] = np.array([
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 15, 16, 18, 20, 21, 22, 24, 27, 28, 30, 32, 33,
    36, 40, 42, 44, 45, 48, 54, 56, 60, 66, 68, 72, 78, 80, 84, 90, 96, 108, 120, 132,
    144, 168, 192, 288,
], dtype=np.int32)
# fmt: on
NO_DURATION: Final = len(DURATION_STEPS)
DURATIONS: Final = NO_DURATION + 1

# chord index -> 12 flags, which pitch classes belong to it: (CHORDS, 12)
CHORD_CLASSES: Final[NDArray[np.bool_]] = np.zeros((CHORDS, 12), dtype=np.bool_)
for _root in range(12):
    for _index, _quality in enumerate(QUALITIES):
        for _interval in CHORD_INTERVALS[_quality]:
            CHORD_CLASSES[_root * len(QUALITIES) + _index, (_root + _interval) % 12] = True


def chord_symbol(root: int, quality: ChordQuality) -> int:
    """Return the symbol of a chord; ``root``: pitch class relative to the key signature."""
    return PITCHES + (root % 12) * len(QUALITIES) + QUALITIES.index(quality)


def chord_of(symbol: int) -> tuple[int, ChordQuality]:
    """Return (root, quality) of a chord symbol."""
    index = symbol - PITCHES
    return index // len(QUALITIES), QUALITIES[index % len(QUALITIES)]


def is_chord(symbol: int) -> bool:
    """Tell a chord symbol from a pitch."""
    return PITCHES <= symbol < NO_SYMBOL


def duration_classes(steps: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the nearest duration class of each length in steps (ties go to the shorter)."""
    middles = (DURATION_STEPS[1:] + DURATION_STEPS[:-1]) / 2.0
    return np.searchsorted(middles, steps, side="left").astype(np.int64)
