"""How much of a bar was heard before: what the last bars leave behind to be compared with."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

LOOKBACK: Final = 16
"""Bars."""

_Note = tuple[int, int]
"""Place in the bar (steps), pitch relative to the signature."""
_Turn = tuple[_Note, _Note]
"""Two moves of the tune, one after the other; a move is semitones and steps since the last note."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Shares, 0 to 1."""

    rhythm: float
    """Onsets that this bar and the one before share, of all onsets of both."""
    notes: float
    """The same of places and pitches, with the earlier bar that shares most."""
    tune: float
    """Turns of the top line that were heard before, in whatever key and wherever in the bar."""


class Heard:
    """The last ``LOOKBACK`` bars."""

    def __init__(self) -> None:
        self._bars: deque[frozenset[_Note]] = deque(maxlen=LOOKBACK)
        self._turns: deque[tuple[_Turn, ...]] = deque()
        self._known: Counter[_Turn] = Counter()
        self._onsets: frozenset[int] = frozenset()
        self._last: tuple[_Note, ...] = ()
        """The top line's last three notes, their places counted from the coming bar line."""

    def likeness(self, starts: NDArray[np.int32], pitches: NDArray[np.int32]) -> Likeness:
        """Compare the notes of a bar, (n,) each, with what was heard."""
        notes = frozenset(zip(starts.tolist(), pitches.tolist(), strict=True))
        turns = self._turns_of(_top_line(starts, pitches))
        fresh = set[_Turn]()
        known = 0
        for turn in turns:
            known += turn in self._known or turn in fresh
            fresh.add(turn)
        return Likeness(
            _shared(frozenset(starts.tolist()), self._onsets) if self._onsets else 0.0,
            max((_shared(notes, bar) for bar in self._bars), default=0.0),
            known / len(turns) if turns else 0.0,
        )

    def remember(
        self, starts: NDArray[np.int32], pitches: NDArray[np.int32], bar_steps: int
    ) -> None:
        """Take in a bar of ``bar_steps``."""
        line = _top_line(starts, pitches)
        self._bars.append(frozenset(zip(starts.tolist(), pitches.tolist(), strict=True)))
        self._onsets = frozenset(starts.tolist())
        self._turns.append(self._turns_of(line))
        self._known.update(self._turns[-1])
        if len(self._turns) > LOOKBACK:
            self._known -= Counter(self._turns.popleft())
        last = (*self._last, *line)[-3:]
        self._last = tuple((place - bar_steps, pitch) for place, pitch in last)

    def _turns_of(self, line: list[_Note]) -> tuple[_Turn, ...]:
        """Return the turns that end in the bar."""
        whole = [*self._last, *line]
        moves = [(b[1] - a[1], b[0] - a[0]) for a, b in pairwise(whole)]
        turns = list(pairwise(moves))
        return tuple(turns[max(0, len(turns) - len(line)) :])


def _top_line(starts: NDArray[np.int32], pitches: NDArray[np.int32]) -> list[_Note]:
    """Return the highest note of each onset, in time."""
    top: dict[int, int] = {}
    for start, pitch in zip(starts.tolist(), pitches.tolist(), strict=True):
        top[start] = max(pitch, top.get(start, pitch))
    return sorted(top.items())


def _shared(one: frozenset[object], other: frozenset[object]) -> float:
    either = len(one | other)
    return len(one & other) / either if either else 0.0
