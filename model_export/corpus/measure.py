"""Tempo and density of a score, and whether it is calm."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from model_export.corpus.piece import GRID, Score

TEMPO_UNSAID: Final = 120.0
"""Quarters a minute where the score names none."""


class Measure(NamedTuple):
    """``tempo``: mean quarters a minute over the time it lasts; ``density``: onsets a second."""

    seconds: float
    tempo: float
    density: float


def measure(score: Score) -> Measure:
    """Repeats are not counted twice."""
    end = int((score.notes[:, 0] + score.notes[:, 1]).max())
    unsaid = np.array([[0, TEMPO_UNSAID]], np.float32)
    changes = np.concatenate([unsaid, score.tempos])
    starts = np.clip(changes[:, 0], 0, end)
    quarters = np.diff(np.append(starts, end)) / GRID
    seconds = float((quarters * 60 / changes[:, 1]).sum())
    onsets = len(np.unique(score.notes[:, 0]))
    return Measure(seconds, end / GRID * 60 / seconds, onsets / seconds)


def is_calm(score: Score, *, slow_word: bool) -> bool:
    """Apply the rule in ``Piece.slow``."""
    _, tempo, density = measure(score)
    return slow_word or density <= 3 or (tempo <= 90 and density <= 4.5)
