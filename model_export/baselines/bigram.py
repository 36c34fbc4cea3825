"""The likelihood anyone gets from counting: each part of an event given the one before it.

It is told nothing, has no memory and costs no training; it pays for the same events as our model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose.vocabulary import (
    DURATIONS,
    NO_DURATION,
    NO_SYMBOL,
    PITCHES,
    PLACES,
    SYMBOLS,
)
from model_export.composer.sequences import Sequence
from model_export.composer.train import Likelihood

_PRIOR = 0.05


@dataclass(frozen=True, slots=True)
class Bigram:
    """Log chances: place after place, symbol after symbol, duration of a symbol."""

    place: NDArray[np.float64]
    """(PLACES, PLACES)"""
    symbol: NDArray[np.float64]
    """(SYMBOLS, SYMBOLS)"""
    duration: NDArray[np.float64]
    """(SYMBOLS, DURATIONS)"""

    @classmethod
    def count(cls, sequences: list[Sequence]) -> Bigram:
        """Count over the training sequences, smoothed."""
        place = np.full((PLACES, PLACES), _PRIOR)
        symbol = np.full((SYMBOLS, SYMBOLS), _PRIOR)
        duration = np.full((SYMBOLS, DURATIONS), _PRIOR)
        for sequence in sequences:
            before, after = sequence.events[:-1], sequence.events[1:]
            np.add.at(place, (before[:, 0], after[:, 0]), 1)
            written = after[:, 1] != NO_SYMBOL
            np.add.at(symbol, (before[written, 1], after[written, 1]), 1)
            lasting = after[:, 2] != NO_DURATION
            np.add.at(duration, (after[lasting, 1], after[lasting, 2]), 1)
        return cls(*(np.log(t / t.sum(axis=1, keepdims=True)) for t in (place, symbol, duration)))

    @property
    def parameters(self) -> int:
        """Numbers in the three tables."""
        return self.place.size + self.symbol.size + self.duration.size

    def nats(self, sequence: Sequence) -> NDArray[np.float64]:
        """Return (3,) nats of a sequence: of its places, symbols and durations."""
        before, after = sequence.events[:-1], sequence.events[1:]
        written = after[:, 1] != NO_SYMBOL
        lasting = after[:, 2] != NO_DURATION
        return -np.array(
            [
                self.place[before[:, 0], after[:, 0]].sum(),
                self.symbol[before[written, 1], after[written, 1]].sum(),
                self.duration[after[lasting, 1], after[lasting, 2]].sum(),
            ]
        )

    def likelihood(self, sequences: list[Sequence]) -> Likelihood:
        """Return nats a note, counted as for the network."""
        sums = np.sum([self.nats(sequence) for sequence in sequences], axis=0)
        notes = sum(int((sequence.events[1:, 1] < PITCHES).sum()) for sequence in sequences)
        place, symbol, duration = (sums / notes).tolist()
        return Likelihood(place + symbol + duration, place, symbol, duration, notes)


class BigramEvents:
    """An ``EventModel`` that remembers the event before."""

    def __init__(self, bigram: Bigram) -> None:
        self.bigram = bigram
        self.place = self.symbol = 0

    def hear(self, event: tuple[int, int, int, int], bar: int) -> None:
        """Take in an event."""
        del bar
        self.place, self.symbol = event[:2]

    def place_logits(self) -> NDArray[np.float64]:
        """Return (PLACES,) log chances."""
        chances: NDArray[np.float64] = self.bigram.place[self.place]
        return chances

    def symbol_logits(self, place: int) -> NDArray[np.float64]:
        """Return (SYMBOLS,) log chances."""
        del place
        chances: NDArray[np.float64] = self.bigram.symbol[self.symbol]
        return chances

    def duration_logits(self, place: int, symbol: int) -> NDArray[np.float64]:
        """Return (DURATIONS,) log chances."""
        del place
        chances: NDArray[np.float64] = self.bigram.duration[symbol]
        return chances
