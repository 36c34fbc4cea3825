from __future__ import annotations

import numpy as np
import pytest

from model_export.baselines.excerpt import Excerpt
from model_export.evaluation.bar_features import bar_features
from model_export.evaluation.families import FAMILIES, family_of
from model_export.evaluation.phrase_features import phrase_features
from model_export.evaluation.phrases import Phrases
from model_export.evaluation.two_sample import auc
from tests.model_export.evaluation.music import joined, moved, tune, with_pitches

REAL = [tune(seed) for seed in range(60)]
NAMES = [f"work {seed // 2}" for seed in range(60)]


@pytest.fixture(scope="module")
def real() -> Phrases:
    return Phrases.of(REAL, NAMES)


def test_music_of_the_same_kind_cannot_be_told_apart(real: Phrases) -> None:
    same = Phrases.of([tune(seed) for seed in range(100, 160)], NAMES)
    verdict = real.against(same, 0)
    assert verdict.low < 0.5 < verdict.high
    assert verdict.rows == (60, 60)


def test_shuffled_pitches_are_told_at_once_and_by_the_lines(real: Phrases) -> None:
    random = np.random.default_rng(0)
    shuffled = [with_pitches(one, random.integers(48, 84, len(one.notes))) for one in REAL]
    verdict = real.against(Phrases.of(shuffled, NAMES), 0)
    assert verdict.auc > 0.98
    assert verdict.low > 0.95
    assert verdict.by_family["lines"] > 0.95
    assert verdict.by_family["rhythm and texture"] < 0.8
    telling = {one.feature for one in verdict.leans_on if abs(one.alone - 0.5) > 0.45}
    assert "bar: outside the scale, share" in telling


def test_one_planted_difference_is_the_one_named(real: Phrases) -> None:
    def clipped(one: Excerpt) -> Excerpt:
        notes = one.notes.copy()
        notes[notes[:, 2] == 96, 2] = 84  # the bass lets go before the bar line
        return Excerpt(notes, one.bars, one.bar_steps)

    planted = [clipped(tune(seed)) for seed in range(100, 160)]
    verdict = real.against(Phrases.of(planted, NAMES), 0)
    assert verdict.auc > 0.95
    assert family_of(verdict.leans_on[0].feature) == "rhythm and texture"
    assert verdict.by_family["repetition"] < 0.75


def test_the_same_seed_gives_the_same_verdict(real: Phrases) -> None:
    assert real.halved(3) == real.halved(3)


def test_auc_counts_ties_as_half() -> None:
    assert auc(np.array([1.0, 1.0, 2.0, 0.0]), np.array([0, 1, 1, 0])) == pytest.approx(0.875)


def test_too_few_works_are_refused() -> None:
    few = Phrases.of(REAL[:8], ["a", "a", "b", "b", "c", "c", "d", "d"])
    with pytest.raises(ValueError, match="4 groups"):
        few.against(few, 0)


def test_features_are_numbers_also_of_silence_and_of_one_note() -> None:
    empty = Excerpt(np.zeros((0, 4), dtype=np.int32), 8, 72)
    single = Excerpt(np.array([[3, 70, 400, 60]], dtype=np.int32), 8, 72)
    names = None
    for one in (empty, single, REAL[0]):
        features = phrase_features(one)
        assert all(np.isfinite(value) for value in features.values())
        assert names in {None, tuple(features)}
        names = tuple(features)
    assert {family_of(name) for name in names or ()} == set(FAMILIES)


def test_known_bar() -> None:
    notes = [[0, 0, 24, 72], [0, 0, 96, 48], [0, 24, 24, 74], [0, 48, 48, 67], [0, 48, 48, 64]]
    (bar,) = bar_features(Excerpt(np.array(notes, dtype=np.int32), 1, 96))
    assert bar["onsets a quarter"] == 0.75
    assert bar["notes an onset, most"] == 2
    assert bar["voices sounding, mean"] == pytest.approx((48 * 2 + 48 * 3) / 96)
    assert bar["top line: steps, share"] == 0.5
    assert bar["top line: 4ths and 5ths, share"] == 0.5
    assert bar["chord maj"] == 1.0
    assert bar["bass is the root"] == 1.0
    assert bar["silence, share of the bar"] == 0.0


def test_a_sequence_a_step_up_repeats_the_shape_but_not_the_notes() -> None:
    one = tune(5, bars=1)
    up = moved(one, 2)
    features = phrase_features(joined(*[one, up] * 4))
    assert features["same shape 1 bars ago"] == 1.0
    assert features["same notes 1 bars ago"] < 0.7
    assert features["same notes 2 bars ago"] == 1.0
