"""Chorales read side by side, window after window, the hidden state carried along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model_export.jsb.chorales import Chorale
from model_export.jsb.hyperparameters import Hyperparameters
from model_export.jsb.model import Reading, Rows
from model_export.jsb.transposition import transpositions


class Batch(NamedTuple):
    """A window of B chorales."""

    rows: Tensor
    """(B, T, columns) int64."""
    real: Tensor
    """(B, T) bool: not padded."""
    fresh: Tensor
    """(B,) bool: a new chorale begins here, its hidden state starts at zero."""


class _Row:
    """One of the B places of a batch: a chorale and how far it was read."""

    def __init__(self, data: NDArray[np.int64]) -> None:
        self.data, self.at = data, 0

    @property
    def ended(self) -> bool:
        return self.at >= len(self.data)


def training_batches(
    reading: Reading,
    train: tuple[Chorale, ...],
    numbers: Hyperparameters,
    generator: np.random.Generator,
) -> Iterator[Batch]:
    """Read all chorales; then yield batches without end, each once before any comes again."""
    read = [reading.rows(chorale, index) for index, chorale in enumerate(train)]
    allowed = [transpositions(c, train) if numbers.transpose else range(1) for c in train]
    return _batches(reading, read, allowed, numbers, generator)


def _batches(
    reading: Reading,
    read: list[Rows],
    allowed: list[range],
    numbers: Hyperparameters,
    generator: np.random.Generator,
) -> Iterator[Batch]:
    queue: list[int] = []

    def next_row() -> _Row:
        if not queue:
            queue.extend(generator.permutation(len(read)).tolist())
        chosen = queue.pop()
        astray = int(generator.integers(12)) if generator.random() < numbers.astray else 0
        return _Row(reading.moved(read[chosen], int(generator.choice(allowed[chosen])), astray))

    rows = [next_row() for _ in range(numbers.batch)]
    for row in rows:  # not all at a beginning in the first window
        row.at = numbers.window * int(generator.integers(0, -(-len(row.data) // numbers.window)))
    fresh = np.ones(numbers.batch, dtype=np.bool_)
    while True:
        yield _window(reading, rows, numbers.window, fresh)
        for index, row in enumerate(rows):
            fresh[index] = row.ended
            if row.ended:
                rows[index] = next_row()


def evaluation_batches(
    reading: Reading, chorales: tuple[Chorale, ...], batch: int = 40, window: int = 128
) -> Iterator[Batch]:
    """Yield every chorale once and whole, in groups of like length."""
    ordered = sorted(chorales, key=len)
    for start in range(0, len(ordered), batch):
        rows = [_Row(reading.rows(chorale)) for chorale in ordered[start : start + batch]]
        fresh = np.ones(len(rows), dtype=np.bool_)
        while not all(row.ended for row in rows):
            yield _window(reading, rows, window, fresh)
            fresh = np.zeros(len(rows), dtype=np.bool_)


def _window(reading: Reading, rows: list[_Row], window: int, fresh: NDArray[np.bool_]) -> Batch:
    batch = np.empty((len(rows), window, len(reading.padded)), dtype=np.int64)
    batch[:] = reading.padded
    real = np.zeros((len(rows), window), dtype=np.bool_)
    for index, row in enumerate(rows):
        part = row.data[row.at : row.at + window]
        batch[index, : len(part)] = part
        real[index, : len(part)] = True
        row.at += window
    return Batch(*(torch.from_numpy(x) for x in (batch, real, fresh.copy())))
