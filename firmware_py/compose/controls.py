"""What a bar is like, as numbers computed from its notes: the language between plan and model.

The same function measures the corpus for training, a candidate bar for rejection, and the shipped
music for evaluation, so that a target asked for and a value measured mean the same thing.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose.likeness import Heard
from firmware_py.messages.score import STEPS_PER_QUARTER

CONTROL_NAMES: Final = (
    "density",
    "polyphony",
    "register",
    "span",
    "regularity",
    "mode",
    "tension",
    "repetition",
    "length",
    "echo",
    "motif",
)
CONTROLS: Final = len(CONTROL_NAMES)

# Roughness of an interval class, 0 (unison) to 6 (tritone): the aggregate consonance of D. Huron,
# "Interval-class content in equally tempered pitch-class sets", Music Perception 11, 1994
# (m2 -1.428, M2 -0.582, m3 0.594, M3 0.386, P4 1.240, tritone -0.453), turned and scaled to 0..1.
ROUGHNESS: Final[NDArray[np.float64]] = np.array([0.0, 1.0, 0.683, 0.242, 0.32, 0.0, 0.635])

# C. L. Krumhansl, "Cognitive Foundations of Musical Pitch", 1990: probe-tone profiles.
_MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])
_C_MAJOR = (_MAJOR - _MAJOR.mean()) / np.linalg.norm(_MAJOR - _MAJOR.mean())
_A_MINOR = np.roll((_MINOR - _MINOR.mean()) / np.linalg.norm(_MINOR - _MINOR.mean()), 9)
_C_SCALE: Final = np.array([1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1], dtype=bool)


def mode_of(pitch_class_weight: NDArray[np.float64]) -> float:
    """Return -1 (A minor) to 1 (C major) from 12 pitch-class weights relative to the signature."""
    centred = pitch_class_weight - pitch_class_weight.mean()
    norm = float(np.linalg.norm(centred))
    if norm == 0.0:
        return 0.0
    return float(np.clip((_C_MAJOR - _A_MINOR) @ centred / norm / 0.8, -1.0, 1.0))


def pitch_class_weight(
    pitches: NDArray[np.int32], durations: NDArray[np.int32]
) -> NDArray[np.float64]:
    """Return how long each of the 12 pitch classes sounds, in quarters."""
    weight = np.bincount(pitches % 12, durations / STEPS_PER_QUARTER, minlength=12)
    return weight.astype(np.float64)


def roughness(
    starts: NDArray[np.int32], durations: NDArray[np.int32], pitches: NDArray[np.int32]
) -> float:
    """Return the mean roughness of the notes that sound together, 0 to 1, by overlap in time."""
    if len(starts) < 2:
        return 0.0
    ends = starts + durations
    overlap = np.minimum(ends[:, None], ends[None]) - np.maximum(starts[:, None], starts[None])
    overlap = np.triu(np.maximum(overlap, 0), k=1)
    apart = np.abs(pitches[:, None] - pitches[None]) % 12
    total = float(overlap.sum())
    return float((ROUGHNESS[np.minimum(apart, 12 - apart)] * overlap).sum() / total) if total else 0


def measure(
    starts: NDArray[np.int32],
    durations: NDArray[np.int32],
    pitches: NDArray[np.int32],
    bar_steps: int,
    heard: Heard,
    around: NDArray[np.float64],
) -> NDArray[np.float32]:
    """Return the ``CONTROLS`` numbers of one bar, each about -1 to 1.

    ``starts`` (n,) steps from the bar line, ``pitches`` (n,) MIDI numbers relative to the key
    signature (moved to C major / A minor), ``heard``: the bars before, ``around``: pitch-class
    weights of some bars around, as one bar is too short to have a mode. An empty bar measures as
    silence: lowest density.
    """
    quarters = bar_steps / STEPS_PER_QUARTER
    onsets = np.unique(starts)
    if len(onsets) == 0:
        silent = [-1.5, -1.0, 0, -1, 1, mode_of(around), 0, 0, 0, 0, 0]
        return np.array(silent, dtype=np.float32)
    within = np.minimum(durations, bar_steps - starts)
    foreign = float(within[~_C_SCALE[pitches % 12]].sum() / max(within.sum(), 1))
    like = heard.likeness(starts, pitches)
    return np.array(
        [
            np.log2(len(onsets) / quarters) / 2.0,
            within.sum() / bar_steps / 2.0 - 1.0,
            (pitches.mean() - 62.0) / 12.0,
            (float(pitches.max() - pitches.min()) - 24.0) / 24.0,
            _regularity(onsets, bar_steps),
            mode_of(around),
            min(1.0, 1.5 * roughness(starts, durations, pitches) + 2.0 * foreign),
            like.rhythm,
            np.log2(durations.mean() / STEPS_PER_QUARTER) / 2.0,
            like.notes,
            like.tune,
        ],
        dtype=np.float32,
    )


def _regularity(onsets: NDArray[np.int32], bar_steps: int) -> float:
    """Return 1 when all gaps between onsets are equal, towards 0 as they differ."""
    gaps = np.diff(np.append(onsets, bar_steps + onsets[0]))
    return float(1.0 - min(1.0, gaps.std() / gaps.mean()))
