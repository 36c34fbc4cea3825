"""Sequences read side by side, window after window, the hidden state carried along."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as Many
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from firmware_py.compose.condition import CONDITION
from firmware_py.compose.controls import CONTROLS
from firmware_py.compose.vocabulary import NO_DURATION, NO_SYMBOL, PITCHES
from model_export.composer.hyperparameters import Hyperparameters
from model_export.composer.sequences import Sequence

_PADDING = (-1, NO_SYMBOL, NO_DURATION, NO_SYMBOL)
EVENT: Final = len(_PADDING) + PITCHES
"""Columns of an event: place, symbol, duration, chord, and 1 for each pitch that sounded before."""


class Batch(NamedTuple):
    """``target`` is ``events`` one step later; its place is -1 where a sequence has ended."""

    events: Tensor
    """(B, T, EVENT) int64."""
    conditions: Tensor
    """(B, T, CONDITION) float32."""
    target: Tensor
    """(B, T, EVENT) int64."""
    fresh: Tensor
    """(B,) bool: the row begins a new sequence, its hidden state starts at zero."""


class _Row:
    """One of the B places of a batch: a sequence, how far it was read, what it withholds."""

    def __init__(self, sequence: Sequence, given: NDArray[np.bool_]) -> None:
        self.sequence = sequence
        self.at = 0
        self.conditions = sequence.conditions.copy()
        self.conditions[:, :CONTROLS] *= given
        self.conditions[:, CONTROLS : 2 * CONTROLS] = given

    @property
    def ended(self) -> bool:
        return self.at + 1 >= len(self.sequence.events)


def training_batches(
    sequences: Many[Sequence], numbers: Hyperparameters, generator: np.random.Generator
) -> Iterator[Batch]:
    """Yield batches without end; every sequence once before any comes again."""
    queue: list[int] = []

    def next_row() -> _Row:
        if not queue:
            queue.extend(generator.permutation(len(sequences)).tolist())
        given = generator.random(CONTROLS) >= numbers.control_dropout
        if generator.random() < numbers.condition_dropout:
            given[:] = False
        return _Row(sequences[queue.pop()], given)

    rows = [next_row() for _ in range(numbers.batch)]
    for row in rows:  # not all at a beginning in the first window
        row.at = int(generator.integers(0, max(1, len(row.sequence.events) - numbers.window)))
    fresh = np.ones(numbers.batch, dtype=np.bool_)
    while True:
        yield _window(rows, numbers.window, fresh)
        for index, row in enumerate(rows):
            fresh[index] = row.ended
            if row.ended:
                rows[index] = next_row()


def evaluation_batches(
    sequences: Many[Sequence], batch: int, window: int, *, controls: bool = True
) -> Iterator[Batch]:
    """Yield every sequence once, in groups of like length, with all controls or none."""
    given = np.full(CONTROLS, controls, dtype=np.bool_)
    ordered = sorted(sequences, key=lambda sequence: len(sequence.events))
    for start in range(0, len(ordered), batch):
        rows = [_Row(sequence, given) for sequence in ordered[start : start + batch]]
        fresh = np.ones(len(rows), dtype=np.bool_)
        while not all(row.ended for row in rows):
            yield _window(rows, window, fresh)
            fresh = np.zeros(len(rows), dtype=np.bool_)


def _window(rows: list[_Row], window: int, fresh: NDArray[np.bool_]) -> Batch:
    events = np.zeros((len(rows), window + 1, EVENT), dtype=np.int64)
    events[..., : len(_PADDING)] = _PADDING
    conditions = np.zeros((len(rows), window, CONDITION), dtype=np.float32)
    for index, row in enumerate(rows):
        part = slice(row.at, row.at + window + 1)
        chosen = row.sequence.events[part]
        events[index, : len(chosen), : len(_PADDING)] = chosen
        ringing = np.unpackbits(row.sequence.ringing[part], axis=1, count=PITCHES)
        events[index, : len(chosen), len(_PADDING) :] = ringing
        bars = row.sequence.bar_of[part][:window]
        conditions[index, : len(bars)] = row.conditions[bars]
        row.at = min(row.at + window, len(row.sequence.events) - 1)
    everything = torch.from_numpy(events)
    inputs = everything[:, :-1].clone()
    inputs[..., 0].clamp_(min=0)
    return Batch(
        inputs, torch.from_numpy(conditions), everything[:, 1:], torch.from_numpy(fresh.copy())
    )
