"""Composing with a model of events (ours, or counting), under the rules of our event sequences."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence as Many
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose.vocabulary import (
    BAR,
    DURATION_STEPS,
    DURATIONS,
    LOWEST_PITCH,
    NO_DURATION,
    NO_SYMBOL,
    PITCHES,
    PLACES,
    SYMBOLS,
)
from model_export.baselines.excerpt import Excerpt, Opening
from model_export.baselines.grammar import bar_steps
from model_export.baselines.token_sampler import draw

_FIRST: Final = (BAR, NO_SYMBOL, NO_DURATION, NO_SYMBOL)


class EventModel(Protocol):
    """Foretells the next event, part by part."""

    def hear(self, event: tuple[int, int, int, int], bar: int) -> None:
        """Take in an event (place, symbol, duration, chord in force) of a bar."""
        ...

    def place_logits(self) -> NDArray[np.float64]:
        """Return (PLACES,) log chances, of any scale."""
        ...

    def symbol_logits(self, place: int) -> NDArray[np.float64]:
        """Return (SYMBOLS,) log chances at a place."""
        ...

    def duration_logits(self, place: int, symbol: int) -> NDArray[np.float64]:
        """Return (DURATIONS,) log chances of a pitch at a place."""
        ...


class EventSampler:
    """A ``Sampler``; ``begin`` returns a model that has heard nothing."""

    def __init__(self, begin: Callable[[Opening], EventModel], openings: Many[Opening]) -> None:
        self.begin, self.openings = begin, openings

    def sample(self, bars: int, seed: int) -> Excerpt:
        """Return the first ``bars`` bars of a new piece; the same seed, the same notes."""
        generator = np.random.default_rng(seed)
        opening = self.openings[int(generator.integers(len(self.openings)))]
        model, steps = self.begin(opening), bar_steps(opening.metre)
        event, bar = _FIRST, 0
        notes: list[tuple[int, int, int, int]] = []
        while bar < bars:
            model.hear(event, bar)
            event = _next(model, event, steps, generator)
            place, symbol, duration, _ = event
            if place == BAR:
                bar += 1
            elif symbol < PITCHES:
                notes.append((bar, place, int(DURATION_STEPS[duration]), symbol + LOWEST_PITCH))
        return Excerpt(np.array(notes, dtype=np.int32).reshape(-1, 4), bars, steps)


def _next(
    model: EventModel,
    before: tuple[int, int, int, int],
    steps: int,
    generator: np.random.Generator,
) -> tuple[int, int, int, int]:
    """Return the next event: in order of time; a chord at most, then pitches from high to low."""
    at, last, _, chord = before
    begins = at == BAR
    places = np.zeros(PLACES, dtype=np.bool_)
    places[0 if begins else at + (last == 0) : steps] = True  # nothing is below the lowest pitch
    places[BAR] = True
    place = draw(model.place_logits(), places, generator)
    if place == BAR:
        return BAR, NO_SYMBOL, NO_DURATION, chord
    symbols = np.zeros(SYMBOLS, dtype=np.bool_)
    symbols[: min(last, PITCHES) if place == at else NO_SYMBOL] = True
    symbol = draw(model.symbol_logits(place), symbols, generator)
    if symbol >= PITCHES:
        return place, symbol, NO_DURATION, symbol
    durations = np.arange(DURATIONS) < NO_DURATION
    return place, symbol, draw(model.duration_logits(place, symbol), durations, generator), chord
