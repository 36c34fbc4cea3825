from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from firmware_py.compose.rules import RuleComposer
from firmware_py.compose.vocabulary import DURATION_STEPS
from firmware_py.messages.plan import BarTarget
from firmware_py.messages.score import Bar
from model_export.composer.hyperparameters import Hyperparameters
from model_export.composer.network import ComposerNetwork
from model_export.evaluation.at_same_controls import LEAD, Temper, answer, ask
from model_export.evaluation.rows import realism
from tests.model_export.evaluation.test_excerpts import sequence

PIECES = [
    sequence([metre] * bars, piece)
    for piece, metre, bars in (
        ("a", (4, 4), 20),
        ("b", (3, 4), 24),
        ("c", (6, 8), 17),
        ("d", (4, 4), 16),
        ("e", (2, 4), 18),
        ("f", (4, 4), 40),
        ("short", (4, 4), 5),
        ("unnamed", (5, 4), 30),
    )
]


@pytest.fixture(scope="module")
def network() -> ComposerNetwork:
    """Untrained: it writes whatever the alphabet allows."""
    torch.manual_seed(0)
    return ComposerNetwork(Hyperparameters(hidden=16, memory=8))


def session(seed: int, bars: int = 64) -> list[Bar]:
    target = BarTarget(0, 0.0, 66.0, 1.25, 62.0, 0.4, 0.5, 0.2, 0.4, 0.5)
    composer = RuleComposer(seed, target)
    return [composer.next_bar(target, bars - 1 - bar) for bar in range(bars)]


def test_what_is_asked_is_a_real_excerpt_and_its_conditions() -> None:
    asked = ask(PIECES, 8, 0)
    assert [one.piece for one in asked] == ["a", "b", "c", "d", "e", "f"]
    for one in asked:
        assert one.real.bars == 8
        assert len(one.conditions) == one.lead + 8
        assert one.lead <= LEAD
    assert [one.lead for one in ask(PIECES, 8, 0)] == [one.lead for one in asked]


@pytest.mark.parametrize("temper", [Temper(), Temper(0.8, 0.7)])
def test_whatever_is_sampled_is_legal(network: ComposerNetwork, temper: Temper) -> None:
    asked = ask(PIECES, 4, 1)
    for one, got in zip(asked, answer(network, asked, 0, temper, batch=4), strict=True):
        assert (got.bars, got.bar_steps) == (4, one.real.bar_steps)
        bar, start, length, pitch = got.notes.T.astype(np.int64)
        assert len(bar) > 0
        assert ((bar >= 0) & (bar < 4)).all()
        assert ((start >= 0) & (start < got.bar_steps)).all()
        assert np.isin(length, DURATION_STEPS).all()
        assert ((pitch >= 21) & (pitch <= 108)).all()
        order = (bar * got.bar_steps + start) * 128 - pitch
        assert (np.diff(order) > 0).all()  # in time, from high to low, none twice


def test_the_same_seed_writes_the_same_music(network: ComposerNetwork) -> None:
    asked = ask(PIECES, 4, 1)
    once, again, other = (answer(network, asked, seed) for seed in (5, 5, 6))
    assert all((a.notes.tolist() == b.notes.tolist()) for a, b in zip(once, again, strict=True))
    assert any((a.notes.tolist() != b.notes.tolist()) for a, b in zip(once, other, strict=True))


def test_all_rows_at_once_as_json(network: ComposerNetwork) -> None:
    train = [replace(piece, split="train") for piece in PIECES]
    sessions = {f"night {seed}": session(seed) for seed in range(5)}
    rows = realism(network, [*PIECES, *train], {}, sessions, say=lambda _: None)
    assert json.loads(json.dumps(rows)).keys() == rows.keys()
    assert set(rows["two_sample"]) == {"real against real", "at the same controls", "sessions"}
    assert rows["two_sample"]["at the same controls"]["auc"] > 0.9  # untrained
    assert set(rows["repetition"]) == set(sessions)
    # These test works stand in the training set, so they share all but their first note with it.
    copied = rows["copying"]["at the same controls"]["texture"]
    assert copied["real"] == 16 * 3 - 1
    assert copied["generated"] < copied["real"]
