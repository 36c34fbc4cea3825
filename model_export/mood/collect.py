"""All rows that the mood model is trained and measured on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from firmware_py.messages.heard import LANGUAGES, Language
from firmware_py.mood.features import clean, split_units
from model_export.mood.grammar import Expansion
from model_export.mood.phrase_book import HeldOut, PhraseBook, load_book, load_held_out
from model_export.mood.rows import Row
from model_export.mood.sources import (
    Splits,
    read_brighter,
    read_empathetic,
    read_goemotions,
    spoken,
)


@dataclass(frozen=True, slots=True)
class PublicData:
    """The public data sets by name."""

    empathetic: Splits
    goemotions: Splits
    brighter_en: Splits
    brighter_zh: Splits

    def rows(self, split: str) -> list[Row]:
        """Return a split of all of them."""
        parts = (self.empathetic, self.goemotions, self.brighter_en, self.brighter_zh)
        return [
            row for part in parts for name, rows in part.items() if name == split for row in rows
        ]


_BOOK_SEEDS: Final[dict[Language, int]] = {"en": 1, "zh": 2}


def read_public(folder: Path, seed: int) -> PublicData:
    """Read the data sets from their archives in ``folder``."""
    return PublicData(
        read_empathetic(folder, seed),
        read_goemotions(folder),
        read_brighter(folder, "en"),
        read_brighter(folder, "zh"),
    )


def read_books() -> list[PhraseBook]:
    """Return the phrase books of both languages."""
    return [load_book(language) for language in LANGUAGES]


def read_held_out() -> list[HeldOut]:
    """Return the held-out sentences of both languages."""
    return [item for language in LANGUAGES for item in load_held_out(language)]


def expand(
    books: Sequence[PhraseBook], per_label: int, seed: int, without: Sequence[HeldOut]
) -> list[Row]:
    """Return the books' sentences, less any that equals a held-out one."""
    held_out = {spoken(item.text) for item in without}
    return [
        row
        for book in books
        for row in Expansion(book, seed * 10 + _BOOK_SEEDS[book.language]).rows(per_label)
        if spoken(row.text) not in held_out
    ]


def vocabulary(rows: Sequence[Row]) -> list[str]:
    """Return the words of ``rows``, most frequent first."""
    counts = Counter(
        unit.key for row in rows for unit in split_units(clean(row.text)) if not unit.is_han
    )
    return [word for word, _ in counts.most_common()]
