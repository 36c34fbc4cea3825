"""Every baseline learns, resumes, is measured and composes, small enough for a test."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from firmware_py.messages.errors import MissingError
from model_export.__main__ import main
from model_export.baselines import event_models, flat, remi, result, token_models
from model_export.baselines import trained as shelf
from model_export.baselines.excerpt import Opening, Sampler
from model_export.baselines.gru import GruSize
from model_export.baselines.names import Name
from model_export.baselines.result import Result
from model_export.baselines.token_models import TokenRecipe
from model_export.baselines.token_training import TokenNumbers
from model_export.baselines.transformer import TransformerSize
from model_export.composer import dataset
from tests.model_export.baselines.music import corpus
from tests.model_export.test_composer_sequences import piece
from tests.model_export.test_composer_training import SMALL

NUMBERS = TokenNumbers(learning_rate=1e-2, batch=8, window=64, warmup_steps=5)
RECIPES = {
    "tonicnet": TokenRecipe("tonicnet", GruSize(flat.VOCABULARY, 48, dropout=0.0), NUMBERS),
    "remi": TokenRecipe(
        "remi",
        TransformerSize(remi.VOCABULARY, 2, 48, 4, context=64, dropout=0.0),
        NUMBERS,
    ),
}
STEPS = 100  # of one tick each on the injected clock
OWN_STEPS = 90  # of one tick each, too
OPENINGS = (Opening("piano"), Opening("hymn", (6, 8)))


def ticking() -> Callable[[], float]:
    ticks = itertools.count()
    return lambda: float(next(ticks))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Result]]:
    torch.set_num_threads(1)
    done = {}
    for name, recipe in RECIPES.items():
        folder = tmp_path_factory.mktemp(name)
        got = token_models.train(recipe, corpus(), STEPS / 60, folder, _quiet, ticking())
        done[name] = folder, got
    folder = tmp_path_factory.mktemp("uncontrolled")
    numbers = replace(SMALL, condition_dropout=1.0, memory=64)
    got = event_models.train(
        "uncontrolled", corpus(), OWN_STEPS / 60, folder, _quiet, ticking(), numbers
    )
    return done | {"uncontrolled": (folder, got)}


def _quiet(_: str) -> None:
    pass


@pytest.mark.parametrize("name", ["tonicnet", "remi", "uncontrolled"])
def test_a_trained_baseline_learns_more_than_counting(
    trained: dict[str, tuple[Path, Result]], name: str
) -> None:
    assert trained[name][1].nats_per_note < event_models.count(corpus()).nats_per_note


@pytest.mark.parametrize("name", ["tonicnet", "remi", "uncontrolled"])
def test_a_spent_budget_is_not_spent_again(
    trained: dict[str, tuple[Path, Result]], name: str
) -> None:
    folder, before = trained[name]
    log = (folder / "log.jsonl").read_text()
    if name == "uncontrolled":
        numbers = replace(SMALL, condition_dropout=1.0, memory=64)
        again = event_models.train(
            "uncontrolled", corpus(), OWN_STEPS / 60, folder, _quiet, ticking(), numbers
        )
    else:
        again = token_models.train(RECIPES[name], corpus(), STEPS / 60, folder, _quiet, ticking())
    assert (folder / "log.jsonl").read_text() == log
    assert again == before


def test_a_cut_training_goes_on(tmp_path: Path) -> None:
    half = token_models.train(RECIPES["remi"], corpus(), 0.2, tmp_path, _quiet, ticking())
    whole = token_models.train(RECIPES["remi"], corpus(), 0.4, tmp_path, _quiet, ticking())
    steps = [json.loads(line)["step"] for line in (tmp_path / "log.jsonl").open()]
    assert (half.cpu_minutes, whole.cpu_minutes) == pytest.approx((0.2, 0.4))
    assert steps == sorted(steps)
    assert steps[-1] == 24


def test_the_notes_of_all_results_are_the_same(trained: dict[str, tuple[Path, Result]]) -> None:
    counted = event_models.count(corpus())
    notes = {(score.piece, score.notes) for score in counted.pieces}
    for _, measured in trained.values():
        assert {(score.piece, score.notes) for score in measured.pieces} == notes


def samplers(trained: dict[str, tuple[Path, Result]], openings: Sequence[Opening]) -> list[Sampler]:
    token = [
        recipe.sampler(token_models.load(recipe, trained[name][0]), openings)
        for name, recipe in RECIPES.items()
    ]
    own = event_models.uncontrolled_sampler(trained["uncontrolled"][0], openings)
    return [*token, own, event_models.bigram_sampler(corpus(), openings)]


def test_every_baseline_composes_what_can_be_read(trained: dict[str, tuple[Path, Result]]) -> None:
    for sampler in samplers(trained, OPENINGS):
        seen = set()
        for seed in range(3):
            excerpt = sampler.sample(4, seed)
            bar, start, duration, pitch = excerpt.notes.T
            seen.add(excerpt.bar_steps)
            assert excerpt.bars == 4
            assert len(bar) > 0
            assert bar.min() >= 0
            assert bar.max() < 4
            assert start.min() >= 0
            assert start.max() < excerpt.bar_steps
            assert duration.min() >= 1
            assert pitch.min() >= 21
            assert pitch.max() <= 108
            order = np.lexsort((-pitch, start, bar))
            assert np.array_equal(order, np.arange(len(order)))
            assert len({(b, s, p) for b, s, _, p in excerpt.notes.tolist()}) == len(bar)
        assert seen <= {96, 72}


def test_a_seed_is_one_excerpt(trained: dict[str, tuple[Path, Result]]) -> None:
    for sampler in samplers(trained, OPENINGS[:1]):
        first, again = (
            [sampler.sample(3, seed).notes.tolist() for seed in range(6)] for _ in range(2)
        )
        assert first == again
        assert any(excerpt != first[0] for excerpt in first)


def test_a_long_excerpt_outgrows_the_context(trained: dict[str, tuple[Path, Result]]) -> None:
    (remi_sampler,) = samplers(trained, OPENINGS[:1])[1:2]
    excerpt = remi_sampler.sample(16, 1)  # more than 64 tokens
    assert len(excerpt.notes) * 3 > 64
    assert excerpt.notes[:, 0].max() > 8


def test_the_command_counts_and_writes_a_result(tmp_path: Path) -> None:
    notes = [(24 * i, 24, 60 + i % 5) for i in range(16)]
    pieces = [
        replace(piece(notes, 4), id=f"t/{split}", split=split)
        for split in ("train", "validation", "test")
    ]
    dataset.build(pieces, tmp_path / "s.npz", _quiet)
    where = ["--folder", str(tmp_path), "--sequences", str(tmp_path / "s.npz")]
    assert main(["baselines", "--only", "bigram", *where]) == 0
    measured = result.read(tmp_path / "bigram")
    assert measured.name == "bigram"
    assert [score.piece for score in measured.pieces] == ["t/test"]
    assert measured.pieces[0].notes == 16
    written = json.loads((tmp_path / "bigram" / "result.json").read_text())
    assert written["nats_per_note"] == measured.nats_per_note


@pytest.mark.parametrize("name", ["tonicnet", "remi", "uncontrolled"])
def test_an_untrained_baseline_does_not_compose(name: Name, tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="model_export baselines"):
        shelf.sampler(name, tmp_path, corpus(), OPENINGS)


def test_what_is_missing_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["baselines", "--sequences", str(tmp_path / "no.npz")]) == 3
    assert "model_export train" in capsys.readouterr().err
    with pytest.raises(MissingError, match="model_export baselines"):
        result.read(tmp_path)
    with pytest.raises(MissingError, match="model_export baselines"):
        token_models.load(RECIPES["remi"], tmp_path)
