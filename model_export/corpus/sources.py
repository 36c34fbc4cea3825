"""The archives of the corpus: what they are called, where they are found, what is left out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from firmware_py.messages.errors import MissingError
from model_export.corpus import download
from model_export.corpus.rights import GITHUB, Rights, rights

Format = Literal["musicxml", "kern", "abc", "midi"]

REPOSITORY: Final = Path(__file__).resolve().parents[2]
CACHE: Final = REPOSITORY / ".cache" / "corpus"
"""Git-ignored. Parsed sources, downloads and the finished file."""
SHARED: Final = REPOSITORY.parent / "shared" / "music"
SUFFIXES: Final[dict[Format, str]] = {"musicxml": ".mxl", "kern": ".krn", "midi": ".mid"}


@dataclass(frozen=True, slots=True)
class Source:
    """One collection of scores."""

    name: str
    format: Format
    file: str
    """Name of the archive that we keep: ``.tar.xz``, or ``.abc`` for a book of tunes."""
    sha256: str
    """Of the archive that the shipped model learned from."""
    dated: str
    """Commit time of that archive, as ``git archive`` writes it into every entry (UTC). Empty where
    it bears none. The commits' ids are not in the archives, so ``upstream`` cannot name them."""
    upstream: str
    """Address of the same collection today; empty where upstream has no file that we can read."""
    left_out: tuple[str, ...] = ()
    """Parts of paths whose rights or contents do not fit."""

    @property
    def rights(self) -> Rights:
        """Licence and credit."""
        return next(entry for entry in rights() if entry.source == self.name)


def _github(repository: str) -> str:
    return f"{GITHUB}/{repository}/archive/HEAD.tar.gz"


SOURCES: Final = (
    Source(
        "openscore-lieder",
        "musicxml",
        "openscore-lieder.tar.xz",
        "4c4bd0d38f5e175db2da83911c56eb99b2fc9436a5dd84555fea456a76e29bb7",
        "2026-02-13 08:40:23",
        _github("OpenScore/Lieder"),
    ),
    Source(
        "openscore-quartets",
        "musicxml",
        "openscore-string-quartets.tar.xz",
        "17b7d63e1b9c16d6f875aaf1e5f409befa56448ad520693c408144828a76d3c2",
        "2026-08-10 10:24:24",
        _github("OpenScore/StringQuartets"),
    ),
    Source(
        "open-hymnal",
        "abc",
        "OpenHymnal.abc",
        "1c3915d78ee84e5628c18415d1f582ef7ecf8a86efde0c48f3fde6c93a749062",
        "",
        "https://raw.githubusercontent.com/jclements3/HarpHymnal/HEAD/source/OpenHymnal.abc",
    ),
    Source(
        "chopin-first-editions",
        "kern",
        "chopin-first-editions-kern.tar.xz",
        "291aa226756ef1e32fa2bbd3f0084f273b86394c2c9fff6b2b24bedb3c843412",
        "2023-11-23 01:46:25",
        _github("pl-wnifc/humdrum-chopin-first-editions"),
    ),
    Source(
        "polish-scores",
        "kern",
        "polish-scores-kern.tar.xz",
        "35b87b92bf72e65d8e9a1b4337db4957c675be360c6d732de0ab29f2970810ac",
        "2025-04-03 07:57:54",
        _github("pl-wnifc/humdrum-polish-scores"),
    ),
    # Upstream keeps LilyPond files; the archive holds what LilyPond typeset from the free ones.
    # Fauré's op. 2 no. 2 is left out: its file and its statement of rights do not agree.
    Source(
        "mutopia",
        "midi",
        "mutopia-midi.tar.xz",
        "f9f2d9295a68e9b2dcc8d2618276cc1146adce4d336ad00fb84d1b80e1073a14",
        "",
        "",
        ("FaureG__O2__matelots",),
    ),
)
"""In the order of trust: of near-duplicates the one from the earlier source stays."""


def by_name(name: str) -> Source:
    """Return the source called ``name``. Raises ``KeyError``."""
    return {source.name: source for source in SOURCES}[name]


def locate(source: Source, cache: Path | None = None) -> Path:
    """Path of the source's archive: ``$LULL_CORPUS``, ``../shared/music``, the cache, upstream.

    ``cache``: ``.cache/corpus`` by default; downloads go to its ``archives``. Raises
    ``MissingError`` where it is in none of them and cannot be downloaded.
    """
    archives = (cache or CACHE) / "archives"
    folders = [SHARED, archives]
    if named := os.environ.get("LULL_CORPUS"):
        folders.insert(0, Path(named).expanduser())
    for folder in folders:
        if (path := folder / source.file).is_file():
            return path
    if not source.upstream:
        looked = ", ".join(str(folder) for folder in folders)
        raise MissingError(
            f"{source.file} is not in {looked}, and upstream holds LilyPond sources, not MIDI.",
            fix=f"put {source.file} into a folder named by LULL_CORPUS, or leave the source out"
            " with --only",
        )
    suffix = ".abc" if source.format == "abc" else ".tar.gz"
    target = archives / f"{source.name}{suffix}"
    return target if target.is_file() else download.fetch(source.upstream, target)
