import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from firmware_py.messages.errors import UserError
from model_export.corpus import credit, report, sources, store
from model_export.corpus.archive import entries
from model_export.corpus.assemble import score_of
from model_export.corpus.piece import Piece, Rounding
from model_export.corpus.rights import credits_table
from model_export.corpus.sources import SOURCES

ROOT = Path(__file__).parents[2]
SHARED = sources.SHARED / "mutopia-midi.tar.xz"
MAJOR = [0, 4, 7, 12, 7, 4, 2, 0]


def piece(name: str, split: str = "train", *, tonic: int = 60) -> Piece:
    notes = [(24 * n, 24, tonic + step, 0) for n, step in enumerate(MAJOR)]
    return Piece(
        id=f"mutopia/midi_kb_free/{name}",
        source="mutopia",
        group="keyboard",
        work=f"mutopia/{name}",
        split=split,
        licence="Public domain or CC BY (stated for each score)",
        composer="A",
        title="B",
        slow=True,
        score=score_of(notes, [(0, 4, 4), (96, 3, 4)], [(0, 0, 0)], [(0, 90.0)]),
    )


NOTES = {"failures": {"mutopia": [["a", "line 3: no notes"], ["b", "line 9: no notes"]]}}
NOTES_OF_OLD = {**NOTES, "removed": ["mutopia/x"]}
SAMPLE = [
    piece("BrownCJ__toccatina__toccatina"),
    piece("CouperinF__ArtDeToucherLeClavecin__prelude1"),
    piece("CouperinF__ArtDeToucherLeClavecin__prelude2"),
    piece("BachJS__BWV846__wtk1-prelude1__wtk1-prelude1"),
    piece("LisztF__S.172__liszt-consolation-no1__liszt-consolation-no1", "test"),
]


def test_the_credits_are_those_of_the_training_part():
    page = credit.page(SAMPLE)
    site = "https://www.mutopiaproject.org/ftp"
    clavecin = "CouperinF/ArtDeToucherLeClavecin"
    assert [line for line in page.splitlines() if line.startswith("| [")] == [
        f"| [BrownCJ/toccatina]({site}/BrownCJ/toccatina/) | CC BY 3.0 | Silas Brown |",
        f"| [{clavecin}]({site}/{clavecin}/) | CC BY 2.5 | Nicolas Sceaux |",
    ]
    assert "The other 1 pieces" in page


@pytest.mark.parametrize(("licence", "typesetter"), [("CC BY-SA 4.0", "A"), ("CC BY 4.0", "")])
def test_a_licence_that_asks_for_more_or_no_name_is_refused(monkeypatch, licence, typesetter):
    wrong = credit.Credit("BrownCJ/toccatina", licence, typesetter)
    monkeypatch.setattr(credit, "credits_by_folder", lambda: {wrong.folder: wrong})
    with pytest.raises(UserError, match="BrownCJ/toccatina"):
        credit.page(SAMPLE)


def test_every_known_cc_by_score_names_its_typesetter():
    table = credit.credits_by_folder()
    assert list(table) == sorted(table)
    assert len(table) > 150
    for one in table.values():
        assert one.licence in credit.DEEDS
        assert one.typesetter.strip()
        assert re.fullmatch(r"[^/]+(/[^/]+){1,2}", one.folder)


def test_the_page_in_the_repository_names_all_that_the_table_knows_of_the_training_part():
    page = (ROOT / "docs" / credit.PAGE).read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| \[([^]]+)\]\(\S+\) \| (CC BY [234]\.\d) \|", page, re.MULTILINE))
    assert (
        listed.items() <= {f: one.licence for f, one in credit.credits_by_folder().items()}.items()
    )
    assert len(listed) > 150


SHARE_ALIKE = [
    "AguadoD/",
    "RachmaninoffS/",
    "BlakeB/",
    "BachJS/BWV817/",
    "BachJS/BWV828/",
    "BachJS/BWV988/",
    "BachJS/BWV971/",
    "CarcassiM/O26/",
    "ClementiM/O42/",
    "FaureG/O50/",
    "GiulianiM/O59/",
    "GiulianiM/O100/",
    "MonteverdiC/SV268/",
    "MozartWA/KV447/MozartHornConcerto3/",
    "SatieE/gnossienne_1/",
    "SorF/O45/",
    "SorF/O6/",
]
"""Folders that Mutopia gives under CC BY-SA alone, by its catalogue."""


@pytest.mark.skipif(not SHARED.is_file(), reason="the shared scores are not here")
def test_no_share_alike_score_is_in_the_archive():
    (source,) = (source for source in SOURCES if source.name == "mutopia")
    paths = [entry.path for entry in entries(source, SHARED)]
    folders = {"/".join(path.rpartition("/")[2].split("__")) for path in paths}
    assert {path.partition("/")[0] for path in paths} == {"midi_kb_free", "midi_other_free"}
    assert [f for f in folders if f.startswith(tuple(SHARE_ALIKE))] == []
    known = credit.credits_by_folder()
    assert {f for f in known if not any(path.startswith(f + "/") for path in folders)} == set()


def test_the_credits_of_the_repository_hold_the_table_of_rights():
    assert credits_table() in (ROOT / "CREDITS.md").read_text(encoding="utf-8")


def test_the_report_counts_what_is_in_the_file(tmp_path):
    score = replace(SAMPLE[0].score, rounded=Rounding(notes=8, onsets=2, durations=4))
    pieces = [replace(one, score=score, born=1685) for one in SAMPLE]
    store.save(tmp_path / "c.npz", pieces, {**NOTES_OF_OLD, "archives": {}})
    paths = report.write(tmp_path / "c.npz", tmp_path / "docs")
    text = paths[0].read_text(encoding="utf-8")
    title = "[The Mutopia Project (its public domain and CC BY scores)]"
    assert f"| {title}" in text
    assert "| midi | 5 | 10 | 40 |" in text
    assert "| mutopia | no notes | 2 |" in text
    assert "| mutopia | 1 | 16.7% |" in text
    assert "| mutopia | 4 / 4 / 32 | 0 / 0 / 0 | 1 / 1 / 8 |" in text
    assert "| mutopia | 75.00% | 50.00% |" in text
    assert "| 0 | 5 | 0 | 0 |" in text
    assert "the measure agrees in 100% of 5" in text
    assert "| 1650 to 1699 | 5 |" in text
    assert [path.name for path in paths[1:]] == [
        "credits-mutopia.md",
        "corpus-sources.png",
        "corpus-time.png",
        "corpus-pitch.png",
    ]
    again = [path.read_bytes() for path in paths]
    assert [
        path.read_bytes() for path in report.write(tmp_path / "c.npz", tmp_path / "docs")
    ] == again


def test_a_corpus_of_before_these_counts_can_be_reported(tmp_path):
    store.save(tmp_path / "c.npz", SAMPLE, NOTES_OF_OLD)
    with np.load(tmp_path / "c.npz") as file:
        old = {name: file[name] for name in file.files if name != "rounded"}
    np.savez(tmp_path / "c.npz", **old)
    text = report.write(tmp_path / "c.npz", tmp_path / "docs")[0].read_text(encoding="utf-8")
    assert "not counted" in text


def test_the_pictures_of_the_repository_are_small():
    sizes = [path.stat().st_size for path in (ROOT / "docs" / "img").glob("corpus-*.png")]
    assert len(sizes) == 3
    assert sum(sizes) < 300_000
