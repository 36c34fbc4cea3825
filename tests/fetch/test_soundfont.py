"""Which soundfont is played, and getting one without Debian's package."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from firmware_py.app.fetch import soundfont, soundfont_sources
from firmware_py.app.fetch.check import check
from firmware_py.app.fetch.failures import SourceError
from firmware_py.app.fetch.install import setup
from firmware_py.app.fetch.progress import silent
from firmware_py.app.fetch.soundfont import DEBIAN_FONTS, DebianFont, find_soundfont
from firmware_py.config.paths import Paths
from firmware_py.messages.errors import MissingError, UserError

FONT = b"RIFF\x10\x00\x00\x00sfbkLIST" + bytes(100)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[DebianFont, DebianFont]:
    """A machine without any soundfont package."""
    fonts = (
        DebianFont("fluid-soundfont-gm", tmp_path / "usr/share/sounds/sf2/FluidR3_GM.sf2"),
        DebianFont("timgm6mb-soundfont", tmp_path / "usr/share/sounds/sf2/TimGM6mb.sf2"),
    )
    monkeypatch.setattr(soundfont, "DEBIAN_FONTS", fonts)
    monkeypatch.setattr(soundfont_sources, "DEBIAN_FONTS", fonts)
    return fonts


def install(font: DebianFont) -> None:
    font.path.parent.mkdir(parents=True, exist_ok=True)
    font.path.write_bytes(FONT)


def test_the_best_installed_font_is_chosen(
    bare: tuple[DebianFont, DebianFont], tmp_path: Path
) -> None:
    big, small = bare
    with pytest.raises(MissingError, match=r"sudo apt-get install .*fluid-soundfont-gm"):
        find_soundfont(None, models=tmp_path)
    install(small)
    assert find_soundfont(None, models=tmp_path) == small.path
    install(big)
    assert find_soundfont(None, models=tmp_path) == big.path


def test_the_configured_font_comes_first(tmp_path: Path) -> None:
    (tmp_path / "mine.sf2").write_bytes(FONT)
    assert find_soundfont(tmp_path / "mine.sf2") == tmp_path / "mine.sf2"


@pytest.mark.parametrize("content", [None, b"", b"RIFF", b"RIFF\x10\x00\x00\x00WAVE", b"text" * 9])
def test_a_configured_font_that_cannot_be_played_is_refused(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "mine.sf2"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=r"\[music\] soundfont: .*mine.sf2"):
        find_soundfont(path)
    found = check(Paths(tmp_path, tmp_path), [], soundfont=path)
    assert [(one.name, one.status) for one in found] == [("soundfont", "missing")]


def test_a_configured_font_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.sf2"
    path.write_bytes(b"RIFF\xff\x00\x00\x00sfbkLIST" + bytes(100))
    with pytest.raises(UserError, match=r"\[music\] soundfont: .*mine.sf2 is cut off; copy it"):
        find_soundfont(path)


def test_a_font_is_carried_here_in_a_folder(
    bare: tuple[DebianFont, DebianFont], tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    paths = Paths(tmp_path / "state", tmp_path / "models")
    with pytest.raises(MissingError, match=r"holds none of FluidR3_GM.sf2, TimGM6mb.sf2"):
        setup(paths, [], from_dir=stick, progress=silent)
    (stick / "TimGM6mb.sf2").write_bytes(FONT)

    (item,) = setup(paths, [], from_dir=stick, progress=silent)

    assert item.path == paths.models / "TimGM6mb.sf2"
    assert item.path.read_bytes() == FONT
    assert find_soundfont(None, models=paths.models) == item.path
    assert check(paths, [])[0].status == "ok"


def test_a_font_is_taken_out_of_its_debian_package(
    bare: tuple[DebianFont, DebianFont], tmp_path: Path
) -> None:
    font = DebianFont("timgm6mb-soundfont", DEBIAN_FONTS[1].path)
    tree = tmp_path / "tree"
    inside = tree / font.path.relative_to("/")
    inside.parent.mkdir(parents=True)
    inside.write_bytes(FONT)
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN/control").write_text(
        "Package: timgm6mb-soundfont\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b.c>\n"
        "Description: a font\n"
    )
    package = tmp_path / "font.deb"
    build = ["dpkg-deb", "--build", "--root-owner-group", str(tree), str(package)]
    subprocess.run(build, check=True, capture_output=True)
    models, incoming = tmp_path / "models", tmp_path / "incoming"
    models.mkdir()
    incoming.mkdir()

    placed = soundfont_sources._unpack(package, font, models, incoming)

    assert placed == models / "TimGM6mb.sf2"
    assert placed.read_bytes() == FONT
    with pytest.raises(SourceError, match="does not hold FluidR3_GM"):
        soundfont_sources._unpack(package, DEBIAN_FONTS[0], models, incoming)
    package.write_bytes(package.read_bytes()[:200])
    with pytest.raises(SourceError):
        soundfont_sources._unpack(package, font, models, incoming)


def test_the_font_is_hashed_once(tmp_path: Path) -> None:
    font = tmp_path / "mine.sf2"
    font.write_bytes(FONT)
    paths = Paths(tmp_path, tmp_path / "models")
    (first,) = setup(paths, [], from_dir=None, progress=silent, soundfont=font)
    changed = font.stat().st_mtime_ns
    font.write_bytes(FONT[:-1] + b"!")
    (second,) = setup(paths, [], from_dir=None, progress=silent, soundfont=font)
    assert font.stat().st_mtime_ns != changed
    assert first.sha256 != second.sha256
