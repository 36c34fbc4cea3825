"""Bootstrap intervals over works: drawn whole, since the notes of a piece are not independent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model_export.baselines.score import PieceScore

_DRAWS = 2000


def nats_interval(scores: Sequence[PieceScore], seed: int = 0) -> tuple[float, float]:
    """Return the 95% interval of nats a note, over works drawn with replacement."""
    nats = np.array([score.nats for score in scores])
    notes = np.array([score.notes for score in scores])
    drawn = np.random.default_rng(seed).integers(0, len(nats), (_DRAWS, len(nats)))
    low, high = np.quantile(nats[drawn].sum(axis=1) / notes[drawn].sum(axis=1), (0.025, 0.975))
    return float(low), float(high)


def difference_interval(
    one: Sequence[PieceScore], other: Sequence[PieceScore], seed: int = 0
) -> tuple[float, float]:
    """Return the 95% interval of ``one``'s nats a note as a part of ``other``'s, the same works.

    Raises ``ValueError`` when the two did not measure the same works.
    """
    if [score.piece for score in one] != [score.piece for score in other]:
        raise ValueError("the two did not measure the same works")
    mine, theirs = (np.array([score.nats for score in scores]) for scores in (one, other))
    drawn = np.random.default_rng(seed).integers(0, len(mine), (_DRAWS, len(mine)))
    low, high = np.quantile(mine[drawn].sum(axis=1) / theirs[drawn].sum(axis=1), (0.025, 0.975))
    return float(low), float(high)
