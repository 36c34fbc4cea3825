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
from model_export.jsb.cells import CELL, LASTING, TARGET, cells
from model_export.jsb.changes import (
    FAR,
    HELD,
    HISTORY,
    LASTED,
    LATEST,
    LEAPT,
    LEFT,
    LOWEST,
    MOVE,
    NOTHING,
    PITCHES,
    SILENT,
    STEP,
    TARGET_PLACE,
    TARGET_SYMBOL,
    WAIT,
    WIDEST,
    Changes,
    changes,
    move_of,
    moved,
    reference_nats,
)
from model_export.jsb.changes_network import ChangesNetwork
from model_export.jsb.changes_reading import TOLD, ChangesReading
from model_export.jsb.chorales import ORDER, PADDING, REST, Chorale, Chorales
from model_export.jsb.echoes import LEAP, OWN, SOURCES, UNTOLD
from model_export.jsb.evaluation import likelihood, mean_nats, mixture
from model_export.jsb.hyperparameters import BEST, Hyperparameters
from model_export.jsb.model import ChoraleModel, Nats
from model_export.jsb.networks import NETWORKS
from model_export.jsb.training import Training
from model_export.jsb.transposition import transposed, transpositions

SMALL = Hyperparameters(
    hidden=24, head_size=8, memory=32, class_size=6, height_size=4, held_size=2, leap_size=2,
    lasted_size=2, interval_size=2, cell_size=12, wish_size=12, place_hidden=16, symbol_hidden=24,
    dropout=0.1, seen_dropout=0.0, head_dropout=0.0, batch=4, window=32, learning_rate=1e-2,
    warmup_steps=5, astray=0.0,
)  # fmt: skip
KINDS = tuple(BEST)
BY_CHANGES = ("ours", "gru-changes")


