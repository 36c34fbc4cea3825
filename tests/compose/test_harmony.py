"""Chords that lead somewhere, scales that fit them, voices that move little."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_py.compose import harmony
from firmware_py.compose.form import CadenceKind
from firmware_py.messages.score import CHORD_INTERVALS, Chord, Key

KEYS = st.builds(Key, st.integers(0, 11), st.sampled_from(["major", "minor"]))
CHORDS = st.builds(Chord, st.just(0), st.integers(0, 11), st.sampled_from(sorted(CHORD_INTERVALS)))
TENSION = st.floats(0, 1)
MODE = st.floats(-1, 1)
SEED = st.integers(0, 10_000)
C_MAJOR, A_MINOR = Key(0, "major"), Key(9, "minor")


def walk(key: Key, mode: float, tension: float, seed: int, count: int) -> list[Chord]:
    rng, chords = Random(seed), [harmony.next_chord(key, None, mode, tension, Random(0))]
    while len(chords) < count:
        chords.append(harmony.next_chord(key, chords[-1], mode, tension, rng))
    return chords


@given(KEYS, TENSION, st.sampled_from(["full", "final"]), CHORDS | st.none())
def test_closing_cadences_go_from_dominant_to_tonic(
    key: Key, tension: float, cadence: CadenceKind, before: Chord | None
) -> None:
    chords = harmony.cadence_chords(key, cadence, before, tension)
    path = [before, *chords] if before else list(chords)
    assert harmony.is_dominant(path[-2], key)
    assert path[-1].root == key.tonic
    assert path[-1].quality == ("maj" if key.mode == "major" else "min")
    assert chords[0].start == 0


@given(KEYS, TENSION, CHORDS)
def test_half_cadence_stops_on_the_dominant(key: Key, tension: float, before: Chord) -> None:
    (chord,) = harmony.cadence_chords(key, "half", before, tension)
    assert harmony.is_dominant(chord, key)


def test_no_cadence_has_no_chords() -> None:
    with pytest.raises(ValueError, match="without cadence"):
        harmony.cadence_chords(C_MAJOR, "none", None)


@given(KEYS, TENSION, SEED)
def test_the_approach_to_a_close_ends_on_the_dominant(key: Key, tension: float, seed: int) -> None:
    chords = harmony.approach_chords(key, "full", tension, Random(seed))
    assert harmony.is_dominant(chords[-1], key)
    half = harmony.approach_chords(key, "half", tension, Random(seed))
    assert not any(harmony.is_dominant(chord, key) for chord in half)


@given(KEYS, MODE, SEED)
def test_without_tension_chords_are_triads_of_the_key(key: Key, mode: float, seed: int) -> None:
    scale = harmony.scale_over(key)
    leading = {(key.tonic + 11) % 12}
    for chord in walk(key, mode, 0.0, seed, 30):
        assert chord.quality in ("maj", "min", "dim")
        foreign = set(harmony.chord_pitch_classes(chord)) - scale
        assert not foreign or (harmony.is_dominant(chord, key) and foreign == leading)


@given(KEYS, MODE, SEED)
def test_secondary_dominants_resolve(key: Key, mode: float, seed: int) -> None:
    chords = walk(key, mode, 1.0, seed, 60)
    for a, b in pairwise(chords):
        if a.quality == "dom7" and (a.root - key.tonic) % 12 != 7:
            assert b.root == (a.root + 5) % 12


def test_tension_adds_sevenths_and_foreign_notes() -> None:
    def shares(tension: float) -> tuple[float, float]:
        chords = walk(C_MAJOR, 0.5, tension, 1, 2000)
        scale = harmony.scale_over(C_MAJOR)
        rich = sum(chord.quality not in ("maj", "min") for chord in chords)
        foreign = sum(bool(set(harmony.chord_pitch_classes(c)) - scale) for c in chords)
        return rich / 2000, foreign / 2000

    levels = [shares(tension) for tension in (0, 0.25, 0.5, 1)]
    assert [rich for rich, _ in levels] == sorted({rich for rich, _ in levels})
    assert levels[0] == (0, 0)
    assert levels[-1][1] > levels[1][1] + 0.15


def test_mode_shifts_between_minor_and_major_chords() -> None:
    def major_share(mode: float) -> float:
        chords = walk(C_MAJOR, mode, 0.0, 1, 3000)
        return sum(chord.quality == "maj" for chord in chords) / 3000

    shares = [major_share(mode) for mode in (-1, 0, 1)]
    assert shares[0] + 0.1 < shares[1] < shares[2] - 0.03


@given(KEYS, CHORDS)
def test_the_scale_over_a_chord_holds_its_tones(key: Key, chord: Chord) -> None:
    scale = harmony.scale_over(key, chord)
    assert set(harmony.chord_pitch_classes(chord)) <= scale
    assert len(scale) >= 5


def test_scales_bend_as_players_bend_them() -> None:
    e_major = Chord(0, 4, "maj")  # V of A minor: G sharp for G
    assert harmony.scale_over(A_MINOR, e_major) == {9, 11, 0, 2, 4, 5, 8}
    f_minor = Chord(0, 5, "min")  # iv of C major: A flat for A
    assert harmony.scale_over(C_MAJOR, f_minor) == {0, 2, 4, 5, 7, 8, 11}
    d_seven = Chord(0, 2, "dom7")  # V of V of C major: F sharp for F
    assert harmony.scale_over(C_MAJOR, d_seven) == {0, 2, 4, 6, 7, 9, 11}


@given(CHORDS, st.floats(45, 75))
def test_voicings_hold_the_chord_and_surround_the_centre(chord: Chord, centre: float) -> None:
    found = harmony.voicings(chord, centre)
    assert len(found) >= 9
    for voices in found:
        assert list(voices) == sorted(set(voices))
        assert {p % 12 for p in voices} <= set(harmony.chord_pitch_classes(chord))
        assert voices[-1] - voices[0] <= 12
        assert chord.root in {p % 12 for p in voices}
    means = [sum(voices) / len(voices) for voices in found]
    assert min(abs(mean - centre) for mean in means) <= 4
    assert min(means) < centre < max(means)


@given(st.floats(30, 100), st.sets(st.integers(0, 11), min_size=1))
def test_nearest_pitch_is_nearest(pitch: float, classes: set[int]) -> None:
    found = harmony.nearest_pitch(pitch, classes)
    best = min(abs(p - pitch) for p in range(10, 121) if p % 12 in classes)
    assert found % 12 in classes
    assert abs(found - pitch) == pytest.approx(best)


def test_motion_adds_up_the_nearest_ways() -> None:
    assert harmony.motion((60, 64, 67), (60, 65, 69)) == 3
    assert harmony.motion((), (60,)) == 0


def test_the_key_follows_the_mode_to_its_relative_with_hysteresis() -> None:
    assert harmony.follow_mode(C_MAJOR, -0.5) == A_MINOR
    assert harmony.follow_mode(A_MINOR, 0.5) == C_MAJOR
    for key in (C_MAJOR, A_MINOR):
        assert harmony.follow_mode(key, 0.1) == key
        assert harmony.follow_mode(key, -0.1) == key


@given(KEYS, SEED)
def test_a_neighbour_shares_all_notes_but_one(key: Key, seed: int) -> None:
    other = harmony.neighbour_key(key, Random(seed))
    assert len(harmony.scale_over(key) & harmony.scale_over(other)) == 6
