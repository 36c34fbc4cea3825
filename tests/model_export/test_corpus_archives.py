import io
import tarfile

import pytest

from firmware_py.messages.errors import MissingError, UserError
from model_export.corpus import sources
from model_export.corpus.archive import entries
from model_export.corpus.catalogue import describe
from model_export.corpus.rights import rights
from model_export.corpus.selection import group_of
from model_export.corpus.sources import SHARED, SOURCES, by_name, locate


def tar(path, files, mode="w:xz"):
    with tarfile.open(path, mode) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def test_members_come_without_extension_and_what_is_left_out_stays_out(tmp_path):
    path = tar(
        tmp_path / "mutopia-midi.tar.xz",
        {
            "midi_kb_free/BachJS__BWV846__a__b.mid": b"1",
            "midi_kb_free/FaureG__O2__matelots__matelots.mid": b"2",
            "README.rst": b"3",
        },
    )
    (entry,) = entries(by_name("mutopia"), path)
    assert (entry.path, entry.data) == ("midi_kb_free/BachJS__BWV846__a__b", b"1")


def test_the_top_folder_of_an_upstream_archive_is_dropped(tmp_path):
    path = tar(tmp_path / "x.tar.gz", {"Lieder-HEAD/scores/A/_/S/lc1.mxl": b"1"}, "w:gz")
    (entry,) = entries(by_name("openscore-lieder"), path)
    assert entry.path == "scores/A/_/S/lc1"


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.9])
@pytest.mark.parametrize(("suffix", "mode"), [("tar.xz", "w:xz"), ("tar.gz", "w:gz")])
def test_an_archive_that_is_cut_is_a_user_error(tmp_path, kept, suffix, mode):
    data = bytes(n * n * 7919 % 251 for n in range(60000))
    path = tar(tmp_path / f"x.{suffix}", {"scores/A/_/S/lc1.mxl": data}, mode)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    with pytest.raises(UserError, match="damaged or cut"):
        list(entries(by_name("openscore-lieder"), path))


def test_a_book_that_is_no_text_is_a_user_error(tmp_path):
    (tmp_path / "OpenHymnal.abc").write_bytes(b"X: 1\n\xff\xfe\xfd")
    with pytest.raises(UserError, match="damaged"):
        list(entries(by_name("open-hymnal"), tmp_path / "OpenHymnal.abc"))


def test_the_named_folder_comes_first(tmp_path, monkeypatch):
    monkeypatch.setenv("LULL_CORPUS", str(tmp_path))
    (tmp_path / "OpenHymnal.abc").write_text("X: 1\n")
    assert locate(by_name("open-hymnal")) == tmp_path / "OpenHymnal.abc"


def test_an_archive_that_is_nowhere_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "SHARED", tmp_path / "no")
    monkeypatch.setattr(sources, "CACHE", tmp_path / "cache")
    monkeypatch.delenv("LULL_CORPUS", raising=False)
    with pytest.raises(MissingError, match="LULL_CORPUS") as caught:
        locate(by_name("mutopia"))
    assert caught.value.exit_code == 3


def test_every_source_has_rights_and_upstream_is_https():
    assert [entry.source for entry in rights()] == [source.name for source in SOURCES]
    for source in SOURCES:
        assert source.rights.licence
        assert source.upstream.startswith("https://") or source.name == "mutopia"


def test_licences_that_ask_for_credit_get_it():
    for entry in rights():
        assert bool(entry.credit) == ("CC BY" in entry.licence)


def entry(name, path, text=""):
    from model_export.corpus.archive import Entry

    described = describe(by_name(name), Entry(path, text.encode(), "Title", "Composer"))
    assert described is not None
    return described


def test_songs_of_a_set_are_one_work_and_single_songs_are_not():
    cycle = "scores/Schumann,_Robert/Dichterliebe,_Op.48/1_Im_Mai/lc1"
    single = "scores/Duchambge,_Pauline/_/Le_matelot/lc2"
    assert entry("openscore-lieder", cycle).work == "Schumann,_Robert/Dichterliebe,_Op.48"
    assert entry("openscore-lieder", single).work == "Duchambge,_Pauline/Le_matelot"
    assert entry("openscore-lieder", single).composer == "Duchambge, Pauline"


def test_movements_of_a_manuscript_are_one_work():
    from model_export.corpus.catalogue import _kern_work

    path = "pl-cz--ii-87--001-{}_zientarski-romuald--msza-{}"
    works = {
        _kern_work("polish-scores", path.format(n, t)) for n, t in (("004", "a"), ("010", "b"))
    }
    assert works == {"pl-cz--ii-87--001"}
    single = "pl-sa--552-a-ix-32--034_anonim--mazur"
    assert _kern_work("polish-scores", single) == "pl-sa--552-a-ix-32--034"
    chopin = {
        _kern_work("chopin-first-editions", n) for n in ("028_1-12-1a-C-001", "028_13-24-1a-C-22")
    }
    assert chopin == {"028"}
    assert _kern_work("chopin-first-editions", "072sep-1e-Sam-001-ecossaise") == "072"


def test_a_kern_file_that_is_not_selected_is_left_out():
    from model_export.corpus.archive import Entry

    assert describe(by_name("polish-scores"), Entry("x/kern/unknown", b"**kern")) is None
    assert group_of("chopin-first-editions", "kern/028_1-12-1a-C-009") == "piano"


needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the archives are not beside this checkout (../shared/music)"
)


@needs_shared
@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_the_first_files_of_each_archive_can_be_read(source):
    from itertools import islice

    from model_export.corpus.piece import Piece
    from model_export.corpus.reading import read_entry

    for one in islice(entries(source, locate(source)), 3):
        found = read_entry(source, one)
        assert isinstance(found, Piece), found
        assert found.title
        assert found.composer
        onsets = found.score.notes[:, 0]
        assert (onsets[1:] >= onsets[:-1]).all()
        assert found.score.bars[0, 0] == 0
