"""A chorale as the changes in it: which cell is the next to change, and to which symbol.

A cell is one voice at one sixteenth. Cells are ordered in time and, within a sixteenth, by
``ORDER`` (the bass first). 78% of them repeat the voice's cell before; a change says how many do
before it. So the probability of every cell is given exactly, in 4.5 times fewer steps::

    p(cells) = p(reference) * product of p(next place | past) * p(symbol | past, place)
               * p(no further change before the end)

The length of a chorale is given, as everywhere on this benchmark: the last factor is the chance
that nothing changes in the sixteenths that are left.

Pitches are heard from the first bass note, which is moved to a C. No key label is read, and
because that note's pitch class is coded first (``reference_nats``) nothing is for free. How far it
was moved is an input, so that a network knows the voices' true ranges. The place in the bar is
counted from the first cell; whether that is an upbeat is not known.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from model_export.jsb.chorales import BAR, LONGEST, ORDER, PADDING, REST, VOICES, Chorale

LOWEST: Final = 30
PITCHES: Final = 60
"""MIDI numbers from ``LOWEST`` that can sound, once moved."""
SILENT: Final = PITCHES
NOTHING: Final = PITCHES + 1
"""Before a voice's first cell."""
SYMBOLS: Final = PITCHES + 2
MOVES: Final = 13
"""How many semitones the first bass note is above a C; 12: it is a rest, and nothing is moved."""
FAR: Final = 16
"""Sixteenths that a place can lie ahead."""
WAIT: Final = (FAR + 1) * VOICES
"""The place after all these: nothing changes within ``FAR``. Else sixteenths * VOICES + turn."""
PLACES: Final = WAIT + 1

TARGET_PLACE, TARGET_SYMBOL, LEFT, TURN, STEP, MOVE = range(6)
"""Columns: ``LEFT`` is how many sixteenths follow this one, and no input; ``TURN`` of the last
change, 0 before the first; ``STEP`` in the bar. A symbol's target is ``PADDING`` where the place is
``WAIT``, and both are where the chorale has ended."""
LATEST: Final = slice(6, 10)
"""The symbols now sounding, by turn."""
HELD: Final = slice(10, 14)
"""For how many sixteenths each has been held, 1 if it is new, 0 if there is nothing yet."""
LEAPT: Final = slice(14, 18)
"""By how many semitones each came there, ``WIDEST`` added; ``WIDEST`` from or to a rest."""
LASTED: Final = slice(18, 22)
"""For how many sixteenths each had held its symbol before, 0 if there was none."""
HISTORY: Final = slice(22, 26)
"""When each changed: bit i is set if it did i sixteenths ago, for 62 of them."""
BARS: Final = 26
"""Bars since the beginning, in a cycle of ``CYCLE``: phrases are often of two or four."""
COLUMNS: Final = 27
CYCLE: Final = 4
WIDEST: Final = 13
"""Leaps beyond an octave count as this one."""
PADDED: Final = (PADDING, PADDING, PADDING, *([0] * (COLUMNS - 3)))
"""A row that does not count."""

_REMEMBERED: Final = (1 << 62) - 1

Changes = NDArray[np.int64]
"""(events, COLUMNS): what is known after each change, and the next. The first row knows nothing;
the last one's target place is ``PADDING`` with ``LEFT`` >= 0: nothing changes any more."""


def move_of(chorale: Chorale) -> int:
    """Return the chorale's reference, 0 to 12: what the first bass cell is above a C."""
    first = int(chorale[0, ORDER[0]])
    return 12 if first == REST else first % 12


def changes(chorale: Chorale) -> Changes:
    """Return the chorale's changes in the order in which they are predicted."""
    move = move_of(chorale)
    symbols = _symbols(chorale, move)[:, ORDER]
    before = np.vstack([np.full((1, VOICES), NOTHING), symbols[:-1]])
    steps, turns = np.nonzero(symbols != before)
    walk = _Walk(len(chorale) - 1, move)
    for step, turn in zip(steps.tolist(), turns.tolist(), strict=True):
        walk.wait_until(step)
        walk.change(step, turn, int(symbols[step, turn]))
    walk.wait_until(len(chorale) - 1)
    walk.known(PADDING, PADDING)
    return np.array(walk.rows, dtype=np.int64)