def chorale(steps: int = 32, seed: int = 0) -> Chorale:
    """Triads over a wandering bass, a new one every four steps."""
    generator = np.random.default_rng(seed)
    roots = 48 + generator.choice([0, 5, 7], size=-(-steps // 4)).repeat(4)[:steps]
    return np.stack([roots + 24, roots + 19, roots + 16, roots], axis=1).astype(np.int64)


def collection() -> Chorales:
    made = [transposed(chorale(24 + 4 * (i % 5), i), i % 7 - 3) for i in range(14)]
    return Chorales(tuple(made[:8]), tuple(made[8:11]), tuple(made[11:]))


def untrained(model: str) -> ChoraleModel:
    torch.manual_seed(1)
    return NETWORKS[model](replace(SMALL, model=model)).eval()


def mistrusting(network: ChoraleModel, seed: int) -> ChoraleModel:
    """Give it other weights, and an opinion of what is told."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return network


def read_back(rows: Changes, like: Chorale) -> Chorale:
    """Undo ``changes``: walk from change to change; the pitches' height is that of ``like``."""
    steps = len(like)
    symbols = np.full((steps, 4), NOTHING)
    step, now = 0, np.full(4, NOTHING)
    for row in rows:
        assert row[STEP] == step % 16
        assert np.array_equal(row[LATEST], now)
        place = int(row[TARGET_PLACE])
        ahead = row[LEFT] + 1 if place == PADDING else FAR if place == WAIT else place // 4
        symbols[step : step + ahead] = now
        step += int(ahead)
        if row[TARGET_SYMBOL] != PADDING:
            now[place % 4] = row[TARGET_SYMBOL]
    shift = int((like[:, ORDER] - symbols)[symbols < SILENT][0])
    back = np.empty_like(symbols)
    back[:, ORDER] = np.where(symbols == SILENT, REST, symbols + shift)
    return back


def test_the_chorale_can_be_read_back_from_its_changes() -> None:
    one = chorale(60)
    one[3:5, 1] = REST
    one[20:, :] = one[20]  # nothing changes for longer than a place can say
    assert np.array_equal(read_back(changes(one), one), one)
    ends_moving = np.vstack([one, one[:1]])
    assert np.array_equal(read_back(changes(ends_moving), ends_moving), ends_moving)


def test_a_held_pitch_is_counted_from_its_beginning() -> None:
    one = chorale(8)
    one[:, 0], one[:, 3] = 80, [50, 50, 50, 52, 52, 52, 52, 52]
    assert changes(one)[:, HELD][-1].tolist()[:2] == [2, 5]
    assert changes(one)[0, HELD].tolist() == [0, 0, 0, 0]


def test_how_a_pitch_was_reached_is_known() -> None:
    rows = changes(np.array([[72, 67, 64, 48]] * 3 + [[72, 67, REST, 43]] * 2))
    assert rows[-1, LEAPT].tolist() == [WIDEST - 5, WIDEST, WIDEST, WIDEST]
    assert rows[-1, LASTED].tolist() == [3, 0, 0, 3]
    assert rows[-1, HISTORY].tolist() == [0b1001, 0b1000, 0b1000, 0b1001]


def test_a_cell_is_told_the_one_before_it_and_no_more() -> None:
    rows = cells(chorale())
    assert np.array_equal(rows[1:, CELL], rows[:-1, TARGET])
    assert rows[1:9, LASTING].tolist() == [1, 1, 1, 1, 2, 2, 2, 2]
    assert np.array_equal(rows[:, TARGET].reshape(-1, 4) + LOWEST, chorale()[:, ORDER])


def test_transposing_changes_only_the_move() -> None:
    reading = ChangesReading(collection().train)
    one, higher = (reading.rows(transposed(chorale(), by)) for by in (0, 3))
    assert (higher[:, MOVE] - one[:, MOVE] == 3).all()
    assert np.array_equal(np.delete(one, MOVE, axis=1), np.delete(higher, MOVE, axis=1))


@pytest.mark.parametrize("model", KINDS)
def test_rows_can_be_transposed(model: str) -> None:
    one, reading = chorale(), untrained(model).reading
    one[4:8, 1] = REST
    for semitones in (-7, -1, 5):
        read = reading.rows(transposed(one, semitones))
        assert np.array_equal(reading.moved(reading.rows(one), semitones, 0), read)


def test_a_reference_astray_moves_pitches_and_says_so() -> None:
    rows = changes(chorale())
    astray = moved(rows, 0, 2)
    assert ((astray[:, MOVE] - rows[:, MOVE]) % 12 == 2).all()
    assert (astray[4:, LATEST] - rows[4:, LATEST] == -2).all()
    assert np.array_equal(moved(astray, 0, -2), rows)


def test_a_bass_that_begins_with_a_rest_moves_nothing() -> None:
    one = chorale()
    one[0, 3] = REST
    assert move_of(one) == 12
    assert changes(one)[1, TARGET_SYMBOL] == one[0, 0] - LOWEST


def restless(seed: int) -> Chorale:
    """All voices move in all of twelve sixteenths."""
    generator = np.random.default_rng(seed)
    return np.stack([50 + generator.permutation(20)[:12] for _ in range(4)], axis=1)


def told_of(one: Chorale, library: tuple[Chorale, ...], left_out: int | None) -> Changes:
    """Return (rows, SOURCES, 3, 4)."""
    rows = ChangesReading(library).rows(one, left_out)
    return rows[:, TOLD].reshape(len(rows), SOURCES, 3, 4)


def test_a_phrase_that_comes_again_is_told() -> None:
    phrase = restless(5)
    one = np.vstack([phrase, phrase + 1, phrase[:2]])
    rows, told = changes(one), told_of(one, (), None)
    after = int(np.flatnonzero(rows[:, LEFT] == len(one) - 1 - 16)[-1])  # four into the second
    ahead, leap, common = told[after, 0]
    assert ahead.tolist() == [1, 1, 1, 1]
    assert leap.tolist() == (phrase[5] - phrase[4] + LEAP)[list(ORDER)].tolist()
    assert common.tolist() == [4, 4, 4, 4]
    assert (told[:5, :, 0] == UNTOLD).all()
    assert (told[:, OWN:, 0] == UNTOLD).all()  # there is no library


def test_what_is_known_does_not_depend_on_what_comes() -> None:
    phrase = np.repeat(restless(7), 2, axis=0)
    one = np.vstack([phrase, phrase[:10] + 2, phrase[:6], restless(8)])
    reading = ChangesReading((np.vstack([phrase[4:], phrase]), chorale(40)))
    whole = reading.rows(one)
    for steps in range(24, len(one)):
        part = reading.rows(one[:steps])
        known = np.delete(part, [TARGET_PLACE, TARGET_SYMBOL, LEFT], axis=1)
        same = np.delete(whole, [TARGET_PLACE, TARGET_SYMBOL, LEFT], axis=1)[: len(known)]
        assert np.array_equal(known, same)


def test_other_chorales_tell_but_not_the_same_one() -> None:
    one, other = restless(5), restless(6)
    library = (other, transposed(one, 2))
    assert told_of(one, library, None)[30, OWN, 2].tolist() == [7, 7, 6, 6]
    assert told_of(one, library, 1)[30, OWN:, 2].sum(axis=-1).max() < 8


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


@pytest.mark.parametrize("model", BY_CHANGES)
def test_all_ways_to_go_on_have_the_probability_one_together(model: str) -> None:
    """The first change of the last sixteenth, whichever it is, or none until the end.

    For two networks that trust at random what a chorale tells which began alike, and their mixture.
    """
    before = transposed(chorale(8), 48 - int(chorale(8)[0, 3]))  # from a C: no pitch is moved
    before = np.vstack([before, before[:1] + 1])
    before[-1, 2] = REST
    reading = ChangesReading((np.vstack([before, before[:4] + 2]),))
    ends = [before[-1].copy()]
    for voice, pitch in itertools.product(range(4), [REST, *range(LOWEST, LOWEST + PITCHES)]):
        if pitch != before[-1, voice]:
            ends.append(before[-1].copy())
            ends[-1][voice] = pitch
    ways = [reading.rows(np.vstack([before, end])) for end in ends]
    at = len(ways[0]) - 1
    assert ways[0][at, TOLD].any()
    rows = torch.from_numpy(np.stack([way[: at + 1] for way in ways]))
    networks = [mistrusting(untrained(model), seed) for seed in (1, 2)]
    with torch.no_grad():
        found = [network.nats(rows, network.nothing(len(rows)))[0] for network in networks]
    place = mean_nats([nats.place for nats in found])
    symbol = mean_nats([nats.symbol for nats in found])
    for nats in (*found, Nats(place, symbol)):
        total = float(torch.exp(-(nats.place + nats.symbol)[:, at]).sum())
        assert math.isclose(total, 1.0, rel_tol=1e-4)


@pytest.mark.parametrize("model", BY_CHANGES)
def test_only_symbols_cost_in_the_first_sixteenth(model: str) -> None:
    network = untrained(model)
    with torch.no_grad():
        nats, _ = network.nats(
            torch.from_numpy(network.reading.rows(chorale())[None]), network.nothing(1)
        )
    assert float(nats.place[0, :4].max()) == 0.0
    assert float(nats.place[0, 4:].min()) > 0.0
    assert float(nats.symbol[0, :4].min()) > 0.0
    assert float(nats.symbol[0, -1]) == 0.0


@pytest.mark.parametrize("model", KINDS)
def test_the_future_is_not_heard(model: str) -> None:
    network = untrained(model)
    nats, rows = [], []
    for one in (chorale(32), np.vstack([chorale(32)[:16], chorale(16, 9)])):
        rows.append(network.reading.rows(one))
        with torch.no_grad():
            found, _ = network.nats(torch.from_numpy(rows[-1][None]), network.nothing(1))
        nats.append((found.place + found.symbol)[0])
    alike = min(map(len, rows))
    same = int(np.argmin((rows[0][:alike] == rows[1][:alike]).all(axis=1)))
    assert same > 8
    assert torch.allclose(nats[0][:same], nats[1][:same], atol=1e-5)
    assert not torch.allclose(nats[0][same], nats[1][same], atol=1e-5)


@pytest.mark.parametrize("model", KINDS)
def test_likelihood_counts_cells_alike_and_padding_not_at_all(model: str) -> None:
    network = untrained(model)
    some = collection().train
    each = [likelihood(network, (one,)) for one in some]
    together = likelihood(network, some)
    assert together.cells == sum(4 * len(one) for one in some)
    expected = sum(one.total * one.cells for one in each) / together.cells
    assert math.isclose(together.total, expected, rel_tol=1e-5)


def test_the_mixture_of_one_network_twice_is_that_network() -> None:
    network, some = untrained("ours"), collection().validation
    alone, twice = likelihood(network, some), mixture((network, network), some)
    assert math.isclose(alone.total, twice.total, rel_tol=1e-9)
    both = mixture((network, mistrusting(untrained("ours"), 3)), some)
    assert both.total < alone.total + math.log(2.0)


def test_the_reference_is_paid_for() -> None:
    network = untrained("ours")
    assert isinstance(network, ChangesNetwork)
    network.reference_nats.fill_(2.0)
    found = likelihood(network, (chorale(),))
    assert math.isclose(found.reference, 2.0 / (4 * 32))
    assert math.isclose(found.total, found.reference + found.place + found.symbol)


@pytest.mark.parametrize("model", KINDS)
def test_windows_carry_every_row_once(model: str) -> None:
    some, reading = collection().train, untrained(model).reading
    counted = sum(int(batch.real.sum()) for batch in evaluation_batches(reading, some, 3, 20))
    assert counted == sum(len(reading.rows(one)) for one in some)


def test_a_training_row_is_fresh_when_a_chorale_begins() -> None:
    reading, train = ChangesReading(collection().train), collection().train
    batches = training_batches(reading, train, SMALL, np.random.default_rng(0))
    for batch in itertools.islice(batches, 1, 30):
        begins = (batch.rows[:, 0, LATEST] == NOTHING).all(dim=-1)
        assert torch.equal(batch.fresh, begins)


@pytest.mark.parametrize("model", KINDS)
def test_training_learns(model: str) -> None:
    ticks = itertools.count()
    training = Training(replace(SMALL, model=model), collection(), clock=lambda: float(next(ticks)))
    before = likelihood(training.averaged, training.chorales.validation)
    training.run(40.0, lambda _: None)
    assert training.step == 40
    after = likelihood(training.averaged, training.chorales.validation)
    assert after.total < 0.9 * before.total


def test_a_measured_row_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BEST, "gru", replace(SMALL, model="gru"))
    said: list[str] = []
    found = result.measure("gru", collection(), 0.005, 7, tmp_path / "gru", said.append)
    written = json.loads((tmp_path / "gru" / "result.json").read_text())
    assert written["validation"]["total"] == found.validation.total
    assert written["seed"] == written["hyperparameters"]["seed"] == 7
    assert written["mixture"]["networks"] == SMALL.networks
    assert written["mixture"]["parameters"] == SMALL.networks * found.parameters
    assert written["test"]["cells"] == 4 * sum(map(len, collection().test))


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
    for one in itertools.chain(*splits):
        rows = changes(one)
        assert rows[:, TARGET_SYMBOL].max() <= SILENT
        assert rows[:, LATEST].min() >= 0
        assert np.array_equal(read_back(rows, one), one)
