"""What may be written next: whatever is drawn, a bar always goes on to its end, and stays legal."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_py.compose.bar_rules import MOST_AT_ONCE, MOST_EVENTS, BarRules, Draft, Event
from firmware_py.compose.vocabulary import (
    BAR,
    CHORDS,
    DURATION_STEPS,
    LOWEST_PITCH,
    NO_SYMBOL,
    PITCHES,
    chord_symbol,
    is_chord,
)

OPENING = chord_symbol(0, "maj")


def only(*symbols: int) -> np.ndarray:
    mask = np.zeros(CHORDS, dtype=np.bool_)
    mask[[symbol - PITCHES for symbol in symbols]] = True
    return mask


def drawn(rules: BarRules, seed: int) -> list[Event]:
    """Write one bar by drawing evenly among all that is allowed."""
    random = np.random.default_rng(seed)
    draft = Draft(rules, OPENING)
    for _ in range(2 * MOST_EVENTS):
        place = int(random.choice(np.flatnonzero(draft.places())))
        if place == BAR:
            return draft.events
        symbol = int(random.choice(np.flatnonzero(draft.symbols(place))))
        duration = int(random.choice(np.flatnonzero(draft.durations(place, symbol))))
        draft.write(place, symbol, duration)
    raise AssertionError("a bar without an end")


@st.composite
def rule_sets(draw: st.DrawFn) -> BarRules:
    lowest = draw(st.integers(30, 60))
    kept: tuple[Event, ...] = ()
    if draw(st.booleans()):
        first = BarRules(
            96, only(OPENING), only(), lowest, lowest + draw(st.integers(14, 46)), 0.2, most=8
        )
        kept = tuple(drawn(first, draw(st.integers(0, 999))))
    fewest = draw(st.integers(0, 12))
    return BarRules(
        steps=96,
        opening=only(OPENING, chord_symbol(7, "dom7")),
        middle=only(chord_symbol(4, "maj")) if draw(st.booleans()) else only(),
        lowest=lowest + draw(st.integers(0, 20)),
        highest=lowest + 20 + draw(st.integers(14, 46)),
        tension=draw(st.sampled_from((0.0, 0.2, 0.4, 0.55, 0.8))),
        kept=kept,
        only_kept=bool(kept) and draw(st.booleans()),
        chord_tones_only=draw(st.booleans()),
        closes=draw(st.booleans()),
        fewest=fewest,
        most=max(1, fewest + draw(st.integers(0, 6))),
    )


@settings(max_examples=150)
@given(rule_sets(), st.integers(0, 999))
def test_whatever_is_drawn_the_bar_ends_and_is_legal(rules: BarRules, seed: int) -> None:
    events = drawn(rules, seed)
    places = [place for place, _, _ in events]
    assert places == sorted(places)
    assert places[0] == 0
    assert is_chord(events[0][1])
    assert max(places) < rules.steps
    assert any(symbol < PITCHES for _, symbol, _ in events)
    for place in set(places):
        here = [s for at, s, _ in events if at == place and not is_chord(s)]
        assert here == sorted(set(here), reverse=True)
        assert len(here) <= max(MOST_AT_ONCE, len(rules.kept))
    assert all(symbol != NO_SYMBOL for _, symbol, _ in events)
    assert [event for event in events if event in rules.kept] == list(rules.kept)
    for place, symbol, duration in events:
        if (place, symbol, duration) in rules.kept or is_chord(symbol):
            continue
        assert rules.lowest <= symbol + LOWEST_PITCH <= rules.highest
        if rules.closes:
            assert place + DURATION_STEPS[duration] >= rules.steps


@settings(max_examples=100)
@given(rule_sets(), st.integers(0, 999))
def test_onsets_stay_within_what_was_asked(rules: BarRules, seed: int) -> None:
    events = drawn(rules, seed)
    onsets = {place for place, symbol, _ in events if symbol < PITCHES}
    kept = {place for place, symbol, _ in rules.kept if symbol < PITCHES}
    assert len(onsets) <= max(rules.most, len(kept), 1)
