"""Text to hashed features. Training and the device share this file, so they cannot drift apart.

A sentence becomes *units*: words where letters are spelled with spaces, single characters in
Chinese (no segmenter), single emoji. Case and punctuation do not matter, because speech recognition
gives neither. Units become n-grams, and each n-gram is hashed (CRC-32, stable everywhere) into one
of ``BUCKETS`` rows of the embedding table (feature hashing: Weinberger et al., ICML 2009; character
n-grams inside words: Bojanowski et al., TACL 2017).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise
from typing import Final
from zlib import crc32

from firmware_py.messages.heard import Language

WORD_ROWS: Final = 49_152
HAN_ROWS: Final = 32_768
GRAM_ROWS: Final = 49_152
KNOWN_ROWS: Final = WORD_ROWS + HAN_ROWS
BUCKETS: Final = KNOWN_ROWS + GRAM_ROWS
"""Rows of the table: words first, then one and two Chinese characters, then everything else, each
hashed among its own, so that the many n-grams do not blur the words. Row 0 is padding."""
FEATURES_VERSION: Final = 1
"""Raised whenever a text's features change: a model only works with the version it learned."""

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_UNIT = re.compile(
    rf"(?P<han>[{_HAN}])"
    rf"|(?P<word>(?:(?![{_HAN}])[^\W_])+(?:['\u2019](?:(?![{_HAN}])[^\W_])+)*)"
    r"|(?P<sign>[\u2600-\u27bf\U0001f300-\U0001faff])"
)
_LONG_LETTER = re.compile(r"(.)\1{2,}")
_LONGEST_WORD = 32
"""Letters of one word that are looked at; nothing that a person says is longer."""

_CONTRACTED: Final = (
    "can't don't won't didn't doesn't isn't aren't wasn't weren't haven't hasn't hadn't "
    "couldn't wouldn't shouldn't ain't i'm i've it's that's there's he's she's you're "
    "they're what's let's"
)
_CONTRACTIONS: Final = {word.replace("'", ""): word for word in _CONTRACTED.split()}
_NEGATORS: Final = frozenset(
    (
        "not",
        "no",
        "never",
        "without",
        "hardly",
        "barely",
        "cannot",
        "nothing",
        "nobody",
        "neither",
        "nor",
        "less",
    )
)
_NEGATED_WORDS = 4
_HAN_NEGATORS: Final = frozenset("不没别未无非莫")
_NEGATED_HAN = 5


@dataclass(frozen=True, slots=True)
class Unit:
    """One word, Chinese character or emoji. ``start`` and ``end`` point into the cleaned text."""

    key: str
    """The word without case, long letters and missing apostrophes."""
    order: int
    """Its place among the text's units, from 0."""
    start: int
    end: int
    is_han: bool


def clean(text: str) -> str:
    """Return the text with compatibility forms folded (NFKC) and unprintables made spaces.

    Unprintables are controls, NUL, formatting marks, lone surrogates and unassigned code points.
    """
    folded = unicodedata.normalize("NFKC", "".join(" " if _is_unprintable(c) else c for c in text))
    return "".join(" " if _is_unprintable(c) else c for c in folded)


def split_units(cleaned: str) -> tuple[Unit, ...]:
    """Return the units of a cleaned text, in order."""
    return tuple(
        Unit(
            key=_canonical(match.group()),
            order=order,
            start=match.start(),
            end=match.end(),
            is_han=match.lastgroup == "han",
        )
        for order, match in enumerate(_UNIT.finditer(cleaned))
    )


def guess_language(units: Sequence[Unit]) -> Language:
    """Return ``zh`` when at least as many Chinese characters as other units are written."""
    han = sum(unit.is_han for unit in units)
    return "zh" if han and 2 * han >= len(units) else "en"


def feature_rows(units: Sequence[Unit]) -> list[int]:
    """Return the table rows of a text's features, each in [1, BUCKETS); never empty."""
    rows = [_gram_row("len", min(len(units), 12) // 3)]
    for is_han, group in groupby(units, key=lambda unit: unit.is_han):
        keys = [unit.key for unit in group]
        rows.extend(_han_rows(keys) if is_han else _word_rows(keys))
    return rows


def word_row(word: str) -> int:
    """Return the row of a word (as in ``Unit.key``), in [1, WORD_ROWS)."""
    return 1 + crc32(word.encode()) % (WORD_ROWS - 1)


def han_row(characters: str) -> int:
    """Return the row of one or two Chinese characters, in [WORD_ROWS, WORD_ROWS + HAN_ROWS)."""
    return WORD_ROWS + crc32(characters.encode()) % HAN_ROWS


def _is_unprintable(character: str) -> bool:
    return unicodedata.category(character)[0] == "C"


def _canonical(word: str) -> str:
    key = _LONG_LETTER.sub(r"\1\1", word.lower().replace("\u2019", "'")[:_LONGEST_WORD])
    return _CONTRACTIONS.get(key, key)


def _word_rows(words: list[str]) -> Iterator[int]:
    """Yield words, pairs, pairs with a gap, triples, words after a negation, letters in words."""
    framed = ["<", *words, ">"]
    for word in words:
        yield from _inside_word(word)
    for first, second in pairwise(framed):
        yield _gram_row("w2", first, second)
    for first, second, third in zip(framed, framed[1:], framed[2:], strict=False):
        yield _gram_row("w3", first, second, third)
        yield _gram_row("gap", first, third)
    negated = 0
    for word in words:
        if word in _NEGATORS or word.endswith("n't"):
            negated = _NEGATED_WORDS
        elif negated:
            yield _gram_row("neg", word)
            negated -= 1


@lru_cache(maxsize=1 << 16)
def _inside_word(word: str) -> tuple[int, ...]:
    framed = f"<{word}>"
    pieces = (
        _gram_row("c", framed[at : at + size])
        for size in (3, 4, 5)
        for at in range(len(framed) - size + 1)
    )
    return (word_row(word), *pieces)


def _han_rows(characters: list[str]) -> Iterator[int]:
    """Yield runs of one to four characters, and runs of one or two after a negation."""
    text = "".join(characters)
    framed = f"<{text}>"
    for size in (1, 2, 3, 4):
        for at in range(len(framed) - size + 1):
            run = framed[at : at + size]
            yield han_row(run) if size <= 2 else _gram_row("h", run)
    for first, third in zip(framed, framed[2:], strict=False):
        yield _gram_row("hgap", first, third)
    for at, character in enumerate(text):
        if character in _HAN_NEGATORS:
            scope = text[at + 1 : at + 1 + _NEGATED_HAN]
            for size in (1, 2):
                for inner in range(len(scope) - size + 1):
                    yield _gram_row("hneg", scope[inner : inner + size])


def _gram_row(kind: str, *parts: object) -> int:
    name = "\x1f".join((kind, *map(str, parts)))
    return KNOWN_ROWS + crc32(name.encode()) % GRAM_ROWS
