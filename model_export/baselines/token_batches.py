"""Token streams read side by side: cut into windows, or one after another without a gap."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as Many
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model_export.baselines.streams import PADDING, Stream

NOT_COUNTED: Final = -100


class TokenBatch(NamedTuple):
    """``target`` is ``tokens`` one step later, NOT_COUNTED where nothing is to be foretold."""

    tokens: Tensor
    """(B, T) int64."""
    places: Tensor
    """(B, T) int64."""
    target: Tensor
    """(B, T) int64."""
    fresh: Tensor
    """(B,) bool: the row begins a new stream."""


class _Order:
    """Streams without end, in random order; every one once before any comes again."""

    def __init__(self, streams: Many[Stream], generator: np.random.Generator) -> None:
        self.streams, self.generator = streams, generator
        self.queue: list[int] = []

    def next(self) -> Stream:
        if not self.queue:
            self.queue.extend(self.generator.permutation(len(self.streams)).tolist())
        return self.streams[self.queue.pop()]


def separate(
    streams: Many[Stream], rows: int, window: int, generator: np.random.Generator
) -> Iterator[TokenBatch]:
    """Yield windows for a network that carries its state; a stream's last window is padded."""
    order = _Order(streams, generator)
    chosen = [order.next() for _ in range(rows)]
    at = [int(generator.integers(0, max(1, len(s.tokens) - window))) for s in chosen]
    fresh = np.ones(rows, dtype=np.bool_)
    while True:
        parts = [_part(s, start, window) for s, start in zip(chosen, at, strict=True)]
        yield _batch(parts, fresh)
        for row in range(rows):
            at[row] += window
            fresh[row] = at[row] + 1 >= len(chosen[row].tokens)
            if fresh[row]:
                chosen[row], at[row] = order.next(), 0


def packed(
    streams: Many[Stream], rows: int, window: int, generator: np.random.Generator
) -> Iterator[TokenBatch]:
    """Yield windows for a network without state: streams follow one another, nothing is padded."""
    order = _Order(streams, generator)
    waiting = [_joined([order.next()]) for _ in range(rows)]
    fresh = np.ones(rows, dtype=np.bool_)
    while True:
        parts = []
        for row in range(rows):
            while waiting[row].shape[1] <= window:
                waiting[row] = np.concatenate([waiting[row], _joined([order.next()])], axis=1)
            parts.append(waiting[row][:, : window + 1])
            waiting[row] = waiting[row][:, window:]
        yield _batch(parts, fresh)


def in_turn(
    streams: Many[Stream], rows: int, window: int
) -> Iterator[tuple[list[int], TokenBatch]]:
    """Yield every stream once: (indices of the batch's streams, batch), window after window."""
    order = sorted(range(len(streams)), key=lambda index: len(streams[index].tokens))
    for first in range(0, len(order), rows):
        indices = order[first : first + rows]
        longest = max(len(streams[index].tokens) for index in indices)
        for start in range(0, longest - 1, window):
            parts = [_part(streams[index], start, window) for index in indices]
            yield indices, _batch(parts, np.full(len(indices), start == 0))


def _joined(streams: Many[Stream]) -> NDArray[np.int64]:
    """Return (3, n): tokens, places, counted."""
    return np.concatenate([np.stack([s.tokens, s.places, s.counted]) for s in streams], axis=1)


def _part(stream: Stream, start: int, window: int) -> NDArray[np.int64]:
    """Return (3, window + 1) from ``start``, padded at the end."""
    part = np.full((3, window + 1), PADDING, dtype=np.int64)
    here = slice(start, start + window + 1)
    chosen = np.stack([stream.tokens[here], stream.places[here], stream.counted[here]])
    part[:, : chosen.shape[1]] = chosen
    return part


def _batch(parts: list[NDArray[np.int64]], fresh: NDArray[np.bool_]) -> TokenBatch:
    tokens, places, counted = torch.from_numpy(np.stack(parts, axis=1).astype(np.int64))
    target = torch.where(counted[:, 1:] > 0, tokens[:, 1:], NOT_COUNTED)
    return TokenBatch(tokens[:, :-1], places[:, :-1], target, torch.from_numpy(fresh.copy()))
