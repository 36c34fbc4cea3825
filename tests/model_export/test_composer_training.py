"""The whole way from pieces to a playing int8 model, small enough for a test."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from firmware_py.compose.controls import CONTROLS
from firmware_py.compose.model import ModelComposer
from firmware_py.compose.network import Network
from firmware_py.messages.errors import UserError
from firmware_py.messages.plan import BarTarget
from model_export.baselines.bigram import Bigram
from model_export.composer import checkpoint, dataset, export
from model_export.composer.batches import evaluation_batches, training_batches
from model_export.composer.evaluate import parity
from model_export.composer.hyperparameters import Hyperparameters
from model_export.composer.sequences import Sequence, sequences_of
from model_export.composer.train import Training, likelihood
from tests.model_export.test_composer_sequences import piece

SMALL = Hyperparameters(
    hidden=48, heads=2, head_size=8, memory=32, place_size=8, symbol_size=24, duration_size=8,
    chord_size=8, condition_size=16,
    symbol_head=32, duration_head=24, dropout=0.0, batch=8, window=64, learning_rate=1e-2,
    warmup_steps=5, calm_share=0.0,
)  # fmt: skip
STEPS = 250  # of one tick each on the injected clock
TARGET = BarTarget(0, 0.0, 66.0, 1.0, 62.0, 0.4, 0.5, 0.2, 0.4, 0.5)


def corpus() -> list[Sequence]:
    """Broken chords in I IV V I, so regular that a little training must learn them."""
    sequences = []
    for turn in range(12):
        notes = []
        for bar in range(8):
            root = (60, 65, 67, 60)[(bar + turn) % 4]
            notes += [(96 * bar + 24 * i, 24, root + (0, 4, 7, 4)[i]) for i in range(4)]
            notes.append((96 * bar, 96, root - 24))
        sequences += sequences_of(piece(notes, 8))
    return sequences


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("training")
    torch.set_num_threads(1)
    ticks = itertools.count()
    training = Training(folder, SMALL, clock=lambda: float(next(ticks)))
    training.run(corpus(), corpus()[:2], budget_s=STEPS, say=lambda _: None, every=50)
    return folder


@pytest.fixture(scope="module")
def shipped(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shipped")
    export.export(checkpoint.load(trained).network, folder, quantised=True)
    export.write_manifest(folder, {"model": "composer", "training_minutes": 5.0})
    return folder


def test_training_learns_more_than_counting(trained: Path) -> None:
    learnt = likelihood(checkpoint.load(trained).network, corpus())
    assert learnt.total < Bigram.count(corpus()).likelihood(corpus()).total


def test_training_resumes_where_it_was_cut(trained: Path) -> None:
    again = Training(trained, SMALL)
    assert again.resume()
    assert again.step == checkpoint.load(trained, "checkpoint.pt").step > 0
    assert again.spent_s == STEPS


def test_batches_carry_every_event_once() -> None:
    sequences = corpus()
    targets = sum(
        int((batch.target[..., 0] >= 0).sum()) for batch in evaluation_batches(sequences, 5, 32)
    )
    assert targets == sum(len(s.events) - 1 for s in sequences)


def test_withheld_controls_are_zero_and_said_to_be() -> None:
    numbers = dataclasses.replace(SMALL, condition_dropout=1.0)
    batch = next(training_batches(corpus(), numbers, np.random.default_rng(0)))
    assert float(batch.conditions[..., : 2 * CONTROLS].abs().max()) == 0.0


def test_sequences_survive_their_cache(tmp_path: Path) -> None:
    one = piece([(24 * i, 24, 60 + i % 5) for i in range(16)], 4)
    dataset.build([one], tmp_path / "s.npz", lambda _: None)
    (back,) = dataset.load(tmp_path / "s.npz")
    (fresh,) = sequences_of(one)
    assert back.piece == fresh.piece
    assert np.array_equal(back.events, fresh.events)
    assert np.array_equal(back.conditions, fresh.conditions)
    assert np.array_equal(back.ringing, fresh.ringing)


def test_torch_and_fp32_agree_and_int8_is_near(trained: Path, tmp_path: Path) -> None:
    network = checkpoint.load(trained).network
    heard = corpus()[1].beginning(SMALL.memory)
    for quantised, apart in ((False, 1e-4), (True, 0.2)):
        folder = tmp_path / str(quantised)
        export.export(network, folder, quantised=quantised)
        export.write_manifest(folder, {})
        differences = parity(network, folder, heard)
        assert set(differences) == {"place", "symbol", "duration"}
        assert max(differences.values()) < apart


def test_the_same_weights_give_the_same_bytes_without_paths(
    trained: Path, shipped: Path, tmp_path: Path
) -> None:
    again = export.export(checkpoint.load(trained).network, tmp_path, quantised=True)
    for path in again.values():
        data = path.read_bytes()
        assert data == (shipped / path.name).read_bytes()
        assert str(Path(export.__file__).parent).encode() not in data


def test_a_training_goes_on_from_what_was_shipped(
    trained: Path, shipped: Path, tmp_path: Path
) -> None:
    training = Training(tmp_path, SMALL)
    training.begin_with(shipped)
    learnt = likelihood(checkpoint.load(trained).network, corpus()).total
    assert likelihood(training.network, corpus()).total == pytest.approx(learnt, rel=0.02)
    training.save()
    again = Training(tmp_path, SMALL)
    assert again.resume()
    assert again.origin == {
        "sha256": hashlib.sha256((shipped / "step.onnx").read_bytes()).hexdigest(),
        "minutes": 5.0,
    }


def test_weights_of_another_size_are_refused(shipped: Path, tmp_path: Path) -> None:
    other = Training(tmp_path, dataclasses.replace(SMALL, hidden=40))
    with pytest.raises(UserError, match=r"other sizes.*lower"):
        other.begin_with(shipped)


def test_the_exported_model_plays(shipped: Path) -> None:
    composer = ModelComposer(Network(shipped), 3, TARGET)
    bars = [composer.next_bar(TARGET, 7 - bar) for bar in range(8)]
    assert all(bar.notes and bar.chords for bar in bars)
    assert bars[-1].chords[-1].root == bars[-1].key.tonic


def test_the_manifest_names_every_file(shipped: Path) -> None:
    manifest = json.loads((shipped / "manifest.json").read_text())
    assert set(manifest["files"]) == {"step.onnx", "symbol.onnx", "duration.onnx"}
    for name, file in manifest["files"].items():
        data = (shipped / name).read_bytes()
        assert file == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
