"""What may be written next in a bar: legal events only, kept notes in their place, clean chords."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose.vocabulary import (
    BAR,
    CHORD_CLASSES,
    DURATION_STEPS,
    DURATIONS,
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
MOST_EVENTS: Final = 48
MOST_AT_ONCE: Final = 5
_LOW: Final = 50 - LOWEST_PITCH
"""Below this pitch, close intervals are mud."""


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
        sounding = any(symbol < PITCHES for _, symbol, _ in self.events)
        if not self.rules.only_kept and len(self.events) < MOST_EVENTS:
            end = self.rules.steps if due is None else due[0] + 1
            grid = np.arange(end)
            free = (grid % 6 == 0) | (grid % 8 == 0)
            if self.rules.closes:
                free = (grid % 24 == 0) & (grid <= self.rules.steps // 2)
            mask[:end] = free & (grid >= self.place)
            if not self.symbols(self.place).any():
                mask[self.place] = False
        if due is not None:
            mask[due[0]] = True
        mask[BAR] = due is None and sounding
        if not mask.any():
            mask[BAR] = True
        return mask

    def symbols(self, place: int) -> Mask:
        """Return (SYMBOLS,): what may stand at ``place``, given all that stands before."""
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
        mask[max(0, low) : high + 1] = True
        if pitches:
            mask[min(pitches) :] = False
        mask[:PITCHES] &= self._in_harmony(place)
        for above in pitches:
            self._forbid_clashes(mask, above)
        self._below_kept_tune(mask, place)
        if place == self.rules.steps // 2 and not here and not self.rules.kept:
            mask[PITCHES:NO_SYMBOL] = self.rules.middle
        return mask

    def _in_harmony(self, place: int) -> Mask:
        chord: Mask = CHORD_CLASSES[self.chord - PITCHES][_CLASSES]
        if self.rules.chord_tones_only:
            return chord
        if self.rules.tension >= 0.6:
            return np.ones(PITCHES, dtype=np.bool_)
        if self.rules.tension < 0.3 and place % 48 == 0:
            return chord
        scale: Mask = self._scale()[_CLASSES]
        return chord | scale

    def _scale(self) -> Mask:
        """Return the scale over the chord: without the note that the chord has altered."""
        scale = _SCALE.copy()
        altered = CHORD_CLASSES[self.chord - PITCHES] & ~scale
        scale[(np.flatnonzero(altered) - 1) % 12] = False  # over E major, G sharp instead of G
        return scale

    def _forbid_clashes(self, mask: Mask, above: int) -> None:
        """Take out what would rub against ``above``, a pitch struck at the same place."""
        if self.rules.tension < 0.5:
            for apart in (1, 13, 25):
                if above >= apart:
                    mask[above - apart] = False
        if above < _LOW + 7:
            mask[max(0, above - 4) : min(above, _LOW)] = False

    def _below_kept_tune(self, mask: Mask, place: int) -> None:
        """Keep new notes under the kept tune that sounds."""
        for at, symbol, duration in self.rules.kept:
            if is_chord(symbol) or at > place:
                continue
            if place < at + DURATION_STEPS[duration]:
                mask[symbol:PITCHES] = False

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
            mask[:NO_DURATION] = (DURATION_STEPS >= 4) & (DURATION_STEPS <= 192)
        return mask

    def write(self, place: int, symbol: int, duration: int) -> None:
        """Add one event."""
        due = self.due
        if due is not None and due[:2] == (place, symbol):
            self.kept += 1
        if is_chord(symbol):
            self.chord = symbol
        self.events.append((place, symbol, duration))
