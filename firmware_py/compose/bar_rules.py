"""What may be written next in a bar: legal events only, kept notes in their place, clean chords."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose.vocabulary import (
    BAR,
    CHORD_CLASSES,
    DURATION_STEPS,
    DURATIONS,
    LONGEST_BAR,
    LOWEST_PITCH,
    NO_DURATION,
    NO_SYMBOL,
    PITCHES,
    PLACES,
    SYMBOLS,
    is_chord,
)

Mask = NDArray[np.bool_]
Event = tuple[int, int, int]
"""place, symbol, duration class."""

_SCALE: Final = np.array([1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1], dtype=np.bool_)
_CLASSES: Final = (np.arange(PITCHES) + LOWEST_PITCH) % 12
_EVERY_PITCH: Final = np.ones(PITCHES, dtype=np.bool_)
_STEPS: Final = np.arange(LONGEST_BAR)
_GRID: Final = (_STEPS % 6 == 0) | (_STEPS % 8 == 0)
"""Sixteenths and triplets."""
_CLOSING_GRID: Final = (_STEPS % 24 == 0) & (_STEPS <= 48)
MOST_EVENTS: Final = 48
_LENGTHS: Final = (DURATION_STEPS >= 4) & (DURATION_STEPS <= 192)
MOST_AT_ONCE: Final = 5
_LOW: Final = 50 - LOWEST_PITCH
"""Below this pitch, close intervals are mud."""


@cache
def _chord_tones(chord: int) -> Mask:
    """Return (PITCHES,): the tones of a chord symbol."""
    tones: Mask = CHORD_CLASSES[chord - PITCHES][_CLASSES]
    return tones


@cache
def _scale_tones(chord: int) -> Mask:
    """Return (PITCHES,): the scale over a chord, without the note that the chord has altered."""
    scale = _SCALE.copy()
    altered = CHORD_CLASSES[chord - PITCHES] & ~scale
    scale[(np.flatnonzero(altered) - 1) % 12] = False  # over E major, G sharp instead of G
    tones: Mask = scale[_CLASSES] | _chord_tones(chord)
    return tones


@lru_cache(maxsize=8)
def _ceilings(kept: tuple[Event, ...]) -> NDArray[np.int64]:
    """Return (LONGEST_BAR,): the lowest kept note that sounds at each step; new ones stay under."""
    ceilings = np.full(LONGEST_BAR, PITCHES, dtype=np.int64)
    for place, symbol, duration in kept:
        if not is_chord(symbol):
            sounding = slice(place, place + int(DURATION_STEPS[duration]))
            ceilings[sounding] = np.minimum(ceilings[sounding], symbol)
    return ceilings


@dataclass(frozen=True, slots=True)
class BarRules:
    """One bar's frame. Pitches are relative to the signature (C major / A minor)."""

    steps: int
    opening: Mask
    """(CHORDS,) chords that may open the bar."""
    middle: Mask
    """(CHORDS,) chords that may come at its half; none: the opening chord stays."""
    lowest: int
    highest: int
    """Range as MIDI pitches relative to the signature."""
    tension: float
    kept: tuple[Event, ...] = ()
    """Events of an earlier bar that come back in their places, in order."""
    only_kept: bool = False
    """Nothing is written but what is kept."""
    chord_tones_only: bool = False
    closes: bool = False
    """The last bar of the music: everything rings to its end."""
    fewest: int = 0
    most: int = MOST_EVENTS
    """Onsets, notes struck together counted once, ``most`` at least 1; kept ones may go beyond."""


