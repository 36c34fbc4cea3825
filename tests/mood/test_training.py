"""The pipeline on a few hundred sentences: rows, training, int8, export, the device's reader."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from firmware_py.messages.errors import LullError, MissingError, UserError
from firmware_py.messages.mood import MOOD_LABELS
from firmware_py.mood.features import BUCKETS, FEATURES_VERSION
from firmware_py.mood.model_file import GOAL_CLASSES
from firmware_py.mood.reader import load_mood_reader
from model_export.mood import build
from model_export.mood.calibration import calibrate, expected_calibration_error, predict
from model_export.mood.collect import expand, read_books
from model_export.mood.dataset import Table
from model_export.mood.rows import Row
from model_export.mood.shipped import Calibration
from model_export.mood.sources import EMPATHETIC, read_archive, without_leaks
from model_export.mood.training import Recipe, train
from tests.conftest import SHARED

RECIPE = Recipe(seed=3, epochs=16, batch=160, learning_rate=3e-2)
MANIFEST = {
    "features_version": FEATURES_VERSION,
    "buckets": BUCKETS,
    "labels": list(MOOD_LABELS),
    "goals": list(GOAL_CLASSES),
}


@pytest.fixture(scope="module")
def rows():
    public = [
        Row(
            "what a day at the races",
            "en",
            "empathetic",
            {"happy": 1.0},
            own_labels={"joyful": 1.0},
        ),
        Row("this is a comment", "en", "goemotions", {"neutral": 1.0}, own_labels={"neutral": 1.0}),
        Row("真让人生气", "zh", "brighter", {"angry": 1.0}, own_labels={"anger": 1.0}),
    ]
    return [*expand(read_books(), 12, 3, ()), *public]


@pytest.fixture(scope="module")
def trained(rows):
    return build.Trained(train(Table(rows), RECIPE), Calibration(1.2, 0.5), rows, MANIFEST)


def test_what_was_trained_is_what_the_device_reads(trained, rows, tmp_path):
    _, parity = build.export(trained, tmp_path)
    assert parity.onnx_torch_int8 < 1e-4
    assert parity.same_label > 0.98
    reader = load_mood_reader(tmp_path)
    clear = [row for row in rows if max(row.moods.values()) == 1.0]
    right = np.mean([reader.read(row.text).label in row.moods for row in clear])
    assert right > 0.8


def test_the_same_seed_writes_the_same_bytes(rows, tmp_path):
    for name in "ab":
        net = train(Table(rows), replace(RECIPE, epochs=2))
        (tmp_path / name).mkdir()
        build.export(build.Trained(net, Calibration(), rows[:50], MANIFEST), tmp_path / name)
    first, second = ((tmp_path / name / build.MODEL_FILE).read_bytes() for name in "ab")
    assert first == second


def test_a_file_that_answers_otherwise_is_not_shipped(trained, tmp_path, monkeypatch):
    monkeypatch.setattr(build, "_PARITY_BOUND", -1.0)
    with pytest.raises(LullError, match="differs from the trained one"):
        build.export(trained, tmp_path)


def test_calibration_cools_a_network_that_is_too_sure(trained):
    unseen = expand(read_books(), 6, 9, ())
    found = predict(trained.net, Table(unseen))
    sure = calibrate(
        type(found)(found.scores * 2, found.va, found.moods, found.va_target, found.is_phrase)
    )
    plain = calibrate(found)
    assert sure.temperature == pytest.approx(2 * plain.temperature, rel=0.1)


def test_calibration_error_of_a_perfect_and_of_a_blind_reader():
    confidence = np.full(1000, 0.75)
    assert expected_calibration_error(confidence, np.arange(1000) % 4 != 0) == pytest.approx(
        0, abs=1e-9
    )
    assert expected_calibration_error(confidence, np.zeros(1000, dtype=bool)) == pytest.approx(0.75)


def test_training_rows_that_stand_in_a_test_split_are_dropped():
    def row(text: str) -> Row:
        return Row(text, "en", "goemotions", {})

    splits = {"train": [row("So SAD!"), row("so glad")], "dev": [], "test": [row("so sad")]}
    assert [kept.text for kept in without_leaks(splits)["train"]] == ["so glad"]


def test_an_absent_archive_is_named_with_where_it_comes_from(tmp_path):
    with pytest.raises(MissingError, match="EmpatheticDialogues"):
        read_archive(tmp_path, EMPATHETIC, lambda _: True)


def test_another_archive_of_the_same_name_is_refused(tmp_path):
    (tmp_path / EMPATHETIC.file).write_bytes(b"something else")
    with pytest.raises(UserError, match="SHA-256"):
        read_archive(tmp_path, EMPATHETIC, lambda _: True)


@pytest.mark.skipif(
    not (SHARED / "text").is_dir(), reason="the data sets are not part of the repository"
)
def test_the_real_archives_are_read():
    files = read_archive(
        SHARED / "text", EMPATHETIC, lambda name: name.endswith("unannotated/sad.csv")
    )
    assert len(files) == 1
