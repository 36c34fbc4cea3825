"""What a score's path and header say about it: group, work, composer, title."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from model_export.corpus.archive import Entry
from model_export.corpus.piece import Group
from model_export.corpus.selection import group_of
from model_export.corpus.sources import Source

SLOW_WORD: Final = re.compile(
    r"\b(adagi|andant|grave|larg|lent|langsam|sosten|tranquil|wolno)", re.IGNORECASE
)
"""At the head of a movement; the roots of Italian, German and Polish tempo words."""


@dataclass(frozen=True, slots=True)
class Description:
    """``work`` is the part of the path that the movements and versions of one work share."""

    group: Group
    work: str
    composer: str
    title: str
    slow_word: bool = False
    born: int = 0
    """Year of the composer's birth, or the first that the source gives; 0 where it gives none."""


def describe(source: Source, entry: Entry) -> Description | None:
    """Return ``None`` for a file of the collection that the corpus leaves out."""
    match source.name:
        case "openscore-lieder":
            return _openscore("song", entry)
        case "openscore-quartets":
            return _openscore("quartet", entry)
        case "open-hymnal":
            born = _year(entry.composer)
            return Description("hymn", entry.path, entry.composer, entry.title, born=born)
        case "mutopia":
            return _mutopia(entry)
        case _:
            return _kern(source, entry)


def _openscore(group: Group, entry: Entry) -> Description:
    """``scores/<composer>/<set>/<song>/<id>``: a set is a work, ``_`` holds single songs."""
    _, composer, *folders, _ = entry.path.split("/")
    work = folders[-1] if folders[0] == "_" else folders[0]
    return Description(
        group, f"{composer}/{work}", composer.replace("_", " "), folders[-1].replace("_", " ")
    )


def _mutopia(entry: Entry) -> Description:
    """``midi_kb_free/<composer>__<opus>__<piece>__<file>``; some have no opus."""
    folder, _, name = entry.path.partition("/")
    fields = name.split("__")
    group: Group = "keyboard" if folder == "midi_kb_free" else "other"
    return Description(group, "/".join(fields[:2]), fields[0], fields[-1].replace("_", " "))


def _kern(source: Source, entry: Entry) -> Description | None:
    """Humdrum's reference records: ``COM`` composer, ``CDT`` dates, ``OTL`` and ``PTL`` titles.

    ``OMD`` is the tempo.

    https://www.humdrum.org/reference-records/
    """
    group = group_of(source.name, entry.path)
    if group is None:
        return None
    text = entry.data.decode("utf-8", errors="replace")
    name = entry.path.rpartition("/")[2]
    tempo_words = re.search(r"^!!!OMD[^:]*:(.*)$", text, re.MULTILINE)
    return Description(
        group,
        _kern_work(source.name, name),
        _record(text, "COM"),
        _record(text, "OTL") or _record(text, "PTL") or name,
        slow_word=bool(tempo_words and SLOW_WORD.search(tempo_words[1])),
        born=_year(_record(text, "CDT")),
    )


def _kern_work(source: str, name: str) -> str:
    if source == "polish-scores":
        # <library>--<shelf mark>--<item>[-<movement>]_<composer>--<title>
        return re.sub(r"--(\d+)-\d+(?=_)", r"--\1", name).partition("_")[0]
    # <opus>[_<number> or "sep"]-<edition>-<publisher>-<number>; some pieces have no opus.
    return re.sub(r"(?<=\d)[a-z]+$", "", re.split(r"[-_]", name)[0])


def _record(text: str, key: str) -> str:
    found = re.search(rf"^!!!{key}(?:@@?\w+)?:[ \t]*(.*?)\s*$", text, re.MULTILINE)
    return found[1] if found else ""


def _year(text: str) -> int:
    found = re.search(r"\b1\d{3}\b", text)
    return int(found[0]) if found else 0
