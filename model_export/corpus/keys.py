"""The key of a piece by its notes, with the measure that the composer is steered by."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose.controls import mode_of, pitch_class_weight
from model_export.corpus.piece import Score

CLEAR: Final = 0.2
"""``mode_of`` nearer to 0 than this tells neither major nor minor."""
Mode = Literal["major", "minor", "unclear"]


def fifths_at(score: Score, steps: NDArray[np.int32]) -> NDArray[np.int32]:
    """Fifths of the signature in force at each step; 0 where none is written."""
    if not len(score.keys):
        return np.zeros(len(steps), np.int32)
    number = np.searchsorted(score.keys[:, 0], steps, side="right") - 1
    return np.asarray(score.keys[np.maximum(number, 0), 1], np.int32)


def brightness(score: Score) -> float:
    """Return ``controls.mode_of`` over the whole piece: -1 minor to 1 major of its signatures."""
    onsets, durations, pitches = score.notes[:, 0], score.notes[:, 1], score.notes[:, 2]
    relative = (pitches - 7 * fifths_at(score, onsets)) % 12
    return mode_of(pitch_class_weight(relative, durations))


def mode(score: Score) -> Mode:
    """Major, minor, or unclear."""
    value = brightness(score)
    if abs(value) < CLEAR:
        return "unclear"
    return "major" if value > 0 else "minor"
