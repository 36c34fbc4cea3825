import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_py.messages.errors import MissingError, UserError
from model_export.corpus import store
from tests.model_export.scores import piece

ROWS = [(0, 24, 72, 0), (0, 96, 48, 1), (30, 70000, 60, 0)]


def test_pieces_come_back_as_they_were(tmp_path):
    pieces = [piece("a", ROWS), piece("b", ROWS[:1], group="song", split="test")]
    store.save(tmp_path / "c.npz", pieces, {"failures": {"x": [["y", "z"]]}})
    loaded = store.load(tmp_path / "c.npz")
    for before, after in zip(pieces, loaded, strict=True):
        for field in ("id", "source", "group", "work", "split", "licence", "composer", "title"):
            assert getattr(before, field) == getattr(after, field)
        assert after.slow is True
        for table in ("notes", "bars", "keys", "tempos"):
            expected, found = getattr(before.score, table), getattr(after.score, table)
            assert found.dtype == expected.dtype
            np.testing.assert_array_equal(found, expected)
    assert store.load_notes(tmp_path / "c.npz") == {"failures": {"x": [["y", "z"]]}}


@given(st.lists(st.integers(1, 9), max_size=6))
def test_each_piece_gets_its_own_rows(tmp_path_factory, sizes):
    path = tmp_path_factory.mktemp("store") / "c.npz"
    pieces = [
        piece(str(n), [(i, 1, 60 + n, 0) for i in range(size)]) for n, size in enumerate(sizes)
    ]
    store.save(path, pieces)
    found = [one.score.notes.tolist() for one in store.load(path)]
    assert found == [one.score.notes.tolist() for one in pieces]


def test_splits_and_groups_are_chosen(tmp_path):
    path = tmp_path / "c.npz"
    store.save(
        path,
        [
            piece("a", ROWS, split="test"),
            piece("b", ROWS, group="song"),
            piece("c", ROWS[:1]),
        ],
    )
    assert [one.id[-1] for one in store.load(path, splits=["train"])] == ["b", "c"]
    assert [one.id[-1] for one in store.load(path, splits=["train"], groups=["hymn"])] == ["c"]
    assert store.load(path, groups=["hymn"])[1].score.notes.tolist() == [list(ROWS[0])]


def test_a_missing_file_names_the_command(tmp_path):
    with pytest.raises(MissingError, match="python -m model_export corpus"):
        store.load(tmp_path / "none.npz")


def test_a_damaged_file_is_a_user_error(tmp_path):
    path = tmp_path / "c.npz"
    store.save(path, [piece("a", ROWS)])
    whole = path.read_bytes()
    middle = len(whole) // 2
    flipped = whole[:60] + bytes(64) + whole[124:]
    for damaged in (b"", b"text", whole[:middle], whole[middle:], flipped):
        path.write_bytes(damaged)
        with pytest.raises(UserError, match=r"c\.npz"):
            store.load(path)


def test_another_npz_is_a_user_error(tmp_path):
    np.savez(tmp_path / "c.npz", x=np.zeros(3))
    with pytest.raises(UserError, match="no corpus"):
        store.load(tmp_path / "c.npz")


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    path = tmp_path / "c.npz"
    store.save(path, [piece("a", ROWS)])
    before = path.read_bytes()

    def full_disk(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(UserError, match="No space"):
        store.save(path, [piece("b", ROWS)])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
