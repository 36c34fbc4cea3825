"""The likelihood anyone gets from counting: each part of an event given the one before it."""

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
    symbol: NDArray[np.float64]
    duration: NDArray[np.float64]

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

    def likelihood(self, sequences: list[Sequence]) -> Likelihood:
        """Return nats a note, counted as for the network."""
        sums, notes = np.zeros(3), 0
        for sequence in sequences:
            before, after = sequence.events[:-1], sequence.events[1:]
            written = after[:, 1] != NO_SYMBOL
            lasting = after[:, 2] != NO_DURATION
            sums -= [
                self.place[before[:, 0], after[:, 0]].sum(),
                self.symbol[before[written, 1], after[written, 1]].sum(),
                self.duration[after[lasting, 1], after[lasting, 2]].sum(),
            ]
            notes += int((after[:, 1] < PITCHES).sum())
        place, symbol, duration = (sums / notes).tolist()
        return Likelihood(place + symbol + duration, place, symbol, duration, notes)