def moved(rows: Changes, semitones: int, astray: int) -> Changes:
    """Return the changes of the chorale ``semitones`` higher; columns beyond these stay.

    ``astray``: by how many semitones the reference is another than the first bass note.
    """
    old = int(rows[0, MOVE])
    move = old if old == 12 else (old + semitones + astray) % 12
    by = semitones + _shift(move) - _shift(old)
    if by == 0 and move == old:
        return rows
    new = rows.copy()
    new[:, MOVE] = move
    for column in (TARGET_SYMBOL, *range(LATEST.start, LATEST.stop)):
        symbols = rows[:, column]
        pitched = (symbols != PADDING) & (symbols < PITCHES)
        new[:, column] = np.where(pitched, symbols + by, symbols)
    return new


class _Walk:
    """What is known while one goes from change to change."""

    def __init__(self, last: int, move: int) -> None:
        self.last, self.move = last, move
        self.step, self.turn = 0, 0
        self.now, self.since = [NOTHING] * VOICES, [0] * VOICES
        self.leapt, self.lasted = [WIDEST] * VOICES, [0] * VOICES
        self.history = [0] * VOICES
        self.rows: list[list[int]] = []

    def known(self, place: int, symbol: int) -> None:
        """Add a row: all this, and then that place and symbol."""
        held = [
            0 if now == NOTHING else min(self.step - since + 1, LONGEST)
            for now, since in zip(self.now, self.since, strict=True)
        ]
        at = (self.last - self.step, self.turn, self.step % BAR, self.move)
        bars = self.step // BAR % CYCLE
        known = (*self.now, *held, *self.leapt, *self.lasted, *self.history, bars)
        self.rows.append([place, symbol, *at, *known])

    def wait_until(self, step: int) -> None:
        """Go on without a change until ``step`` is no farther than a place can say."""
        while step - self.step > FAR:
            self.known(WAIT, PADDING)
            self._go_to(self.step + FAR, VOICES - 1)

    def change(self, step: int, turn: int, symbol: int) -> None:
        """Add the row whose target this change is, and make it."""
        self.known((step - self.step) * VOICES + turn, symbol)
        old = self.now[turn]
        self._go_to(step, turn)
        self.history[turn] |= 1
        self.lasted[turn] = 0 if old == NOTHING else min(step - self.since[turn], LONGEST)
        leap = symbol - old if max(symbol, old) < PITCHES else 0
        self.leapt[turn] = max(-WIDEST, min(WIDEST, leap)) + WIDEST
        self.now[turn], self.since[turn] = symbol, step

    def _go_to(self, step: int, turn: int) -> None:
        passed = step - self.step
        self.history = [(changed << passed) & _REMEMBERED for changed in self.history]
        self.step, self.turn = step, turn


def reference_nats(train: tuple[Chorale, ...]) -> NDArray[np.float64]:
    """Return (MOVES,) nats of each reference, by add-one counts of the training chorales."""
    counts = np.bincount([move_of(c) for c in train], minlength=MOVES) + 1.0
    nats: NDArray[np.float64] = math.log(counts.sum()) - np.log(counts)
    return nats


def _shift(move: int) -> int:
    """Return by how many semitones pitches are moved: up to six down or five up."""
    return 0 if move == 12 else (-move if move <= 6 else 12 - move)


def _symbols(chorale: Chorale, move: int) -> NDArray[np.int64]:
    """Return the moved pitches as symbols."""
    symbols: NDArray[np.int64] = np.where(chorale == REST, SILENT, chorale + _shift(move) - LOWEST)
    return symbols


def moments(step: Tensor, place: Tensor) -> Tensor:
    """Return where in the bar, and in which turn, a place lies that is seen from ``step``."""
    return (step + place // VOICES) % BAR * VOICES + place % VOICES
