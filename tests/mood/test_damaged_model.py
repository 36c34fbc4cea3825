"""A missing or damaged model is named in one line with the command that mends it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import onnx
import pytest

from firmware_py.config.paths import SHIPPED_MODELS
from firmware_py.config.shipped import repair_command
from firmware_py.messages.errors import MissingError
from firmware_py.mood.reader import load_mood_reader

SHIPPED = SHIPPED_MODELS / "mood"
MODEL = "mood.int8.onnx"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "mood"))


def manifest_of(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text())


def seal(folder: Path, **changes: object) -> None:
    """Make the manifest fit the model file again, as somebody might who knows the checksum."""
    manifest = manifest_of(folder)
    manifest["file"]["sha256"] = sha256((folder / MODEL).read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps({**manifest, **changes}))


def test_a_copy_of_the_folder_reads_like_the_shipped_one(folder, reader):
    assert load_mood_reader(folder).read("i feel sad") == reader.read("i feel sad")


def flip_a_byte(folder: Path) -> None:
    data = bytearray((folder / MODEL).read_bytes())
    data[len(data) // 2] ^= 0x10
    (folder / MODEL).write_bytes(data)


def cut(folder: Path) -> None:
    data = (folder / MODEL).read_bytes()
    (folder / MODEL).write_bytes(data[: len(data) // 2])


def cut_and_sealed(folder: Path) -> None:
    cut(folder)
    seal(folder)


def empty_and_sealed(folder: Path) -> None:
    (folder / MODEL).write_bytes(b"")
    seal(folder)


def other_opset(folder: Path) -> None:
    model = onnx.load(folder / MODEL)
    model.opset_import[0].version = 999
    onnx.save(model, folder / MODEL)
    seal(folder)


def another_network(folder: Path) -> None:
    text = '<ir_version: 8, opset_import: ["" : 18]> g (float[n] x) => (float[n] y) { y = Exp (x) }'
    onnx.save(onnx.parser.parse_model(text), folder / MODEL)
    seal(folder)


def other_labels(folder: Path) -> None:
    seal(folder, labels=["calm"])


def other_features(folder: Path) -> None:
    seal(folder, features_version=0)


def no_file_entry(folder: Path) -> None:
    seal(folder, file=None)


def manifest_is_text(folder: Path) -> None:
    (folder / "manifest.json").write_text("{")


def manifest_is_a_list(folder: Path) -> None:
    (folder / "manifest.json").write_text("[]")


def manifest_is_binary(folder: Path) -> None:
    (folder / "manifest.json").write_bytes(b"\xff\xfe\x00")


def no_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def no_model(folder: Path) -> None:
    (folder / MODEL).unlink()


def model_is_a_folder(folder: Path) -> None:
    (folder / MODEL).unlink()
    (folder / MODEL).mkdir()


def no_folder(folder: Path) -> None:
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    "damage",
    [
        flip_a_byte,
        cut,
        cut_and_sealed,
        empty_and_sealed,
        other_opset,
        another_network,
        other_labels,
        other_features,
        no_file_entry,
        manifest_is_text,
        manifest_is_a_list,
        manifest_is_binary,
        no_manifest,
        no_model,
        model_is_a_folder,
        no_folder,
    ],
    ids=lambda damage: damage.__name__,
)
def test_damage_is_told_in_one_line(folder: Path, damage: Callable[[Path], None]):
    damage(folder)
    with pytest.raises(MissingError, match="mood model") as caught:
        load_mood_reader(folder)
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value)
    assert caught.value.fix


def test_the_mend_of_the_shipped_model_is_a_true_command():
    root = SHIPPED_MODELS.parent.parent
    assert (
        repair_command(SHIPPED, made_by="") == f"git -C {root} checkout -- firmware_py/models/mood"
    )
