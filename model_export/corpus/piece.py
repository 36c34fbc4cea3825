"""One piece of the corpus as every reader returns it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

GRID: Final = 24
"""Steps a quarter note; the same as ``firmware_py.messages.score.STEPS_PER_QUARTER``."""

Group = Literal["hymn", "song", "quartet", "piano", "keyboard", "organ", "choir", "other"]
"""Texture, a control of the composer: ``piano`` solo piano, ``keyboard`` other keyboard solos."""


@dataclass(frozen=True, slots=True)
class Rounding:
    """Of so many ``notes`` of a file, those whose onset or duration is no whole number of steps."""

    notes: int
    onsets: int
    durations: int


@dataclass(frozen=True, slots=True)
class Score:
    """What a reader takes out of a file: no grace notes, ties merged, repeats not expanded.

    Everything stands on a grid of 24 steps a quarter, from step 0.
    """

    notes: NDArray[np.int32]
    """(n, 4): onset, duration (>= 1), sounding MIDI pitch, part (0 = top staff or voice); sorted by
    onset, then pitch from high to low; no two rows share onset and pitch (the longest stays)."""
    bars: NDArray[np.int32]
    """(b, 3): first step, numerator, denominator of the time signature in force; a pickup is a
    short first bar."""
    keys: NDArray[np.int32]
    """(k, 3): step, fifths of the signature (-7 to 7), mode (0 major, 1 minor, -1 not said)."""
    tempos: NDArray[np.float32]
    """(t, 2): step, quarter notes a minute; no rows where the score names no tempo."""
    rounded: Rounding | None = None
    """What the grid changed; None where it was not counted."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A score with where it comes from."""

    id: str
    """``<source>/<path in the archive without extension>``."""
    source: str
    group: Group
    work: str
    """Movements and versions of a work, and near-duplicates, share it; train and test never do."""
    split: Literal["train", "validation", "test"]
    licence: str
    composer: str
    title: str
    slow: bool
    """Calm by measure: at most 3 onsets a second, or at most 90 bpm with at most 4.5, or a slow
    tempo word (``../shared/music/README.md``)."""
    score: Score
    born: int = 0
    """Year of the composer's birth, or the first that the source gives; 0 where it gives none."""
