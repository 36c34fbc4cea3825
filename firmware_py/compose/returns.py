"""Themes that come back: what of an earlier bar is kept when a later one restates it."""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from firmware_py.compose.bar_rules import Event
from firmware_py.compose.form import LOOKBACK, Place
from firmware_py.compose.vocabulary import DURATION_STEPS, NO_DURATION, is_chord
from firmware_py.messages.plan import BarTarget

_VERBATIM_BELOW: Final = 0.05
_TUNE_BELOW: Final = 0.6
_BEAT: Final = 24
_HALF_BAR: Final = 48
_HIGHEST_LIFT: Final = 4.0
"""Semitones that a theme's register may have moved when it returns note by note."""
_WIDEST_FALL: Final = 9  # semitones


@dataclass(frozen=True, slots=True)
class Kept:
    """Events to restate; ``everything``: nothing is to be added."""

    events: tuple[Event, ...] = ()
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Remembered:
    """One written bar, the target it had, and how far above C its signature sounded."""

    events: tuple[Event, ...]
    target: BarTarget
    shift: int


@dataclass(slots=True)
class Memory:
    """The bars of the last half hour, by index."""

    _bars: OrderedDict[int, Remembered] = field(default_factory=OrderedDict)
    _sounding: Counter[tuple[Event, ...]] = field(default_factory=Counter)
    """How many of the bars have these notes."""

    def remember(self, index: int, bar: Remembered) -> None:
        """Keep a written bar; the oldest goes."""
        self._bars[index] = bar
        self._sounding[notes(bar.events)] += 1
        if len(self._bars) > LOOKBACK:
            _, oldest = self._bars.popitem(last=False)
            self._sounding -= Counter([notes(oldest.events)])

    def holds(self, events: tuple[Event, ...]) -> bool:
        """Tell whether a remembered bar has the very same notes, in whatever key."""
        return notes(events) in self._sounding

    def shift_at(self, index: int | None) -> int | None:
        """Return how far above C the bar ``index`` sounded, if it is remembered."""
        bar = self._bars.get(index) if index is not None else None
        return None if bar is None else bar.shift

    def recall(self, place: Place, target: BarTarget, shift: int) -> Kept:
        """Return what ``place`` restates under a target that may have moved since.

        Unvaried, the whole bar; a little varied, its chords and tune, with a new accompaniment;
        more varied, or where there is nothing but the tune, its chords and the tune's notes on the
        strong beats. A close is always new.
        """
        earlier = self._bars.get(place.returns_to) if place.returns_to is not None else None
        to_go = place.phrase_bars - 1 - place.phrase_bar
        closes = to_go <= (1 if place.heads_for == "full" else 0) or place.heads_for == "final"
        if earlier is None or closes:
            return Kept()
        events, then = earlier.events, earlier.target
        higher = (target.register - shift) - (then.register - earlier.shift)
        turned = abs(target.mode - then.mode) > 0.8 or abs(target.tension - then.tension) > 0.3
        if turned or abs(higher) > _HIGHEST_LIFT:
            return Kept()
        same = 0.8 <= target.density / then.density <= 1.25
        if place.variation < _VERBATIM_BELOW and same:
            return Kept(events, everything=True)
        line = tune(events)
        if place.variation >= _TUNE_BELOW or target.density < 0.6 * then.density:
            line = tuple(event for event in line if event[0] % _BEAT == 0)
        if line == notes(events):  # where the tune is all there is, it cannot be varied around
            line = tuple(event for event in line if event[0] % _HALF_BAR == 0)
        if line == notes(events):
            line = line[:1]
        kept = {event for event in events if is_chord(event[1])} | set(line)
        return Kept(tuple(event for event in events if event in kept))


def notes(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """Return the events that sound: without chord symbols."""
    return tuple(event for event in events if not is_chord(event[1]))


def tune(events: tuple[Event, ...], before: int | None = None) -> tuple[Event, ...]:
    """Return the notes that are the highest sounding when they begin.

    A note far under the one before belongs to what accompanies, also where the tune rests;
    ``before`` is the last symbol of the tune in the bar before, if it is known.
    """
    line = _line(events, before)
    return line or _line(events, None)  # the tune has moved down altogether


def _line(events: tuple[Event, ...], before: int | None) -> tuple[Event, ...]:
    top: list[Event] = []
    for place, symbol, duration in events:
        if duration == NO_DURATION:
            continue
        if top:
            earlier, above, length = top[-1]
            covered = above > symbol and place < earlier + DURATION_STEPS[length]
            if earlier == place or covered or symbol < above - _WIDEST_FALL:
                continue  # notes at one place come from high to low
        elif before is not None and symbol < before - _WIDEST_FALL:
            continue
        top.append((place, symbol, duration))
    return tuple(top)


def leaps(line: tuple[Event, ...], before: int | None) -> float:
    """Return the share of the tune's steps, the one into the bar too, that are leaps."""
    symbols = [symbol for _, symbol, _ in line]
    if before is not None:
        symbols.insert(0, before)
    wide = sum(abs(b - a) > _WIDEST_FALL for a, b in pairwise(symbols))
    return wide / max(1, len(symbols) - 1)
