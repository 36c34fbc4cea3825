from __future__ import annotations

import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from firmware_py.feedback.store import FeedbackStore
from firmware_py.messages.errors import LullError
from tests.feedback.samples import fill


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("whole") / "feedback.sqlite3"
    with FeedbackStore(file, "bed") as store:
        fill(store, 60)
    return file


def check_usable(file: Path) -> Path | None:
    """Open, read, write, forget; return where a damaged file went."""
    with FeedbackStore(file, "bed") as store:
        quarantined = store.quarantined
        store.history(1000)
        rows = fill(store, 2)
        assert store.pending(1000)[-1] == rows[-1]
        store.forget()
    return quarantined


@pytest.mark.parametrize("seed", range(60))
def test_a_flipped_bit_never_stops_lull(whole: Path, tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    data = bytearray(whole.read_bytes())
    position = rng.randrange(100 if seed % 2 else len(data))  # the header, or anywhere
    data[position] ^= 1 << rng.randrange(8)
    file = tmp_path / "feedback.sqlite3"
    file.write_bytes(data)
    check_usable(file)


@pytest.mark.parametrize("seed", range(10))
def test_a_cut_file_is_put_aside(whole: Path, tmp_path: Path, seed: int) -> None:
    data = whole.read_bytes()
    cut = data[: random.Random(seed).randrange(1, len(data))]
    file = tmp_path / "feedback.sqlite3"
    file.write_bytes(cut)
    with FeedbackStore(file, "bed") as store:
        assert store.quarantined is not None
        assert store.quarantined.name.startswith("feedback.sqlite3.damaged-")
        assert store.quarantined.read_bytes() == cut
        assert store.history(1000) == ()


@pytest.mark.parametrize("content", [b"not a database at all" * 100, bytes(8192)])
def test_something_else_is_put_aside(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "feedback.sqlite3"
    file.write_bytes(content)
    assert check_usable(file) is not None


def test_damage_twice_in_a_second_keeps_both_files(tmp_path: Path) -> None:
    file = tmp_path / "feedback.sqlite3"
    for content in (b"x" * 5000, b"y" * 5000):
        file.write_bytes(content)
        with FeedbackStore(file, "bed") as store:
            assert store.quarantined is not None
            assert store.quarantined.read_bytes() == content
    assert len(list(tmp_path.glob("*.damaged-*"))) == 2


def test_the_log_of_the_damaged_file_goes_with_it(whole: Path, tmp_path: Path) -> None:
    file = tmp_path / "feedback.sqlite3"
    file.write_bytes(b"z" * 5000)
    Path(f"{file}-wal").write_bytes(b"w" * 5000)
    with FeedbackStore(file, "bed") as store:
        assert store.history(1) == ()
        assert store.quarantined is not None
        aside = store.quarantined
    assert aside.read_bytes() == b"z" * 5000


def test_another_programs_database_is_put_aside(tmp_path: Path) -> None:
    file = tmp_path / "feedback.sqlite3"
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE recipe (name TEXT)")
    other.close()
    assert check_usable(file) is not None


def test_a_newer_lulls_database_is_left_alone(whole: Path, tmp_path: Path) -> None:
    file = tmp_path / "feedback.sqlite3"
    shutil.copy(whole, file)
    with sqlite3.connect(file) as newer:
        newer.execute("ALTER TABLE session ADD COLUMN place TEXT")
        newer.execute("PRAGMA user_version = 2")
    newer.close()
    with pytest.raises(LullError, match="newer Lull"):
        FeedbackStore(file, "bed")
    assert not list(tmp_path.glob("*.damaged-*"))


def test_a_damaged_file_in_use_is_not_renamed(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firmware_py.feedback.database.BUSY_TIMEOUT_S", 0.2)
    file = tmp_path / "feedback.sqlite3"
    shutil.copy(whole, file)
    with FeedbackStore(file, "bed"):
        data = bytearray(file.read_bytes())
        data[0] ^= 255
        file.write_bytes(data)
        with pytest.raises(LullError, match="another Lull has it open"):
            FeedbackStore(file, "bed")
    assert not list(tmp_path.glob("*.damaged-*"))
