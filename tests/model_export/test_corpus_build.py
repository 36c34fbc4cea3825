import hashlib
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from model_export.__main__ import main
from model_export.commands import corpus as command
from model_export.corpus import reading, sources, split, store
from model_export.corpus.archive import Entry
from tests.model_export.scores import attributes, midi, musicxml, mxl, note, played
from tests.model_export.test_corpus_archives import tar

KERN = "!!!COM: Chopin, Fryderyk\n!!!OTL: Prelude\n!!!OMD: Largo.\n**kern\n*M4/4\n{}\n*-\n"
PITCHES = ["C4", "E4", "D4", "G4", "F4", "A4", "B4", "E4"]


def song(semitone: str = "") -> bytes:
    """Eight bars, so a fingerprint of 32 onsets."""
    random = np.random.default_rng(5)
    bars = [
        "".join(note(PITCHES[k][0] + semitone + PITCHES[k][1], 2) for k in random.integers(0, 8, 4))
        for _ in range(8)
    ]
    return mxl(musicxml([attributes() + bars[0], *bars[1:]]))


@pytest.fixture
def archives(tmp_path, monkeypatch):
    """A folder with tiny archives of every source; nothing outside ``tmp_path`` is touched."""
    folder = tmp_path / "archives"
    folder.mkdir()
    monkeypatch.setenv("LULL_CORPUS", str(folder))
    monkeypatch.setattr(sources, "SHARED", tmp_path / "none")
    monkeypatch.setattr(command, "CACHE", tmp_path / "cache")
    tar(
        folder / "openscore-lieder.tar.xz",
        {
            "scores/A,_B/_/First/lc1.mxl": song(),
            "scores/A,_B/_/Broken/lc2.mxl": song()[:200],
            "scores/A,_B/Set/1_One/lc3.mxl": mxl(musicxml([attributes() + note("C4", 8)])),
        },
    )
    tar(
        folder / "openscore-string-quartets.tar.xz",
        {"scores/C,_D/Quartet/sq1.mxl": song("#")},
    )
    (folder / "OpenHymnal.abc").write_text(
        "X: 1\nT: Hymn\nM: 4/4\nL: 1/4\nQ: 1/4=80\nK: C\nCDEF | G4 |]\n", encoding="utf-8"
    )
    tar(
        folder / "chopin-first-editions-kern.tar.xz",
        {
            "kern/028_1-12-1a-C-009.krn": KERN.format("4e\n4g\n2b").encode(),
            "kern/not-selected.krn": KERN.format("4e").encode(),
        },
    )
    name = "pl-cz/kern/pl-cz--i-81_kietlinski-albert--w-twym-swietym-kosciele.krn"
    tar(folder / "polish-scores-kern.tar.xz", {name: KERN.format("1c").encode()})
    tar(
        folder / "mutopia-midi.tar.xz",
        {"midi_kb_free/BachJS__BWV846__a__b.mid": midi(played((0, 384, 60)))},
    )
    return folder


def test_every_source_becomes_pieces_in_one_file(archives, tmp_path, capsys):
    out = tmp_path / "c.npz"
    assert main(["corpus", "--out", str(out), "--report", str(tmp_path / "report")]) == 0
    pieces = {piece.id: piece for piece in store.load(out)}
    assert {name: (piece.group, piece.slow) for name, piece in pieces.items()} == {
        "openscore-lieder/scores/A,_B/_/First/lc1": ("song", True),
        "openscore-lieder/scores/A,_B/Set/1_One/lc3": ("song", True),
        "open-hymnal/001": ("hymn", True),
        "chopin-first-editions/kern/028_1-12-1a-C-009": ("piano", True),
        "polish-scores/pl-cz/kern/pl-cz--i-81_kietlinski-albert--w-twym-swietym-kosciele": (
            "organ",
            True,
        ),
        "mutopia/midi_kb_free/BachJS__BWV846__a__b": ("keyboard", True),
    }
    notes = store.load_notes(out)
    assert notes["removed"] == ["openscore-quartets/scores/C,_D/Quartet/sq1"]
    ((path, reason),) = notes["failures"]["openscore-lieder"]
    assert path == "scores/A,_B/_/Broken/lc2"
    assert "damaged" in reason
    assert "openscore-lieder: 2 pieces, 33 notes, 1 not read" in capsys.readouterr().out
    assert (tmp_path / "report" / "corpus.md").is_file()


def test_sources_that_are_not_the_known_ones_are_told(archives, tmp_path, capsys):
    out = tmp_path / "c.npz"
    assert main(["corpus", "--out", str(out), "--only", "open-hymnal"]) == 0
    assert "open-hymnal" in capsys.readouterr().err
    digest = hashlib.sha256((archives / "OpenHymnal.abc").read_bytes()).hexdigest()
    read = {"open-hymnal": {"file": "OpenHymnal.abc", "sha256": digest}}
    assert store.load_notes(out)["archives"] == read


def test_a_corpus_that_is_there_is_reported_and_not_built(archives, tmp_path, monkeypatch):
    arguments = ["corpus", "--out", str(tmp_path / "c.npz"), "--report", str(tmp_path / "docs")]
    assert main(arguments) == 0
    page = (tmp_path / "docs" / "corpus.md").read_bytes()
    built = (tmp_path / "c.npz").stat().st_mtime_ns
    monkeypatch.setenv("LULL_CORPUS", str(tmp_path / "empty"))
    assert main(arguments) == 0
    assert (tmp_path / "c.npz").stat().st_mtime_ns == built
    assert (tmp_path / "docs" / "corpus.md").read_bytes() == page


