"""Obedience: bars whose measures are known, and the shipped composer under a few plans."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from firmware_py.compose.network import Network
from firmware_py.config.paths import SHIPPED_MODELS
from firmware_py.messages.plan import BarTarget
from firmware_py.messages.score import Bar, Chord, Key, Note
from model_export.evaluation.obedience import TARGETS, asked, got, obedience, within

TARGET = BarTarget(0, 0.0, 66.0, 1.0, 64.0, 0.4, 0.8, 0.1, 0.4, 0.5)


C_MAJOR = Key(0, "major")


def bar(pitches: tuple[int, ...], target: BarTarget = TARGET, key: Key = C_MAJOR) -> Bar:
    """Return four quarters on the given pitches."""
    notes = tuple(Note(24 * i, 24, pitch, 60, "melody") for i, pitch in enumerate(pitches))
    return Bar(0, key, (Chord(0, 0, "maj"),), notes, target, "A1", 0.0, is_cadence=False)


def test_density_and_register_are_counted() -> None:
    values = got([bar((60, 64, 67, 72))])
    assert values[0, TARGETS.index("density")] == 1.0
    assert values[0, TARGETS.index("register")] == pytest.approx(65.75)


def test_the_same_music_in_another_key_measures_the_same_but_for_its_register() -> None:
    low = got([bar((60, 64, 67, 72))] * 3)
    high = got([bar((62, 66, 69, 74), key=Key(2, "major"))] * 3)
    np.testing.assert_allclose(high[:, 2:], low[:, 2:])
    np.testing.assert_allclose(high[:, 1], low[:, 1] + 2)


def test_a_bar_of_the_tonic_is_within_its_plan_and_a_cluster_is_not() -> None:
    assert within([bar((60, 64, 67, 64))] * 3)[:, [0, 1, 3]].all()
    crowded = replace(TARGET, density=2.0, register=70.0)
    assert not within([bar((60, 64, 67, 64), crowded)])[0, :2].any()
    chromatic = Bar(
        0, Key(0, "major"), (Chord(0, 0, "maj"),),
        tuple(Note(0, 96, pitch, 60, "inner") for pitch in (61, 62, 63, 64)),
        TARGET, "A1", 0.0, is_cadence=False,
    )  # fmt: skip
    assert not within([chromatic])[0, TARGETS.index("tension")]


def test_what_is_asked_of_the_mode_is_a_mean_over_the_bars_around() -> None:
    bars = [
        bar((60, 64, 67, 64), replace(TARGET, mode=mode)) for mode in (-1.0,) * 10 + (1.0,) * 10
    ]
    modes = asked(bars)[:, TARGETS.index("mode")]
    assert modes[0] == pytest.approx(-0.8)
    assert modes[-1] == pytest.approx(0.8)
    assert (np.diff(modes) >= -1e-9).all()


def test_the_shipped_composer_obeys_each_target_more_than_it_moves_the_others() -> None:
    measured = obedience(Network(SHIPPED_MODELS / "composer"), sessions=5, blocks=6)
    assert measured.bars == 240
    assert measured.mean_own > 0.85
    for name, own in measured.own.items():
        assert own > max(abs(value) for value in measured.leakage[name].values())
