"""A chorale cell by cell, for the plain baseline: absolute pitches, one step a cell."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_export.jsb.chorales import BAR, LONGEST, ORDER, PADDING, REST, VOICES, Chorale
from model_export.jsb.model import Reading, Rows

LOWEST: Final = 30
SYMBOLS: Final = 62
"""MIDI numbers from ``LOWEST``, a rest, and what is before the first cell."""
SILENT: Final = SYMBOLS - 2
BEFORE: Final = SYMBOLS - 1

TARGET, CELL, LASTING, VOICE, PLACE = range(5)
"""Columns: the cell asked for; the cell before it, and for how many sixteenths its voice has held
that; whose cell is asked for, and its sixteenth in the bar."""
COLUMNS: Final = 5
PADDED: Final = (PADDING, 0, 0, 0, 0)
"""A row that does not count."""


def cells(chorale: Chorale) -> NDArray[np.int64]:
    """Return (4 * steps, COLUMNS) in the order in which they are predicted, the bass first."""
    symbols = np.where(chorale == REST, SILENT, chorale - LOWEST)[:, ORDER]
    flat = symbols.ravel()
    rows = np.zeros((len(flat), COLUMNS), dtype=np.int64)
    rows[:, TARGET] = flat
    rows[:, CELL] = np.concatenate([[BEFORE], flat[:-1]])
    rows[1:, LASTING] = _held(symbols).ravel()[:-1]
    rows[:, VOICE] = np.arange(len(flat)) % VOICES
    rows[:, PLACE] = np.arange(len(flat)) // VOICES % BAR
    return rows


class CellsReading(Reading):
    """What ``cells`` says."""

    padded = PADDED

    def rows(self, chorale: Chorale, left_out: int | None = None) -> Rows:  # noqa: ARG002
        """Return (4 * steps, COLUMNS)."""
        return cells(chorale)

    def moved(self, rows: Rows, semitones: int, astray: int) -> Rows:  # noqa: ARG002
        """Return the rows of the chorale so much higher; it has no reference."""
        new = rows.copy()
        both = rows[:, [TARGET, CELL]]
        new[:, [TARGET, CELL]] = np.where(both < SILENT, both + semitones, both)
        return new


def _held(symbols: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for how many sixteenths, this one counted, each voice has had its symbol."""
    steps = np.arange(len(symbols))[:, None]
    new = np.vstack([np.ones((1, VOICES), np.bool_), symbols[1:] != symbols[:-1]])
    begun = np.maximum.accumulate(np.where(new, steps, 0), axis=0)
    held: NDArray[np.int64] = np.minimum(steps - begun + 1, LONGEST)
    return held
