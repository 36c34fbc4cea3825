from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_py.messages.score import CHORD_INTERVALS, STEPS_PER_BAR, Bar, Chord
from firmware_py.render.events import EXPRESSION, SUSTAIN, Channel, Control, Release, Strike
from firmware_py.render.expression import (
    ANTICIPATION_S,
    CADENCE_RUBATO,
    let_go,
    level,
    perform,
    warp,
)
from firmware_py.render.palette import DAY, DUSK, NIGHT, choose_palette
from tests.render.bars import make_bars

chords = st.lists(
    st.builds(
        Chord,
        st.integers(0, STEPS_PER_BAR - 1),
        st.integers(0, 11),
        st.sampled_from(sorted(CHORD_INTERVALS)),
    ),
    max_size=3,
    unique_by=lambda chord: chord.start,
).map(lambda found: tuple(sorted(found, key=lambda chord: chord.start)))


def strikes(bar: Bar, seed: int = 1) -> list[Strike]:
    return [event for event in perform(bar, None, seed) if isinstance(event, Strike)]


@given(st.floats(0, 8), st.floats(0, 8))
def test_rubato_keeps_the_order_of_notes(one: float, other: float) -> None:
    early, late = sorted((one, other))
    assert warp(early, CADENCE_RUBATO) <= warp(late, CADENCE_RUBATO)


@given(st.integers(0, 8), st.floats(0, 0.2))
def test_rubato_leaves_bar_lines_where_they_are(bar_line: int, rubato: float) -> None:
    assert warp(float(bar_line), rubato) == pytest.approx(bar_line, abs=1e-12)


def test_a_cadence_gives_time_at_its_end() -> None:
    halves = warp(0.5, CADENCE_RUBATO), 1 - warp(0.5, CADENCE_RUBATO)
    assert halves[1] > halves[0] * 1.03


def test_the_same_bar_and_seed_are_performed_the_same_and_another_seed_is_not() -> None:
    bar = make_bars(2)[1]
    assert perform(bar, None, 5) == perform(bar, None, 5)
    assert perform(bar, None, 5) != perform(bar, None, 6)


@given(st.integers(0, 2**63), st.floats(0, 1), st.floats(0, 1))
def test_every_written_note_is_struck_once_near_its_time(
    seed: int, dynamics: float, swell: float
) -> None:
    bar = make_bars(1, dynamics=dynamics)[0]
    bar = replace(bar, target=replace(bar.target, swell=swell))
    played = [event for event in strikes(bar, seed) if event.channel is not Channel.PAD]
    assert sorted(event.pitch for event in played) == sorted(note.pitch for note in bar.notes)
    for event in played:
        assert 1 <= event.velocity <= 127
        assert event.at >= ANTICIPATION_S / 2
        nearest = min(
            abs(event.at - bar.target.seconds * note.start / STEPS_PER_BAR)
            for note in bar.notes
            if note.pitch == event.pitch
        )
        assert nearest < 0.2


def test_the_tune_lies_over_its_accompaniment() -> None:
    loud: dict[Channel, list[int]] = {channel: [] for channel in Channel}
    for bar in make_bars(16):
        for event in strikes(bar):
            loud[event.channel].append(event.velocity)
    mean = {channel: sum(values) / len(values) for channel, values in loud.items()}
    assert mean[Channel.MELODY] > mean[Channel.BASS] + 5 > mean[Channel.INNER] + 5
    assert mean[Channel.PAD] < mean[Channel.MELODY] - 10


def test_the_middle_of_a_phrase_is_louder_than_its_ends_and_the_breath_swells_it() -> None:
    bar = make_bars(1)[0]
    start, middle, end = (level(replace(bar, phrase_position=at)) for at in (0.0, 0.5, 0.9))
    assert middle > start + 2
    assert middle > end + 2
    out, full = (level(replace(bar, target=replace(bar.target, swell=at))) for at in (0.0, 1.0))
    assert full > out + 3


def test_chords_of_the_accompaniment_roll_upwards() -> None:
    bar = make_bars(1)[0]
    first = [event for event in strikes(bar) if event.channel is not Channel.PAD and event.at < 0.3]
    below = sorted((event for event in first if event.channel is not Channel.MELODY), key=_pitch)
    times = [event.at for event in below]
    assert len(times) >= 3
    assert times == sorted(times)
    assert 0.02 < times[-1] - times[0] < 0.2


def _pitch(event: Strike) -> int:
    return event.pitch


def test_the_pedal_is_changed_with_each_chord_and_comes_up_at_the_end() -> None:
    bar = replace(make_bars(1)[0], chords=(Chord(0, 0, "maj"), Chord(48, 7, "maj")))
    values = [
        event.value
        for event in perform(bar, None, 1)
        if isinstance(event, Control) and event.number == SUSTAIN and event.channel == Channel.INNER
    ]
    assert values == [0, 127, 0, 127]
    assert any(isinstance(event, Control) and event.value == 0 for event in let_go(bar))


@settings(max_examples=60)
@given(st.lists(chords, min_size=1, max_size=6))
def test_no_pad_note_hangs_or_is_struck_twice(harmony: list[tuple[Chord, ...]]) -> None:
    held: set[int] = set()
    previous: Bar | None = None
    for bar, bar_chords in zip(make_bars(len(harmony)), harmony, strict=True):
        written = replace(bar, chords=bar_chords)
        for event in perform(written, previous, 3):
            if isinstance(event, Release):
                held.discard(event.pitch)
            elif isinstance(event, Strike) and event.channel is Channel.PAD:
                assert event.pitch not in held
                held.add(event.pitch)
        assert len(held) <= 3
        previous = written
    assert previous is not None
    held -= {event.pitch for event in let_go(previous) if isinstance(event, Release)}
    assert not held


def test_the_pad_breathes_without_jumps() -> None:
    values: list[int] = []
    previous: Bar | None = None
    for bar in make_bars(9):
        values += [
            event.value
            for event in perform(bar, previous, 1)
            if isinstance(event, Control) and event.number == EXPRESSION
        ]
        previous = bar
    assert max(values) - min(values) > 20
    assert max(abs(b - a) for a, b in itertools.pairwise(values)) <= 4


def test_instruments_follow_brightness_and_do_not_flicker_at_a_border() -> None:
    assert choose_palette(0.1, None) is NIGHT
    assert choose_palette(0.5, None) is DUSK
    assert choose_palette(0.9, None) is DAY
    assert choose_palette(0.36, NIGHT) is NIGHT
    assert choose_palette(0.34, DUSK) is DUSK
    assert choose_palette(0.45, NIGHT) is DUSK
    assert choose_palette(0.1, DAY) is NIGHT
