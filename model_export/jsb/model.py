"""What every chorale network offers, however it reads a chorale."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from model_export.composer.trunk import Carried, Trunk
from model_export.jsb.body import GruBody
from model_export.jsb.chorales import Chorale


class Nats(NamedTuple):
    """(B, T) each, zero where padded."""

    place: Tensor
    """Of when something changes, and in which voice; zero where every cell is asked for."""
    symbol: Tensor
    """Of pitches and rests."""


Rows = NDArray[np.int64]
"""(steps, columns) of a chorale."""


class Reading(ABC):
    """A chorale as rows, one a step of the network."""

    padded: tuple[int, ...]
    """A row that does not count."""

    @abstractmethod
    def rows(self, chorale: Chorale, left_out: int | None = None) -> Rows:
        """Return the rows of a chorale; ``left_out``: which one of the training split it is."""

    @abstractmethod
    def moved(self, rows: Rows, semitones: int, astray: int) -> Rows:
        """Return the rows of the chorale transposed; ``astray``: its reference is off by that."""


class ChoraleModel(ABC, nn.Module):
    """Batches are (B, T, columns) rows of its ``reading``."""

    reading: Reading
    body: Trunk | GruBody

    def nothing(self, rows: int) -> Carried:
        """Return what is carried before any music."""
        return self.body.nothing(rows)

    @abstractmethod
    def nats(self, batch: Tensor, carried: Carried) -> tuple[Nats, Carried]:
        """Return the nats of the targets, and what the next window needs."""

    def prepare(self, train: tuple[Chorale, ...]) -> None:
        """Count in ``train`` what is counted rather than learnt."""

    def reference(self, chorale: Chorale) -> float:  # noqa: ARG002  # for those who override it
        """Return the nats of what is known of ``chorale`` before its first row."""
        return 0.0
