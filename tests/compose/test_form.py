"""The form: phrases, returns and endings."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_py.compose.form import LOOKBACK, PHRASE_BARS, VERBATIM_SHARE, Form, Place

HOUR = 1100
SEEDS = st.integers(0, 2**63 - 1)
BARS_LEFT = st.lists(st.none() | st.integers(0, 40), min_size=1, max_size=300)


def walk(seed: int, bars: int, *, ends: bool = False) -> list[Place]:
    form = Form(seed)
    return [form.next(bars - 1 - i if ends else None) for i in range(bars)]


def theme(place: Place) -> str:
    return place.section.rstrip("0123456789").rstrip("'")


def phrases(places: list[Place]) -> list[str]:
    return [p.section.rstrip("0123456789") for p in places if p.phrase_bar == 0]


@given(SEEDS, st.integers(1, 120))
def test_ends_with_a_final_cadence_exactly_at_the_last_bar(seed: int, bars: int) -> None:
    places = walk(seed, bars, ends=True)
    assert [p.cadence == "final" for p in places] == [False] * (bars - 1) + [True]
    lengths = [p.phrase_bars for p in places if p.cadence != "none"]
    assert sum(lengths) == bars
    assert min(lengths) >= min(bars, 4)
    assert max(lengths) <= PHRASE_BARS + 1


@given(SEEDS, BARS_LEFT)
def test_any_course_of_bars_left_keeps_the_form_sound(seed: int, course: list[int | None]) -> None:
    form = Form(seed)
    previous: Place | None = None
    for index, bars_left in enumerate(course):
        place = form.next(bars_left)
        assert (place.cadence == "final") == (bars_left == 0)
        assert (place.cadence != "none") == (place.phrase_bar == place.phrase_bars - 1)
        assert place.heads_for != "none"
        assert place.cadence in ("none", place.heads_for)
        began = previous is None or previous.cadence != "none"
        assert place.phrase_bar == (0 if began else previous.phrase_bar + 1)
        assert 0 <= place.phrase_position <= 1
        assert 0 <= place.variation <= 1
        assert (place.variation == 1.0) == (place.returns_to is None)
        if place.returns_to is not None:
            assert 0 < index - place.returns_to <= LOOKBACK
        assert place.section.endswith(str(place.phrase_bar + 1))
        previous = place


@given(SEEDS, st.integers(0, 200), st.integers(0, 30))
def test_a_timer_set_in_the_middle_is_met(seed: int, before: int, left: int) -> None:
    form = Form(seed)
    places = [form.next(None) for _ in range(before)]
    places += [form.next(n) for n in range(left, -1, -1)]
    assert places[-1].cadence == "final"
    assert all(p.cadence != "final" for p in places[:-1])
    assert all(p.phrase_bars <= PHRASE_BARS + 3 for p in places)


@given(SEEDS)
def test_a_timer_taken_back_lets_the_phrase_go_on(seed: int) -> None:
    form = Form(seed)
    first = form.next(2)
    assert first.phrase_bars == 3
    later = [form.next(None) for _ in range(40)]
    assert all(p.cadence != "final" for p in later)


@given(SEEDS)
@settings(max_examples=20)
def test_an_hour_neither_loops_nor_wanders(seed: int) -> None:
    places = walk(seed, HOUR)
    verbatim = 0
    for index, place in enumerate(places):
        verbatim += place.variation == 0
        assert verbatim <= VERBATIM_SHARE * (index + 1)
    returning = sum(p.returns_to is not None for p in places) / HOUR
    assert 0.3 < returning < 0.7
    order = phrases(places)
    names = list(dict.fromkeys(theme(p) for p in places))
    assert len(names) >= 20  # new themes, at least one in three minutes
    recalled = [
        (first, again)
        for first in names
        for a, again in pairwise(i for i, p in enumerate(order) if p.rstrip("'") == first)
        if again - a >= 8
    ]
    assert recalled  # and an earlier one comes back after minutes
    groups = ["".join(order[i : i + 12]) for i in range(0, len(order) - 12, 12)]
    assert len(set(groups)) == len(groups)


@given(SEEDS)
@settings(max_examples=20)
def test_returns_point_at_the_first_statement_of_their_theme(seed: int) -> None:
    places = walk(seed, 600)
    for index, place in enumerate(places):
        if place.returns_to is None:
            continue
        origin = places[place.returns_to]
        assert theme(origin) == theme(place)
        if "'" in place.section:
            assert "'" not in origin.section
            assert origin.phrase_bar == place.phrase_bar
        assert place.returns_to < index


@given(SEEDS)
@settings(max_examples=20)
def test_a_theme_asks_and_its_return_answers(seed: int) -> None:
    for place in walk(seed, 300):
        if place.cadence != "none":
            assert place.cadence == ("full" if "'" in place.section else "half")


@given(SEEDS)
def test_same_seed_same_form(seed: int) -> None:
    assert walk(seed, 200) == walk(seed, 200)


def test_seeds_differ() -> None:
    orders = {tuple(phrases(walk(seed, 400))) for seed in range(20)}
    assert len(orders) >= 18


@given(SEEDS, st.integers(16, 120))
def test_a_piece_ends_with_what_is_known(seed: int, bars: int) -> None:
    places = walk(seed, bars, ends=True)
    last = [p for p in places if p.phrase_bar == 0][-1]
    assert last.returns_to is not None


def test_eight_hours_stay_small() -> None:
    form = Form(1)
    for _ in range(8 * HOUR):
        form.next(None)
    kept = (form._themes, form._queue, form._slots)
    assert all(len(part) <= 10 for part in kept)


def test_negative_bars_left_is_refused() -> None:
    with pytest.raises(ValueError, match="bars_left -1"):
        Form(0).next(-1)
