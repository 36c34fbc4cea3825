"""A chorale as a sequence of cells: what is asked of each, and what is known before it.

Within a step of the grid the voices follow in ``ORDER``, the bass first. Pitches are heard from
the first bass note, which is moved to a C: no key label is read, and because that note's pitch
class is coded beforehand (``reference_nats``) the likelihood stays exact. What the move was is an
input, so that a network still knows the voices' true ranges.

The place in the bar is counted from the first cell; whether that is an upbeat is not known.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_export.jsb.chorales import REST, VOICES, Chorale

ORDER: Final = (3, 0, 1, 2)
"""Bass, soprano, alto, tenor."""
LOWEST: Final = 30
PITCHES: Final = 60
"""MIDI numbers from ``LOWEST`` that can sound, once moved."""
SILENT: Final = PITCHES
NOTHING: Final = PITCHES + 1
"""Before a voice's first cell."""
SYMBOLS: Final = PITCHES + 2
MOVES: Final = 13
"""How many semitones the first bass note is above a C; 12: it is a rest, and nothing is moved."""
LONGEST: Final = 24
"""From how many steps on a held pitch only counts as long."""
BAR: Final = 16

TARGET, VOICE, PLACE, MOVE = 0, 1, 2, 3
LATEST: Final = slice(4, 8)
"""The newest known symbol of each voice, soprano to bass: this step's, if it is known already."""
HELD: Final = slice(8, 12)
"""For how many steps each voice has held that symbol, 1 if it is new."""
COLUMNS: Final = 12

Cells = NDArray[np.int64]
"""(4 * steps, COLUMNS)"""


def move_of(chorale: Chorale) -> int:
    """Return the chorale's reference, 0 to 12: what the first bass cell is above a C."""
    first = int(chorale[0, 3])
    return 12 if first == REST else first % 12


def cells(chorale: Chorale) -> Cells:
    """Return the chorale's cells in the order in which they are predicted."""
    steps = len(chorale)
    move = move_of(chorale)
    symbols = _symbols(chorale, move)
    before = np.vstack([np.full((1, VOICES), NOTHING), symbols[:-1]])
    held_now = _held(symbols)
    known, held = before, np.vstack([np.zeros((1, VOICES), np.int64), held_now[:-1]])
    rows = np.empty((steps, VOICES, COLUMNS), dtype=np.int64)
    for turn, voice in enumerate(ORDER):
        rows[:, turn, TARGET] = symbols[:, voice]
        rows[:, turn, VOICE] = voice
        rows[:, turn, PLACE] = np.arange(steps) % BAR
        rows[:, turn, MOVE] = move
        rows[:, turn, LATEST] = known
        rows[:, turn, HELD] = held
        known[:, voice] = symbols[:, voice]
        held[:, voice] = held_now[:, voice]
    return rows.reshape(steps * VOICES, COLUMNS)


def reference_nats(train: tuple[Chorale, ...]) -> NDArray[np.float64]:
    """Return (MOVES,) nats of each reference, by add-one counts of the training chorales."""
    counts = np.bincount([move_of(c) for c in train], minlength=MOVES) + 1.0
    nats: NDArray[np.float64] = math.log(counts.sum()) - np.log(counts)
    return nats


def transposed(chorale: Chorale, semitones: int) -> Chorale:
    """Return the chorale so much higher; rests stay."""
    moved: Chorale = np.where(chorale == REST, REST, chorale + semitones)
    return moved


def transpositions(chorale: Chorale, train: tuple[Chorale, ...]) -> range:
    """Return by how many semitones every voice can move within its range in ``train``."""
    lowest, highest = ranges(train)
    sounding = [chorale[:, v][chorale[:, v] != REST] for v in range(VOICES)]
    down = max(int(lowest[v] - s.min()) for v, s in enumerate(sounding) if len(s))
    up = min(int(highest[v] - s.max()) for v, s in enumerate(sounding) if len(s))
    return range(min(down, 0), max(up, 0) + 1)


def ranges(train: tuple[Chorale, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each voice's lowest and highest pitch, (4,) and (4,)."""
    grid = np.vstack(train)
    return np.where(grid == REST, 127, grid).min(axis=0), grid.max(axis=0)


def _symbols(chorale: Chorale, move: int) -> NDArray[np.int64]:
    """Return the moved pitches as symbols: up to six semitones down or five up."""
    shift = 0 if move == 12 else (-move if move <= 6 else 12 - move)
    symbols: NDArray[np.int64] = np.where(chorale == REST, SILENT, chorale + shift - LOWEST)
    return symbols


def _held(symbols: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for how many steps, this one counted, each voice has had its symbol."""
    steps = np.arange(len(symbols))[:, None]
    new = np.vstack([np.ones((1, VOICES), np.bool_), symbols[1:] != symbols[:-1]])
    begun = np.maximum.accumulate(np.where(new, steps, 0), axis=0)
    held: NDArray[np.int64] = np.minimum(steps - begun + 1, LONGEST)
    return held
