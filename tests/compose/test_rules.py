"""The rule composer writes music that obeys its targets and ends where it must."""

from __future__ import annotations

from itertools import groupby, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from firmware_py.compose import harmony
from firmware_py.compose.closing import closing
from firmware_py.compose.rules import RuleComposer
from firmware_py.messages.plan import BarTarget
from firmware_py.messages.score import STEPS_PER_BAR, STEPS_PER_QUARTER, Bar
from firmware_py.ports.music import Composer

SEEDS = st.integers(0, 2**63 - 1)


def target(
    index: int = 0,
    density: float = 1.2,
    register: float = 60.0,
    dynamics: float = 0.4,
    mode: float = 0.4,
    tension: float = 0.15,
) -> BarTarget:
    return BarTarget(
        bar=index,
        start_s=index * 3.4,
        tempo=70.0,
        density=density,
        register=register,
        dynamics=dynamics,
        mode=mode,
        tension=tension,
        brightness=0.4,
        swell=0.5,
    )


TARGETS = st.builds(
    target,
    density=st.floats(0.25, 4),
    register=st.floats(48, 76),
    dynamics=st.floats(0, 1),
    mode=st.floats(-1, 1),
    tension=st.floats(0, 1),
)


def write(seed: int, targets: list[BarTarget], *, ends: bool = True) -> list[Bar]:
    composer: Composer = RuleComposer(seed, targets[0])
    count = len(targets)
    return [composer.next_bar(t, count - 1 - i if ends else None) for i, t in enumerate(targets)]


def onsets(bar: Bar) -> int:
    return len({note.start for note in bar.notes})


def mean_pitch(bar: Bar) -> float:
    return float(np.mean([note.pitch for note in bar.notes]))


def melody(bars: list[Bar]) -> list[int]:
    return [note.pitch for bar in bars for note in bar.notes if note.role == "melody"]


