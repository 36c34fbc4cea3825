"""Which pitches still sound: what the network is told of each moment beside what is struck."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose.vocabulary import DURATION_STEPS, PITCHES

Ids = NDArray[np.int64]
Flags = NDArray[np.float32]


class Ringing:
    """K pieces of music side by side."""

    def __init__(self, until: Ids) -> None:
        """Begin at a bar line; ``until`` (K, PITCHES): steps that each pitch still sounds, or 0."""
        self.until = until.copy()

    @classmethod
    def silence(cls, rows: int) -> Ringing:
        """Return ``rows`` pieces in which nothing sounds yet."""
        return cls(np.zeros((rows, PITCHES), dtype=np.int64))

    def at(self, places: Ids, rows: Ids | slice = slice(None)) -> Flags:
        """Return (n, PITCHES), 1 where a pitch sounds at ``places`` (n,), steps of the bar."""
        sounding: Flags = (self.until[rows] > places[:, None]).astype(np.float32)
        return sounding

    def strike(self, row: int, place: int, symbol: int, duration: int) -> None:
        """Let a pitch sound from ``place`` for a class of ``duration``; never less than before."""
        end = place + int(DURATION_STEPS[duration])
        self.until[row, symbol] = max(int(self.until[row, symbol]), end)

    def bar_line(self, row: int, steps: int) -> None:
        """Go on to the next bar after one of ``steps``."""
        self.until[row] = np.maximum(self.until[row] - steps, 0)
