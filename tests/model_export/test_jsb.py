"""The chorales' reader, cells, networks and likelihood, on chorales made up here."""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from firmware_py.messages.errors import MissingError, UserError
from model_export.jsb import chorales, result
from model_export.jsb.batches import evaluation_batches, training_batches
from model_export.jsb.cells import (
    HELD,
    LATEST,
    MOVE,
    NOTHING,
    ORDER,
    SILENT,
    TARGET,
    VOICE,
    cells,
    move_of,
    reference_nats,
    transposed,
    transpositions,
)  # fmt: skip
from model_export.jsb.chorales import REST, Chorale, Chorales
from model_export.jsb.evaluation import nats_per_cell
from model_export.jsb.hyperparameters import BEST, Hyperparameters
from model_export.jsb.network import ChoraleNetwork
from model_export.jsb.training import Training

SMALL = Hyperparameters(
    hidden=24, head_size=8, memory=32, symbol_size=8, held_size=2, place_size=4, voice_size=2,
    move_size=2, wish_size=12, head_hidden=24, dropout=0.1, head_dropout=0.0, batch=4, window=64,
    learning_rate=1e-2, warmup_steps=5,
)  # fmt: skip
KINDS = ("ours", "gru")


def chorale(steps: int = 32, seed: int = 0) -> Chorale:
    """Triads over a wandering bass, a new one every four steps."""
    generator = np.random.default_rng(seed)
    roots = 48 + generator.choice([0, 5, 7], size=-(-steps // 4)).repeat(4)[:steps]
    return np.stack([roots + 24, roots + 19, roots + 16, roots], axis=1).astype(np.int64)


def collection() -> Chorales:
    made = [transposed(chorale(24 + 4 * (i % 5), i), i % 7 - 3) for i in range(14)]
    return Chorales(tuple(made[:8]), tuple(made[8:11]), tuple(made[11:]))


def untrained(model: str) -> ChoraleNetwork:
    torch.manual_seed(1)
    return ChoraleNetwork(replace(SMALL, model=model)).eval()


def test_a_cell_knows_what_came_before_it_and_nothing_else() -> None:
    one = chorale()
    rows = cells(one).reshape(len(one), 4, -1)
    for step in range(1, len(one)):
        for turn, voice in enumerate(ORDER):
            row = rows[step, turn]
            assert row[VOICE] == voice
            for other in range(4):
                now = other in ORDER[:turn]
                source = rows[step if now else step - 1, ORDER.index(other)]
                assert row[LATEST][other] == source[TARGET]
    assert (rows[0, 0, LATEST] == NOTHING).all()


def test_the_chorale_can_be_read_back_from_its_cells() -> None:
    one = chorale(20)
    one[3:5, 1] = REST
    rows = cells(one).reshape(len(one), 4, -1)
    shift = int(one[0, 3]) - int(rows[0, 0, TARGET])
    for turn, voice in enumerate(ORDER):
        target = rows[:, turn, TARGET]
        back = np.where(target == SILENT, REST, target + shift)
        assert np.array_equal(back, one[:, voice])


def test_a_held_pitch_is_counted_from_its_beginning() -> None:
    rows = cells(np.full((6, 4), 60, dtype=np.int64)).reshape(6, 4, -1)
    assert rows[:, 0, HELD][:, 3].tolist() == [0, 1, 2, 3, 4, 5]
    assert rows[:, 3, HELD][:, 3].tolist() == [1, 2, 3, 4, 5, 6]


def test_transposing_changes_only_the_move() -> None:
    one, higher = cells(chorale()), cells(transposed(chorale(), 3))
    assert (higher[:, MOVE] - one[:, MOVE] == 3).all()
    moves = np.delete(one, MOVE, axis=1)
    assert np.array_equal(moves, np.delete(higher, MOVE, axis=1))


def test_a_bass_that_begins_with_a_rest_moves_nothing() -> None:
    one = chorale()
    one[0, 3] = REST
    assert move_of(one) == 12
    assert cells(one)[1, TARGET] == one[0, 0] - 30


def test_transpositions_stay_within_the_voices_ranges() -> None:
    train = collection().train
    every = np.vstack(train)
    for one in train:
        allowed = transpositions(one, train)
        assert 0 in allowed
        for semitones in (allowed[0], allowed[-1]):
            there = transposed(one, semitones)
            assert (there.min(axis=0) >= every.min(axis=0)).all()
            assert (there.max(axis=0) <= every.max(axis=0)).all()


def test_the_references_probabilities_are_one_together() -> None:
    assert math.isclose(float(np.exp(-reference_nats(collection().train)).sum()), 1.0)


@pytest.mark.parametrize("model", KINDS)
def test_every_cell_has_one_whole_distribution(model: str) -> None:
    network = untrained(model)
    batch = torch.from_numpy(cells(chorale())[None])
    with torch.no_grad():
        scores, _ = network.logits(batch, network.body.nothing(1))
    chances = torch.softmax(scores, dim=-1)[0]
    before = batch[0, :, LATEST].gather(1, batch[0, :, VOICE, None])[:, 0]
    rows = torch.arange(len(before))
    assert float(chances[rows, 1 + before].max()) == 0.0  # it has one name: a repeat
    assert torch.isfinite(scores[0, 4:, 0]).all()
    assert float(chances[:4, 0].max()) == 0.0  # a first cell repeats nothing


@pytest.mark.parametrize("model", KINDS)
def test_the_future_is_not_heard(model: str) -> None:
    network = untrained(model)
    whole = torch.from_numpy(cells(chorale(32))[None])
    other = torch.from_numpy(cells(np.vstack([chorale(32)[:16], chorale(16, 9)]))[None])
    with torch.no_grad():
        one = network.nats(whole, network.body.nothing(1))[0]
        two = network.nats(other, network.body.nothing(1))[0]
    assert torch.allclose(one[:, :64], two[:, :64], atol=1e-5)
    assert not torch.allclose(one[:, 64:], two[:, 64:], atol=1e-5)


@pytest.mark.parametrize("model", KINDS)
def test_likelihood_counts_cells_alike_and_padding_not_at_all(model: str) -> None:
    network = untrained(model)
    some = collection().train
    each = [nats_per_cell(network, (one,)) * len(one) for one in some]
    expected = sum(each) / sum(len(one) for one in some)
    assert math.isclose(nats_per_cell(network, some), expected, rel_tol=1e-5)


def test_the_reference_is_paid_for() -> None:
    network = untrained("gru")
    one = (chorale(),)
    before = nats_per_cell(network, one)
    network.reference_nats += 1.0
    assert math.isclose(nats_per_cell(network, one) - before, 1 / (4 * 32), rel_tol=1e-4)


def test_windows_carry_every_cell_once() -> None:
    some = collection().train
    counted = sum(
        int((b.cells[..., TARGET] != NOTHING).sum()) for b in evaluation_batches(some, 3, 40)
    )
    assert counted == sum(4 * len(one) for one in some)


def test_a_training_row_is_fresh_when_a_chorale_begins() -> None:
    batches = training_batches(collection().train, SMALL, np.random.default_rng(0))
    for batch in itertools.islice(batches, 1, 30):
        begins = (batch.cells[:, 0, LATEST] == NOTHING).all(dim=-1)
        assert torch.equal(batch.fresh, begins)


@pytest.mark.parametrize("model", KINDS)
def test_training_learns(model: str) -> None:
    ticks = itertools.count()
    training = Training(replace(SMALL, model=model), collection(), clock=lambda: float(next(ticks)))
    before = nats_per_cell(training.averaged, training.chorales.validation)
    training.run(60.0, lambda _: None)
    assert training.step == 60
    after = nats_per_cell(training.averaged, training.chorales.validation)
    assert after < 0.5 * before


def test_a_measured_row_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BEST, "gru", replace(SMALL, model="gru"))
    said: list[str] = []
    found = result.measure("gru", collection(), 0.005, 7, tmp_path / "gru", said.append)
    written = json.loads((tmp_path / "gru" / "result.json").read_text())
    assert written["validation"] == found.validation
    assert written["seed"] == written["hyperparameters"]["seed"] == 7
    assert written["test_cells"] == 4 * sum(map(len, collection().test))


def test_a_missing_file_names_the_mend(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="curl"):
        chorales.load(tmp_path / "none.npz")


def test_a_foreign_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "foreign.npz"
    np.savez(path, train=np.zeros((2, 3)))
    with pytest.raises(UserError, match="does not hold the chorales"):
        chorales.load(path)


@pytest.mark.skipif(not chorales.BENCH.exists(), reason="the chorales are not here")
def test_the_published_split_is_read_whole() -> None:
    data = chorales.load()
    splits = (data.train, data.validation, data.test)
    assert [len(split) for split in splits] == [229, 76, 77]
    assert [sum(map(len, split)) for split in splits] == [55_228, 18_408, 18_900]
    assert all(cells(one)[:, TARGET].min() >= 0 for split in splits for one in split)
    assert all(cells(one)[:, TARGET].max() <= SILENT for split in splits for one in split)
