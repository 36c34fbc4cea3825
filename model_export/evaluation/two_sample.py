"""Whether a classifier can tell music from real music, and by what: the two-sample test.

D. Lopez-Paz, M. Oquab, "Revisiting Classifier Two-Sample Tests", ICLR 2017 (arXiv:1610.06545):
if held-out music cannot be told apart better than by chance, nothing that the features see differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedGroupKFold

from model_export.evaluation.bar_features import Features
from model_export.evaluation.families import FAMILIES, members

FOLDS: Final = 5
RESAMPLES: Final = 1000
_SHUFFLES: Final = 3


@dataclass(frozen=True, slots=True)
class Leaning:
    """How much the classifier leans on one feature, and what it sees there."""

    feature: str
    drop: float
    """Fall of the AUC when the feature is shuffled among held-out rows; mean over folds."""
    alone: float
    """AUC of the feature by itself, 0 to 1; above 0.5: more of it in the generated music."""
    real: float
    generated: float
    """Means of the feature."""


@dataclass(frozen=True, slots=True)
class TwoSample:
    """0.5: the classifier cannot tell; 1: it always can."""

    auc: float
    low: float
    high: float
    """95% interval, by resampling groups."""
    rows: tuple[int, int]
    """Rows of real and of generated music."""
    by_family: dict[str, float]
    """AUC of a classifier that sees one family of features only."""
    leans_on: tuple[Leaning, ...]
    """Every feature, the most important first."""


def table(rows: Sequence[Features]) -> tuple[NDArray[np.float64], list[str]]:
    """Return (rows, features) and the features' names."""
    names = list(rows[0])
    return np.array([[row[name] for name in names] for row in rows], dtype=np.float64), names


def two_sample(
    real: Sequence[Features],
    generated: Sequence[Features],
    real_groups: Sequence[str],
    generated_groups: Sequence[str],
    seed: int,
) -> TwoSample:
    """Train on some groups, score the others, ``FOLDS`` times; every row is scored once.

    A group is one work, with all that was generated at its controls: it never stands on both
    sides of a fold. Raises ``ValueError`` with fewer groups than ``FOLDS``.
    """
    x, names = table([*real, *generated])
    y = np.repeat([0, 1], [len(real), len(generated)])
    groups = np.array([*real_groups, *generated_groups])
    if len(np.unique(groups)) < FOLDS:
        raise ValueError(f"{len(np.unique(groups))} groups, at least {FOLDS} are needed")
    generator = np.random.default_rng(seed)
    folds = list(StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed).split(x, y, groups))
    scores = np.zeros(len(y))
    drops = np.zeros(len(names))
    for train, held in folds:
        model = _classifier(seed).fit(x[train], y[train])
        scores[held] = _ranks(model.decision_function(x[held]))
        drops += _drops(model, x[held], y[held], generator) / FOLDS
    low, high = _interval(scores, y, groups, generator)
    leanings = (_leaning(names[at], drops[at], x[:, at], y) for at in range(len(names)))
    return TwoSample(
        auc(scores, y),
        low,
        high,
        (len(real), len(generated)),
        {family: _alone(x, y, folds, members(names, family), seed) for family in FAMILIES},
        tuple(sorted(leanings, key=lambda one: -one.drop)),
    )


def _alone(
    x: NDArray[np.float64],
    y: NDArray[np.int64],
    folds: list[tuple[NDArray[np.int64], NDArray[np.int64]]],
    columns: list[int],
    seed: int,
) -> float:
    """Return the AUC of held-out rows by some of the features; 0.5 by none."""
    if not columns:
        return 0.5
    scores = np.zeros(len(y))
    for train, held in folds:
        model = _classifier(seed).fit(x[train][:, columns], y[train])
        scores[held] = _ranks(model.decision_function(x[held][:, columns]))
    return auc(scores, y)


def auc(scores: NDArray[np.float64], y: NDArray[np.int64]) -> float:
    """Return the chance that a row of class 1 scores above one of class 0 (ties: half).

    0.5 where one class is missing.
    """
    ones = int(y.sum())
    zeros = len(y) - ones
    if ones == 0 or zeros == 0:
        return 0.5
    return float((rankdata(scores)[y == 1].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def _classifier(seed: int) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        max_iter=200, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=10,
        l2_regularization=1.0, max_features=0.3, early_stopping=False, random_state=seed,
    )  # fmt: skip


def _ranks(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return scores that are comparable between folds: 0 to 1 by rank."""
    ranks: NDArray[np.float64] = rankdata(scores) / (len(scores) + 1)
    return ranks


def _drops(
    model: HistGradientBoostingClassifier,
    x: NDArray[np.float64],
    y: NDArray[np.int64],
    generator: np.random.Generator,
) -> NDArray[np.float64]:
    """Return the fall of the AUC for each feature shuffled (L. Breiman, "Random Forests", 2001)."""
    whole = auc(model.decision_function(x), y)
    drops = np.zeros(x.shape[1])
    for feature in range(x.shape[1]):
        shuffled = np.tile(x, (_SHUFFLES, 1))
        column = [generator.permutation(x[:, feature]) for _ in range(_SHUFFLES)]
        shuffled[:, feature] = np.concatenate(column)
        scores = model.decision_function(shuffled).reshape(_SHUFFLES, -1)
        drops[feature] = whole - np.mean([auc(row, y) for row in scores])
    return drops


def _interval(
    scores: NDArray[np.float64],
    y: NDArray[np.int64],
    groups: NDArray[np.str_],
    generator: np.random.Generator,
) -> tuple[float, float]:
    _, member = np.unique(groups, return_inverse=True)
    rows_of = [np.flatnonzero(member == group) for group in range(member.max() + 1)]
    values = []
    for _ in range(RESAMPLES):
        drawn = generator.integers(len(rows_of), size=len(rows_of))
        rows = np.concatenate([rows_of[group] for group in drawn])
        if 0 < y[rows].sum() < len(rows):
            values.append(auc(scores[rows], y[rows]))
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)


def _leaning(name: str, drop: float, x: NDArray[np.float64], y: NDArray[np.int64]) -> Leaning:
    return Leaning(name, float(drop), auc(x, y), float(x[y == 0].mean()), float(x[y == 1].mean()))
