"""Chord symbols for the corpus: which chord explains the notes of a stretch of music best."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose.vocabulary import CHORD_CLASSES, CHORDS, QUALITIES

_SIZE: Final = CHORD_CLASSES.sum(axis=1)
_ROOTS: Final = np.arange(CHORDS) // len(QUALITIES)
_FOREIGN_COST: Final = 0.7
_BASS_BONUS: Final = 0.25
# A chord pays for each of its tones that does not sound, so that a triad is not called a seventh.
_MISSING_COST: Final = 0.12
_PLAIN: Final = np.array([0.0, 0.0, 0.05, 0.1, 0.03, 0.05, 0.05, 0.08])[
    np.arange(CHORDS) % len(QUALITIES)
]
_SPLIT_GAIN: Final = 0.15


def best_chord(weight: NDArray[np.float64], bass: int) -> tuple[int, float]:
    """Return (chord index, score) for 12 pitch-class weights; ``bass``: lowest pitch class."""
    share = weight / max(weight.sum(), 1e-9)
    inside = CHORD_CLASSES @ share
    missing = _SIZE - CHORD_CLASSES @ (share > 0.04)
    score = inside - _FOREIGN_COST * (1 - inside) - _MISSING_COST * missing - _PLAIN
    score = score + _BASS_BONUS * (bass == _ROOTS)
    best = int(score.argmax())
    return best, float(score[best])


def chords_of_bar(
    starts: NDArray[np.int32], ends: NDArray[np.int32], pitches: NDArray[np.int32], length: int
) -> list[tuple[int, int]]:
    """Return [(step, chord index)] of one bar: one chord, or two when halves say clearly more.

    ``starts`` and ``ends`` (n,) are steps from the bar line of the notes that begin in the bar.
    An empty bar has no chord.
    """
    if len(pitches) == 0:
        return []
    whole = _stretch(starts, ends, pitches, 0, length)
    if whole is None:
        return []
    half = length // 2
    first, second = (
        _stretch(starts, ends, pitches, 0, half),
        _stretch(starts, ends, pitches, half, length),
    )
    if first is None or second is None or first[0] == second[0]:
        return [(0, whole[0])]
    if (first[1] + second[1]) / 2 > whole[1] + _SPLIT_GAIN:
        return [(0, first[0]), (half, second[0])]
    return [(0, whole[0])]


def _stretch(
    starts: NDArray[np.int32],
    ends: NDArray[np.int32],
    pitches: NDArray[np.int32],
    begin: int,
    end: int,
) -> tuple[int, float] | None:
    overlap = np.minimum(ends, end) - np.maximum(starts, begin)
    sounding = overlap > 0
    if not sounding.any():
        return None
    heard = pitches[sounding]
    weight = np.bincount(heard % 12, overlap[sounding].astype(np.float64), minlength=12)
    return best_chord(weight.astype(np.float64), int(heard.min()) % 12)