def test_a_stopped_run_keeps_what_it_read(archives, tmp_path, monkeypatch, capsys):
    """Two parts of three are read when the user stops; the next run reads the third only."""
    names = [f"midi_kb_free/A__{n}__a.mid" for n in range(3)]
    tar(
        archives / "mutopia-midi.tar.xz",
        {name: midi(played((0, 384, 60 + n))) for n, name in enumerate(names)},
    )
    arguments = ["corpus", "--out", str(tmp_path / "c.npz"), "--only", "mutopia"]
    monkeypatch.setattr(reading, "PART", 1)
    read: list[str] = []
    one = reading.entries

    def stopped(*given: Any) -> Iterator[Entry]:
        for entry in one(*given):
            if len(read) == 2:
                raise KeyboardInterrupt
            read.append(entry.path)
            yield entry

    with monkeypatch.context() as patch:
        patch.setattr(reading, "entries", stopped)
        assert main(arguments) == 130
    assert capsys.readouterr().err.strip().endswith("the same command goes on")
    assert not (tmp_path / "c.npz").exists()
    (kept,) = (tmp_path / "cache" / "parsed").iterdir()
    parts = {path: path.stat().st_mtime_ns for path in kept.iterdir()}
    assert len(parts) == 2
    assert main(arguments) == 0
    assert {path: path.stat().st_mtime_ns for path in parts} == parts
    assert len(store.load(tmp_path / "c.npz")) == 3


def test_a_near_duplicate_shares_the_split_of_its_twin(archives, tmp_path, monkeypatch):
    held_out = {"openscore-quartets/C,_D/Quartet": "test"}
    monkeypatch.setattr(split, "frozen", lambda: held_out)
    only = ["--only", "openscore-lieder", "--only", "openscore-quartets"]
    assert main(["corpus", "--out", str(tmp_path / "c.npz"), *only]) == 0
    splits = {piece.title: piece.split for piece in store.load(tmp_path / "c.npz")}
    assert splits == {"First": "test", "1 One": "train"}


def test_a_parsed_source_is_not_parsed_again_until_it_changes(archives, tmp_path, monkeypatch):
    command = ["corpus", "--out", str(tmp_path / "c.npz"), "--only", "open-hymnal"]
    assert main(command) == 0
    first = store.load(tmp_path / "c.npz")

    def never(*given: Any) -> Iterator[Entry]:
        pytest.fail("parsed again")
        yield

    with monkeypatch.context() as patch:
        patch.setattr(reading, "entries", never)
        assert main(command) == 0
    assert [piece.id for piece in store.load(tmp_path / "c.npz")] == [first[0].id]
    book = archives / "OpenHymnal.abc"
    book.write_text(book.read_text().replace("G4", "A4"), encoding="utf-8")
    assert main(command) == 0
    (changed,) = store.load(tmp_path / "c.npz")
    assert changed.score.notes[-1, 2] == first[0].score.notes[-1, 2] + 2
    assert len(list((tmp_path / "cache" / "parsed").iterdir())) == 1


def test_the_limit_counts_files(archives, tmp_path):
    out = tmp_path / "c.npz"
    only = ["--only", "openscore-lieder", "--limit", "1"]
    assert main(["corpus", "--out", str(out), *only]) == 0
    assert len(store.load(out)) == 1
    assert not (tmp_path / "cache").exists()


def error_of(arguments: list[str], capsys) -> tuple[int, str]:
    code = main(arguments)
    said = capsys.readouterr().err.strip()
    assert "\n" not in said.rpartition("error: ")[2]
    assert "Traceback" not in said
    return code, said


def test_a_cut_archive_is_named_and_nothing_is_written(archives, tmp_path, capsys):
    path = archives / "openscore-lieder.tar.xz"
    path.write_bytes(path.read_bytes()[:-200])
    command = ["corpus", "--out", str(tmp_path / "c.npz"), "--only", "openscore-lieder"]
    code, said = error_of(command, capsys)
    assert code == 2
    assert str(path) in said
    assert not (tmp_path / "c.npz").exists()
    assert not (tmp_path / "cache").exists()


def test_a_missing_archive_is_exit_code_3(archives, tmp_path, capsys):
    (archives / "mutopia-midi.tar.xz").unlink()
    command = ["corpus", "--out", str(tmp_path / "c.npz"), "--only", "mutopia"]
    code, said = error_of(command, capsys)
    assert code == 3
    assert "LULL_CORPUS" in said


@pytest.mark.parametrize(
    "options",
    [["--limit", "0"], ["--draw-split", "--limit", "3"], ["--draw-split", "--only", "mutopia"]],
)
def test_options_that_make_no_sense_are_exit_code_2(options, capsys):
    assert error_of(["corpus", *options], capsys)[0] == 2


def test_an_output_that_cannot_be_written_is_exit_code_2(archives, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    command = ["corpus", "--out", str(tmp_path / "file" / "c.npz"), "--only", "open-hymnal"]
    code, said = error_of(command, capsys)
    assert code == 2
    assert "c.npz" in said


def test_a_drawn_split_is_frozen_and_used(archives, tmp_path, monkeypatch):
    monkeypatch.setattr(split, "FILE", tmp_path / "split.json")
    monkeypatch.setattr(split, "HELD_OUT", 0.6)
    assert main(["corpus", "--out", str(tmp_path / "c.npz"), "--draw-split"]) == 0
    table = json.loads((tmp_path / "split.json").read_text(encoding="utf-8"))
    pieces = store.load(tmp_path / "c.npz")
    for part in ("validation", "test"):
        drawn = {piece.work for piece in pieces if piece.split == part}
        assert drawn <= set(table[part])
    assert any(piece.split == "test" for piece in pieces)
