"""Excerpts out of the corpus's sequences and out of the device's bars."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as Row
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose.condition import METRES
from firmware_py.compose.controls import CONTROLS
from firmware_py.compose.vocabulary import DURATION_STEPS, LOWEST_PITCH, PITCHES
from firmware_py.messages.score import STEPS_PER_BAR, STEPS_PER_QUARTER, Bar
from model_export.baselines.excerpt import Excerpt
from model_export.composer.sequences import Sequence, key_shift

BAR_STEPS: Final = tuple(n * 4 * STEPS_PER_QUARTER // d for n, d in METRES)
"""Steps of a bar of each metre that a condition names."""
_OTHER_BAR_STEPS: Final = (24, 36, 60, 84, 108, 120, 144)
"""1/4, 3/8, 5/8, 7/8, 9/8, 5/4, 12/8: bars that a condition only calls "other"."""


def notes_of(sequence: Sequence) -> NDArray[np.int32]:
    """Return (n, 4): bar, start, duration (steps), key-relative MIDI pitch; in order of time."""
    sounding = sequence.events[:, 1] < PITCHES
    place, symbol, duration = sequence.events[sounding, :3].astype(np.int32).T
    bar = sequence.bar_of[sounding]
    return np.stack([bar, place, DURATION_STEPS[duration], symbol + LOWEST_PITCH], axis=1)


def metres_of(conditions: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return (bars,) indices of ``METRES``; ``len(METRES)`` for any other."""
    first = 2 * CONTROLS
    return np.asarray(conditions[:, first : first + len(METRES) + 1].argmax(axis=1))


def cut(notes: NDArray[np.int32], first: int, bars: int, bar_steps: int) -> Excerpt:
    """Return bars ``first`` to ``first + bars`` (exclusive) of notes in order of time."""
    low, high = np.searchsorted(notes[:, 0], [first, first + bars])
    chosen = notes[low:high].copy()
    chosen[:, 0] -= first
    return Excerpt(chosen, bars, bar_steps)


def places_of(conditions: NDArray[np.float32], bars: int, hop: int) -> Iterator[int]:
    """Yield the first bars, each a multiple of ``hop``, whose ``bars`` bars keep a named metre."""
    metres = metres_of(conditions)
    for first in range(0, len(metres) - bars + 1, hop):
        window = metres[first : first + bars]
        if window[0] < len(METRES) and (window == window[0]).all():
            yield first


def excerpts_of(sequence: Sequence, bars: int, hop: int) -> list[Excerpt]:
    """Return the excerpts of ``bars`` bars, one every ``hop`` bars, that keep one named metre."""
    notes, metres = notes_of(sequence), metres_of(sequence.conditions)
    return [
        cut(notes, first, bars, BAR_STEPS[metres[first]])
        for first in places_of(sequence.conditions, bars, hop)
    ]


def stretches_of(sequence: Sequence) -> list[Excerpt]:
    """Return the whole sequence as excerpts that keep one metre, each as long as can be.

    The length of a bar of an "other" metre is not in the conditions: the shortest of the usual
    ones that holds every onset of the stretch stands for it.
    """
    notes, metres = notes_of(sequence), metres_of(sequence.conditions)
    borders = [0, *(np.flatnonzero(np.diff(metres)) + 1).tolist(), len(metres)]
    whole = []
    for first, last in pairwise(borders):
        excerpt = cut(notes, first, last - first, 0)
        steps = _bar_steps(int(metres[first]), excerpt.notes)
        whole.append(Excerpt(excerpt.notes, excerpt.bars, steps))
    return whole


def _bar_steps(metre: int, notes: NDArray[np.int32]) -> int:
    if metre < len(METRES):
        return BAR_STEPS[metre]
    last = int(notes[:, 1].max(initial=0))
    return next(steps for steps in _OTHER_BAR_STEPS if steps > last)


def excerpt_of(bars: Row[Bar]) -> Excerpt:
    """Return the device's music in 4/4, each bar moved to no sharps and flats by its own key."""
    rows = [
        (index, note.start, note.duration, note.pitch + _shift(bar))
        for index, bar in enumerate(bars)
        for note in bar.notes
    ]
    rows.sort(key=lambda row: (row[0], row[1], -row[3]))
    return Excerpt(np.array(rows, dtype=np.int32).reshape(-1, 4), len(bars), STEPS_PER_BAR)


def _shift(bar: Bar) -> int:
    """Return the semitones, -6 to 5, from a bar's key to C major / A minor."""
    major = bar.key.tonic + (3 if bar.key.mode == "minor" else 0)
    return key_shift(7 * major)  # a pitch class is so many fifths up


def windows(excerpt: Excerpt, bars: int, hop: int) -> list[Excerpt]:
    """Return the excerpts of ``bars`` bars, one every ``hop`` bars, of a longer one."""
    return [
        cut(excerpt.notes, first, bars, excerpt.bar_steps)
        for first in range(0, excerpt.bars - bars + 1, hop)
    ]


def onsets(excerpt: Excerpt) -> NDArray[np.int32]:
    """Return (n,) the onset of each note in steps from the first bar line."""
    return excerpt.notes[:, 0] * excerpt.bar_steps + excerpt.notes[:, 1]


def top_line(excerpt: Excerpt) -> NDArray[np.int32]:
    """Return (m, 4) the rows of the highest note of each onset."""
    if len(excerpt.notes) == 0:
        return excerpt.notes
    at = onsets(excerpt)
    highest: NDArray[np.int32] = excerpt.notes[np.append(True, at[1:] != at[:-1])]
    return highest  # at one instant the high notes stand first


def bottom_line(excerpt: Excerpt) -> NDArray[np.int32]:
    """Return (m, 4) the rows of the lowest note of each onset."""
    if len(excerpt.notes) == 0:
        return excerpt.notes
    at = onsets(excerpt)
    lowest: NDArray[np.int32] = excerpt.notes[np.append(at[1:] != at[:-1], True)]
    return lowest