@dataclass(slots=True)
class Draft:
    """One candidate while it is written."""

    rules: BarRules
    chord: int
    events: list[Event] = field(default_factory=list)
    kept: int = 0
    """How many kept events stand already."""
    nats: float = 0.0
    done: bool = False
    answered: tuple[tuple[int, int], Mask] | None = None
    """The last answer of ``symbols``, and to what: it is asked twice of the same place."""

    @property
    def place(self) -> int:
        """Where the draft has come to."""
        return self.events[-1][0] if self.events else 0

    @property
    def due(self) -> Event | None:
        """The next kept event, if any is left."""
        return self.rules.kept[self.kept] if self.kept < len(self.rules.kept) else None

    def places(self) -> Mask:
        """Return (PLACES,): where the next event may stand; BAR ends the bar."""
        mask = np.zeros(PLACES, dtype=np.bool_)
        if not self.events:
            mask[0] = True  # a bar opens with its chord
            return mask
        due = self.due
        if due is not None and (self.rules.only_kept or due[0] == self.place):
            mask[due[0]] = True
            return mask
        onsets = {at for at, symbol, _ in self.events if symbol < PITCHES}
        if not self.rules.only_kept and len(self.events) < MOST_EVENTS:
            self._free(mask, onsets)
        ends = due is None and len(onsets) > 0
        mask[BAR] = ends and (len(onsets) >= self.rules.fewest or not mask.any())
        if due is not None:
            mask[due[0]] = True
        if not mask.any():
            mask[BAR] = True
        return mask

    def _free(self, mask: Mask, onsets: set[int]) -> None:
        """Mark the places where a new note or chord may stand."""
        due = self.due
        end = self.rules.steps if due is None else due[0] + 1
        grid = _CLOSING_GRID if self.rules.closes else _GRID
        mask[self.place : end] = grid[self.place : end]
        coming = {at for at, symbol, _ in self.rules.kept[self.kept :] if symbol < PITCHES}
        if len(onsets | coming) >= self.rules.most:
            mask[self.place + 1 :] = False
            mask[self.place] = self.place in onsets
        # Only here, and under a low kept tune, can it be that nothing fits.
        doubtful = {self.place}
        if self.rules.kept:
            low = self.rules.lowest - LOWEST_PITCH
            tight = mask[:BAR] & (_ceilings(self.rules.kept) < low + 12)
            doubtful.update(np.flatnonzero(tight).tolist())
        for place in doubtful:
            if mask[place] and not self.symbols(place).any():
                mask[place] = False

    def symbols(self, place: int) -> Mask:
        """Return (SYMBOLS,): what may stand at ``place``, given all that stands before."""
        asked = len(self.events), place
        if self.answered is None or self.answered[0] != asked:
            self.answered = asked, self._symbols(place)
        return self.answered[1]

    def _symbols(self, place: int) -> Mask:
        mask = np.zeros(SYMBOLS, dtype=np.bool_)
        due = self.due
        if due is not None and due[0] == place:
            mask[due[1]] = True
            return mask
        if not self.events:
            mask[PITCHES:NO_SYMBOL] = self.rules.opening
            return mask
        here = [symbol for at, symbol, _ in self.events if at == place]
        pitches = [symbol for symbol in here if not is_chord(symbol)]
        if len(pitches) >= MOST_AT_ONCE:
            return mask
        low, high = self.rules.lowest - LOWEST_PITCH, self.rules.highest - LOWEST_PITCH
        mask[max(0, low) : min(high + 1, PITCHES)] = True
        if pitches:
            mask[min(pitches) :] = False
        mask[:PITCHES] &= self._in_harmony(place)
        for above in pitches:
            self._forbid_clashes(mask, above)
        mask[_ceilings(self.rules.kept)[place] : PITCHES] = False
        if place == self.rules.steps // 2 and not here and not self.rules.kept:
            mask[PITCHES:NO_SYMBOL] = self.rules.middle
        return mask

    def _in_harmony(self, place: int) -> Mask:
        on_beat = self.rules.tension < 0.3 and place % 48 == 0
        if self.rules.chord_tones_only or on_beat:
            return _chord_tones(self.chord)
        if self.rules.tension >= 0.6:
            return _EVERY_PITCH
        return _scale_tones(self.chord)

    def _forbid_clashes(self, mask: Mask, above: int) -> None:
        """Take out what would rub against ``above``, a pitch struck at the same place."""
        if self.rules.tension < 0.5:
            for apart in (1, 13, 25):
                if above >= apart:
                    mask[above - apart] = False
        if above < _LOW + 7:
            mask[max(0, above - 4) : min(above, _LOW)] = False

    def durations(self, place: int, symbol: int) -> Mask:
        """Return (DURATIONS,): how long ``symbol`` may last."""
        mask = np.zeros(DURATIONS, dtype=np.bool_)
        due = self.due
        if is_chord(symbol):
            mask[NO_DURATION] = True
        elif due is not None and due[:2] == (place, symbol):
            mask[due[2]] = True
        elif self.rules.closes:
            longest = np.flatnonzero(self.rules.steps - place <= DURATION_STEPS)
            mask[longest[0]] = True
        else:
            mask[:NO_DURATION] = _LENGTHS
        return mask

    def write(self, place: int, symbol: int, duration: int) -> None:
        """Add one event."""
        due = self.due
        if due is not None and due[:2] == (place, symbol):
            self.kept += 1
        if is_chord(symbol):
            self.chord = symbol
        self.events.append((place, symbol, duration))
