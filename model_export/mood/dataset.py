"""Rows as arrays: features, targets and which targets count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from firmware_py.messages.mood import MOOD_LABELS, label_position
from firmware_py.mood.features import KNOWN_ROWS, clean, feature_rows, split_units
from model_export.mood.label_map import EMPATHETIC
from model_export.mood.rows import GOAL_CLASSES, ORIGINS, Row

_NOT_MAPPED: Final = "caring disgusted embarrassed jealous nostalgic sentimental surprised"
EMPATHETIC_LABELS: Final[tuple[str, ...]] = tuple(sorted({*EMPATHETIC, *_NOT_MAPPED.split()}))
_GOEMOTIONS: Final = (
    "admiration amusement anger annoyance approval caring confusion curiosity desire "
    "disappointment disapproval disgust embarrassment excitement fear gratitude grief joy love "
    "nervousness optimism pride realization relief remorse sadness surprise neutral"
)
GOEMOTIONS_LABELS: Final[tuple[str, ...]] = tuple(_GOEMOTIONS.split())
BRIGHTER_LABELS: Final[tuple[str, ...]] = (
    "anger",
    "disgust",
    "fear",
    "joy",
    "sadness",
    "surprise",
)
OWN_LABELS: Final[dict[str, tuple[str, ...]]] = {
    "empathetic": EMPATHETIC_LABELS,
    "goemotions": GOEMOTIONS_LABELS,
    "brighter": BRIGHTER_LABELS,
}


@dataclass(frozen=True, slots=True)
class Bags:
    """Bags of table rows: ``ids`` flat, ``offsets`` (n,) where each bag starts."""

    ids: Tensor
    offsets: Tensor

    @property
    def owners(self) -> Tensor:
        """Return which bag each of ``ids`` is in."""
        ends = torch.cat([self.offsets[1:], torch.tensor([len(self.ids)])])
        return torch.repeat_interleave(torch.arange(len(self.offsets)), ends - self.offsets)


@dataclass(frozen=True, slots=True)
class Batch:
    """Arrays of some rows, n of them."""

    known: Bags
    """Words, and one or two Chinese characters."""
    grams: Bags
    """Everything else; rows counted from the first gram row."""
    moods: Tensor
    """(n, 15); all zero where nothing is known."""
    va: Tensor
    """(n, 2)."""
    goals: Tensor
    """(n,), index into ``GOAL_CLASSES``; -1 unknown."""
    origins: NDArray[np.int64]
    """(n,), index into ``ORIGINS``."""
    own: dict[str, Tensor]
    """Per data set with a head: (n, labels), rows of other data sets all zero."""


class Table:
    """Many rows, ready to be cut into batches."""

    def __init__(self, rows: Sequence[Row]) -> None:
        bags = [feature_rows(split_units(clean(row.text))) for row in rows]
        self._starts = np.concatenate([[0], np.cumsum([len(bag) for bag in bags])])
        self._ids = np.concatenate([np.asarray(bag, dtype=np.int32) for bag in bags])
        self.origins = np.array([ORIGINS.index(row.origin) for row in rows])
        self._moods = np.array(
            [[row.moods.get(label, 0.0) for label in MOOD_LABELS] for row in rows], dtype=np.float32
        )
        plane = np.array([label_position(label) for label in MOOD_LABELS], dtype=np.float32)
        strengths = np.array([row.strength for row in rows], dtype=np.float32)
        self._va = np.clip(self._moods @ plane * strengths[:, None], -1, 1).astype(np.float32)
        self._goals = np.array([GOAL_CLASSES.index(row.goal) if row.goal else -1 for row in rows])
        self._own = {name: _own_labels(rows, name) for name in OWN_LABELS}

    def __len__(self) -> int:
        return len(self.origins)

    def batch(self, indices: NDArray[np.int64]) -> Batch:
        """Return the rows of ``indices``."""
        rows = [self._ids[self._starts[i] : self._starts[i + 1]] for i in indices]
        return Batch(
            known=_bags([bag[bag < KNOWN_ROWS] for bag in rows]),
            grams=_bags([bag[bag >= KNOWN_ROWS] - KNOWN_ROWS for bag in rows]),
            moods=torch.from_numpy(self._moods[indices]),
            va=torch.from_numpy(self._va[indices]),
            goals=torch.from_numpy(self._goals[indices]),
            origins=self.origins[indices],
            own={name: torch.from_numpy(own[indices]) for name, own in self._own.items()},
        )

    def batches(self, size: int) -> Iterator[Batch]:
        """Yield all rows in order."""
        for start in range(0, len(self), size):
            yield self.batch(np.arange(start, min(start + size, len(self))))


def _bags(bags: Sequence[NDArray[np.int32]]) -> Bags:
    offsets = np.concatenate([[0], np.cumsum([len(bag) for bag in bags])[:-1]])
    return Bags(
        torch.from_numpy(np.concatenate(bags).astype(np.int64)),
        torch.from_numpy(offsets.astype(np.int64)),
    )


def _own_labels(rows: Sequence[Row], name: str) -> NDArray[np.float32]:
    labels = OWN_LABELS[name]
    own = np.zeros((len(rows), len(labels)), dtype=np.float32)
    for at, row in enumerate(rows):
        if row.origin == name:
            for label in row.own_labels:
                own[at, labels.index(label)] = 1.0
    return own
