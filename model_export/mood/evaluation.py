"""Measures a mood model: on our held-out sentences, and on the data sets' test splits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from firmware_py.messages.mood import MOOD_LABELS, MoodLabel, label_position
from model_export.mood.calibration import expected_calibration_error
from model_export.mood.phrase_book import HeldOut
from model_export.mood.rows import Row

Probabilities = NDArray[np.float64]

FOUR_WAY: Final[dict[MoodLabel, str]] = {
    "sad": "sad",
    "lonely": "sad",
    "grieving": "sad",
    "angry": "angry",
    "happy": "happy",
    "excited": "happy",
    "content": "happy",
    "anxious": "anxious",
    "afraid": "anxious",
    "stressed": "anxious",
    "overwhelmed": "anxious",
}
"""Sad / angry / happy / anxious: whose probability adds up to which."""


@dataclass(frozen=True, slots=True)
class HeldOutFigures:
    """Figures on held-out sentences of one language; shares in [0, 1]."""

    sentences: int
    first_label: float
    """The first of the sentence's labels was named."""
    any_label: float
    """Some label was named that one cannot call wrong."""
    macro_f1: float
    """Over the labels, the sentence's first counted as true unless another of its was named."""
    four_way: float
    valence_sign: float
    """Right sign of valence, sentences with a clear mood."""
    calibration_error: float
    by_phenomenon: dict[str, float]
    """Share of ``any_label`` per phenomenon."""


@dataclass(frozen=True, slots=True)
class DataSetFigures:
    """Figures on a data set's test split, labels mapped to ours."""

    rows: int
    accuracy: float
    macro_f1: float
    """Over the labels that occur."""
    calibration_error: float


def held_out_figures(items: Sequence[HeldOut], found: Probabilities) -> HeldOutFigures:
    """Score probabilities (n, 15) on held-out sentences."""
    named = [MOOD_LABELS[index] for index in found.argmax(axis=1)]
    pairs = list(zip(items, named, strict=True))
    accepted = np.array([label in item.labels for item, label in pairs])
    truth = [label if label in item.labels else item.labels[0] for item, label in pairs]
    phenomena = sorted({item.phenomenon for item in items})
    return HeldOutFigures(
        sentences=len(items),
        first_label=float(np.mean([label == item.labels[0] for item, label in pairs])),
        any_label=float(accepted.mean()),
        macro_f1=_macro_f1(truth, named),
        four_way=_four_way(items, found),
        valence_sign=_valence_sign(items, found),
        calibration_error=expected_calibration_error(found.max(axis=1), accepted),
        by_phenomenon={
            name: float(accepted[[item.phenomenon == name for item in items]].mean())
            for name in phenomena
        },
    )


def data_set_figures(rows: Sequence[Row], found: Probabilities) -> DataSetFigures:
    """Score probabilities (n, 15) on rows that have one main mood."""
    truth = [main_mood(row) for row in rows]
    named = [MOOD_LABELS[index] for index in found.argmax(axis=1)]
    is_right = np.array([a == b for a, b in zip(truth, named, strict=True)])
    return DataSetFigures(
        len(rows),
        float(is_right.mean()),
        _macro_f1(truth, named),
        expected_calibration_error(found.max(axis=1), is_right),
    )


def with_main_mood(rows: Sequence[Row]) -> list[Row]:
    """Return the rows of which one mood has more than half."""
    return [row for row in rows if row.moods and max(row.moods.values()) > 0.5]


def main_mood(row: Row) -> MoodLabel:
    """Return the strongest mood of a row."""
    return max(row.moods, key=lambda label: row.moods[label])


def valence_of(found: Probabilities) -> NDArray[np.float64]:
    """Return the valence that probabilities (n, 15) expect."""
    plane = np.array([label_position(label)[0] for label in MOOD_LABELS])
    expected: NDArray[np.float64] = found @ plane
    return expected


def clear_sign(item: HeldOut) -> int:
    """Return the sign of valence that all readings of a sentence share, 0 when they do not."""
    signs = {int(np.sign(round(label_position(label)[0], 1))) for label in item.labels}
    return signs.pop() if len(signs) == 1 else 0


def _valence_sign(items: Sequence[HeldOut], found: Probabilities) -> float:
    signs = np.array([clear_sign(item) for item in items])
    return float((np.sign(valence_of(found)) == signs)[signs != 0].mean())


def _four_way(items: Sequence[HeldOut], found: Probabilities) -> float:
    """Return accuracy among sad / angry / happy / anxious on sentences that are one of them."""
    names = sorted(set(FOUR_WAY.values()))
    summed = np.stack(
        [
            found[:, [FOUR_WAY.get(label) == name for label in MOOD_LABELS]].sum(axis=1)
            for name in names
        ],
        axis=1,
    )
    right = [
        names[int(row.argmax())] == FOUR_WAY[item.labels[0]]
        for item, row in zip(items, summed, strict=True)
        if item.labels[0] in FOUR_WAY and len({FOUR_WAY.get(label) for label in item.labels}) == 1
    ]
    return float(np.mean(right))


def _macro_f1(truth: Sequence[str], named: Sequence[str]) -> float:
    labels = sorted(set(truth))
    return float(f1_score(truth, named, labels=labels, average="macro", zero_division=0))