@given(SEEDS, st.lists(TARGETS, min_size=1, max_size=24))
@settings(max_examples=60)
def test_any_course_of_targets_gives_sound_bars(seed: int, targets: list[BarTarget]) -> None:
    bars = write(seed, targets)
    for index, (bar, asked) in enumerate(zip(bars, targets, strict=True)):
        assert bar.index == index
        assert bar.target == closing(asked, len(targets) - 1 - index)
        assert {note.role for note in bar.notes} == {"melody", "inner", "bass"}
        assert any(note.start == 0 for note in bar.notes)
        assert abs(mean_pitch(bar) - asked.register) <= 3
        assert 0 <= bar.phrase_position <= 1
        assert [chord.start for chord in bar.chords] in ([0], [0, STEPS_PER_BAR // 2])
        for note in bar.notes:
            assert 21 <= note.pitch <= 108
            assert 1 <= note.velocity <= 127
            assert note.duration >= STEPS_PER_QUARTER // 4
            assert note.start + note.duration <= STEPS_PER_BAR
        for _, same in groupby(sorted(bar.notes, key=lambda n: n.pitch), lambda n: n.pitch):
            for a, b in pairwise(sorted(same, key=lambda n: n.start)):
                assert a.start + a.duration <= b.start


@given(SEEDS, st.lists(TARGETS, min_size=1, max_size=12))
@settings(max_examples=60)
def test_ends_on_the_tonic(seed: int, targets: list[BarTarget]) -> None:
    bars = write(seed, targets)
    last = bars[-1]
    chords = [chord for bar in bars[-2:] for chord in bar.chords]
    assert last.chords[-1].root == last.key.tonic
    assert len(chords) == 1 or harmony.is_dominant(chords[-2], last.key)
    for role in ("melody", "bass"):
        final = max((n for n in last.notes if n.role == role), key=lambda n: n.start)
        assert final.pitch % 12 == last.key.tonic
        assert final.start + final.duration == STEPS_PER_BAR


@given(SEEDS, st.integers(0, 40), st.integers(0, 20))
@settings(max_examples=30)
def test_a_timer_may_come_at_any_bar(seed: int, before: int, left: int) -> None:
    composer = RuleComposer(seed, target())
    for _ in range(before):
        composer.next_bar(target(), None)
    bars = [composer.next_bar(target(), n) for n in range(left, -1, -1)]
    assert bars[-1].chords[-1].root == bars[-1].key.tonic
    assert bars[-1].is_cadence


@given(SEEDS, TARGETS)
@settings(max_examples=20)
def test_same_seed_same_bars(seed: int, asked: BarTarget) -> None:
    assert write(seed, [asked] * 40) == write(seed, [asked] * 40)


def test_seeds_differ() -> None:
    pieces = {tuple(melody(write(seed, [target()] * 16))) for seed in range(30)}
    assert len(pieces) == 30


@pytest.mark.parametrize("mode", [-0.7, 0.5])
def test_density_and_register_are_obeyed_over_a_grid(mode: float) -> None:
    asked_density, heard_density, asked_register, heard_register = [], [], [], []
    for density in (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0):
        for register in (48.0, 54.0, 60.0, 66.0, 72.0, 76.0):
            asked = target(density=density, register=register, mode=mode)
            bars = write(3, [asked] * 24, ends=False)
            asked_density.append(density)
            heard_density.append(float(np.mean([onsets(bar) for bar in bars])) / 4)
            asked_register.append(register)
            heard_register.append(float(np.mean([mean_pitch(bar) for bar in bars])))
    assert spearmanr(asked_density, heard_density).statistic > 0.98
    assert np.abs(np.subtract(asked_density, heard_density)).max() < 0.1
    assert spearmanr(asked_register, heard_register).statistic > 0.98
    assert np.abs(np.subtract(asked_register, heard_register)).max() < 2


def test_dynamics_mode_and_tension_are_heard() -> None:
    def velocity(dynamics: float) -> float:
        bars = write(1, [target(dynamics=dynamics)] * 24)
        return float(np.mean([note.velocity for bar in bars for note in bar.notes]))

    def major(mode: float) -> float:
        bars = write(1, [target(mode=mode)] * 200)
        chords = [chord for bar in bars for chord in bar.chords]
        return float(np.mean([chord.quality in ("maj", "maj7", "dom7") for chord in chords]))

    def rich(tension: float) -> float:
        bars = write(1, [target(tension=tension)] * 400)
        chords = [chord for bar in bars for chord in bar.chords]
        return float(np.mean([chord.quality not in ("maj", "min") for chord in chords]))

    for heard, grid in (
        (velocity, (0, 0.2, 0.4, 0.6, 0.8, 1)),
        (major, (-0.9, -0.4, 0.1, 0.5, 1)),
        (rich, (0, 0.2, 0.4, 0.8)),
    ):
        values = [heard(value) for value in grid]
        assert values == sorted(set(values)), heard.__name__


def test_a_calm_piece_keeps_to_its_key() -> None:
    for mode in (-0.7, 0.6):
        inside = total = 0
        for bar in write(11, [target(mode=mode)] * 300):
            scale = harmony.scale_over(bar.key) | {(bar.key.tonic + 11) % 12}  # leading note
            inside += sum(note.pitch % 12 in scale for note in bar.notes)
            total += len(bar.notes)
        assert inside / total > 0.97


def test_every_full_cadence_is_dominant_to_tonic() -> None:
    bars = write(5, [target()] * 400)
    closes = 0
    for before, bar in pairwise(bars):
        if bar.is_cadence and bar.chords[-1].root == bar.key.tonic:
            closes += 1
            dominant = bar.chords[-2] if len(bar.chords) > 1 else before.chords[-1]
            assert harmony.is_dominant(dominant, bar.key)
        elif bar.is_cadence:
            assert harmony.is_dominant(bar.chords[-1], bar.key)
    assert closes >= 20


def test_the_melody_sings() -> None:
    bars = write(2, [target(density=1.5)] * 500, ends=False)
    line = melody(bars)
    leaps = np.abs(np.diff(line))
    assert np.mean(leaps <= 4) > 0.65  # mostly steps and thirds
    assert np.mean(leaps > 9) < 0.01
    assert np.mean(leaps == 0) < 0.25
    assert 12 <= max(line) - min(line) <= 36
    above = [
        min(n.pitch for n in bar.notes if n.role == "melody")
        > max(n.pitch for n in bar.notes if n.role == "inner")
        for bar in bars
    ]
    assert np.mean(above) > 0.75


def test_a_theme_is_recognised_when_it_returns() -> None:
    bars = write(9, [target()] * 600, ends=False)
    first: dict[str, list[int]] = {}
    same, others = [], []
    for bar in bars:
        tones = [(n.pitch - bar.key.tonic) % 12 for n in bar.notes if n.role == "melody"]
        if bar.section[:1].isalpha() and "'" not in bar.section:
            first[bar.section] = tones
            continue
        original = first.get(bar.section.replace("'", ""))
        if original is None or bar.section[-1] not in "1234":
            continue
        same.append(_shared(tones, original))
        other = list(first.values())[len(same) % len(first)]
        others.append(_shared(tones, other))
    assert len(same) > 50
    assert np.mean(same) > np.mean(others) + 0.3


def _shared(a: list[int], b: list[int]) -> float:
    pairs = list(zip(a, b, strict=False))
    return sum(x == y for x, y in pairs) / max(len(a), len(b))


def test_a_thousand_bars_stay_fresh_and_small() -> None:
    composer = RuleComposer(4, target())
    bars = [composer.next_bar(target(i), None) for i in range(1000)]
    seen = [tuple((n.start, n.pitch, n.role) for n in bar.notes) for bar in bars]
    assert len(set(seen)) > 600
    for length in (8, 16, 32):  # no phrase comes back note for note
        runs = [tuple(seen[i : i + length]) for i in range(0, 1000 - length, length)]
        assert len(set(runs)) == len(runs)
    assert len(composer._ideas) <= 512
