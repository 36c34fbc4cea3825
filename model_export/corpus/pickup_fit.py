"""Fit the weights of ``pickup``: ``python -m model_export.corpus.pickup_fit [corpus.npz]``.

A conditional logit over the candidates of a piece, on the pieces whose bars are all full but
perhaps the first; the accuracy is of five-fold cross-validation.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax

from model_export.corpus import store
from model_export.corpus.pickup import FEWEST_BARS, UNIT, evidence
from model_export.corpus.piece import GRID, Group, Score
from model_export.corpus.sources import CACHE

FOLDS: Final = 5
GROUPS: Final[tuple[Group, ...]] = ("hymn", "song", "piano", "quartet")
"""Church music for voices or organ has other metres and few pickups."""
Example = tuple[NDArray[np.float64], int]
"""Evidence and the index of the true candidate."""


def example(score: Score) -> Example | None:
    """Return ``None`` where metre, pickup or length rule a piece out."""
    bars = score.bars
    if len(bars) < 2 * FEWEST_BARS or (bars[:, 1:] != bars[0, 1:]).any():
        return None
    bar = int(bars[0, 1]) * 4 * GRID // int(bars[0, 2])
    lengths = np.diff(bars[:, 0])
    if bar > 8 * GRID or (lengths[1:] != bar).any() or lengths[0] > bar:
        return None
    start = int(lengths[0]) % bar
    return None if start % UNIT else (evidence(score.notes, bar), start // UNIT)


def fit(examples: Sequence[Example]) -> NDArray[np.float64]:
    """Weights of greatest likelihood."""

    def loss(weights: NDArray[np.float64]) -> float:
        likelihoods = [log_softmax(rows @ weights)[true] for rows, true in examples]
        return float(-np.mean(likelihoods))

    best: NDArray[np.float64] = minimize(loss, np.zeros(3), method="BFGS").x
    return best


def accuracy(examples: Sequence[Example], weights: NDArray[np.float64]) -> float:
    """Share of pieces whose pickup is found."""
    return float(np.mean([np.argmax(rows @ weights) == true for rows, true in examples]))


def main(path: Path) -> None:
    """Print weights and accuracies."""
    pieces = store.load(path, groups=GROUPS)
    scores = [piece.score for piece in pieces if piece.source != "mutopia"]
    found = [one for one in map(example, scores) if one is not None]
    order = np.random.default_rng(0).permutation(len(found))
    right = []
    for fold in range(FOLDS):
        held_out = [found[n] for n in order[fold::FOLDS]]
        rest = [found[n] for place, n in enumerate(order) if place % FOLDS != fold]
        right.append(accuracy(held_out, fit(rest)))
    none = accuracy(found, np.array([1.0, 0.0, 0.0]))
    print(f"{len(found)} pieces, weights {np.round(fit(found), 2).tolist()}")
    print(f"held out: {np.mean(right):.1%} right, without pickups {none:.1%}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else CACHE / "corpus.npz")
