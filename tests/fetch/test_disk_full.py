"""A disk that fills up, real: a small tmpfs. Needs root."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_py.app.fetch.install import setup
from firmware_py.app.fetch.pinned import PinnedModel
from firmware_py.app.fetch.progress import silent
from firmware_py.config.paths import Paths
from firmware_py.messages.errors import MissingError
from tests.fetch.conftest import CONTENT, Site, write_folder, write_zip


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=7m", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"cannot mount a tmpfs here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_too_little_room_is_told_before_the_first_byte(
    here: Paths, small_disk: Path, site: Site, model: PinnedModel
) -> None:
    (small_disk / "ballast").write_bytes(bytes(5_000_000))
    paths = Paths(here.state, small_disk / "models")

    with pytest.raises(MissingError, match="too full: 3 MB are free, 7 MB are needed"):
        setup(paths, [model], from_dir=None, progress=silent)

    assert site.asked == []
    assert names(paths.models) == {".setup.lock"}


def test_a_disk_that_fills_during_the_download_is_told_and_left_clean(
    here: Paths, small_disk: Path, site: Site, model: PinnedModel
) -> None:
    padded = {**CONTENT, "more": bytes(5_000_000)}
    write_zip(site.folder / "small-model.zip", "small-model", padded)
    paths = Paths(here.state, small_disk / "models")

    with pytest.raises(MissingError, match="too full") as failed:
        setup(paths, [model], from_dir=None, progress=silent)

    assert "LULL_MODELS" in failed.value.fix
    assert names(paths.models) == {".setup.lock"}


def test_a_disk_that_fills_while_copying_keeps_the_old_things(
    here: Paths,
    small_disk: Path,
    model: PinnedModel,
    tmp_path: Path,
) -> None:
    write_folder(tmp_path / "stick" / "small-model")
    paths = Paths(here.state, small_disk / "models")
    setup(paths, [model], from_dir=tmp_path / "stick", progress=silent)
    before = names(paths.models)
    (paths.models / "small-model" / "verified.json").unlink()
    (paths.models / "small-model" / "README").unlink()
    (small_disk / "ballast").write_bytes(bytes(3_000_000))

    with pytest.raises(MissingError, match="too full"):
        setup(paths, [model], from_dir=tmp_path / "stick", progress=silent)
    (small_disk / "ballast").unlink()
    setup(paths, [model], from_dir=tmp_path / "stick", progress=silent)

    assert names(paths.models) == before
