"""A chorale's changes and, beside them, what earlier music tells of the next."""

from __future__ import annotations

from typing import Final

import numpy as np

from model_export.jsb import changes, echoes
from model_export.jsb.chorales import Chorale
from model_export.jsb.echoes import Echoes
from model_export.jsb.model import Reading, Rows

TOLD: Final = slice(changes.COLUMNS, changes.COLUMNS + echoes.COLUMNS)


class ChangesReading(Reading):
    """(events, changes.COLUMNS + echoes.COLUMNS); every chorale is searched for only once."""

    padded = (*changes.PADDED, *([0] * echoes.COLUMNS))

    def __init__(self, library: tuple[Chorale, ...] = ()) -> None:
        self._echoes = Echoes(library)
        self._read: dict[tuple[bytes, int | None], Rows] = {}

    def rows(self, chorale: Chorale, left_out: int | None = None) -> Rows:
        """Return what is known at each change, and the change."""
        key = (chorale.tobytes(), left_out)
        if key not in self._read:
            plain = changes.changes(chorale)
            steps = len(chorale) - 1 - plain[:, changes.LEFT]
            told = self._echoes.columns(chorale, steps, plain[:, changes.TURN], left_out)
            self._read[key] = np.hstack([plain, told])
        return self._read[key]

    def moved(self, rows: Rows, semitones: int, astray: int) -> Rows:
        """Return the rows of the chorale transposed; what is told stays the same."""
        return changes.moved(rows, semitones, astray)
