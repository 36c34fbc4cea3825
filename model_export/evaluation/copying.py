"""The longest run of music that also stands in the training works, wherever and in any key.

A run is of consecutive tokens without absolute pitch: of the tune (highest note of each onset) its
(interval, duration), of the whole texture (gap since the note before, interval, duration) for all
notes in order. Runs are compared by 64-bit hashes: among 1e5 places asked and 1e7 known the chance
of one false match is below 1e-6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_export.baselines.excerpt import Excerpt
from model_export.evaluation.excerpts import onsets, top_line

Tokens = NDArray[np.uint64]
_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_SHORTEST: Final = 4
"""Every tune shares some run of so few tokens with some other."""


def tune_tokens(excerpt: Excerpt) -> Tokens:
    """Return (m - 1,): of the top line, interval from the note before and duration in steps."""
    line = top_line(excerpt)
    return _packed(np.diff(line[:, 3]), line[1:, 2])


def texture_tokens(excerpt: Excerpt) -> Tokens:
    """Return (n - 1,): of all notes, gap in steps, interval from the note before, duration."""
    gaps = np.diff(onsets(excerpt))
    return _packed(np.diff(excerpt.notes[:, 3]), excerpt.notes[1:, 2], gaps)


def _packed(*columns: NDArray[np.int32]) -> Tokens:
    """Return one number a row; each column is within +-2^19."""
    number = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        number = (number << 20) + column + 2**19
    return number.astype(np.uint64)


def _mixed(tokens: Tokens) -> Tokens:
    """Return well-spread tokens (the finaliser of splitmix64)."""
    x = tokens + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Tokens = x ^ (x >> np.uint64(31))
    return mixed


@dataclass(frozen=True, slots=True)
class _Joined:
    """Many token rows in one, with where each token's own row ends."""

    mixed: Tokens
    ends: NDArray[np.int64]
    """(n,) first position after the row of each token."""
    row: NDArray[np.int64]
    rows: int

    @classmethod
    def of(cls, rows: Sequence[Tokens]) -> _Joined:
        lengths = np.array([len(row) for row in rows], dtype=np.int64)
        tokens = np.concatenate([np.empty(0, dtype=np.uint64), *rows])
        ends, row = np.repeat(np.cumsum(lengths), lengths), np.repeat(np.arange(len(rows)), lengths)
        return cls(_mixed(tokens), ends, row, len(rows))


def longest_runs(
    excerpts: Iterable[Excerpt],
    corpus: Iterable[Excerpt],
    tokens_of: Callable[[Excerpt], Tokens],
) -> NDArray[np.int64]:
    """Return the tokens of the longest run of each excerpt that the corpus holds too; 0: below 4.

    Runs grow by one token at a time on both sides, and only those that still match somewhere are
    kept: all places at first, few soon. Millions of corpus tokens take seconds and some hundred
    megabytes.
    """
    asked = _Joined.of([tokens_of(excerpt) for excerpt in excerpts])
    known = _Joined.of([tokens_of(excerpt) for excerpt in corpus])
    longest = np.zeros(asked.rows, dtype=np.int64)
    mine, theirs = _Runs.shortest(asked), _Runs.shortest(known)
    while len(mine.starts) and len(theirs.starts):
        theirs = theirs.also_in(mine)  # the many in the few first
        mine = mine.also_in(theirs)
        longest[asked.row[mine.starts]] = mine.length
        mine, theirs = mine.longer(asked), theirs.longer(known)
    return longest


@dataclass(frozen=True, slots=True)
class _Runs:
    """Runs of one length: where they start, and the hash of each."""

    starts: NDArray[np.int64]
    hashes: Tokens
    length: int

    @classmethod
    def shortest(cls, joined: _Joined) -> _Runs:
        runs = cls(np.arange(len(joined.mixed)), np.zeros(len(joined.mixed), dtype=np.uint64), 0)
        for _ in range(_SHORTEST):
            runs = runs.longer(joined)
        return runs

    def longer(self, joined: _Joined) -> _Runs:
        """Return those that can have one token more, with it."""
        fits = self.starts + self.length < joined.ends[self.starts]
        starts = self.starts[fits]
        hashes = self.hashes[fits] * _BASE + joined.mixed[starts + self.length]
        return _Runs(starts, hashes, self.length + 1)

    def also_in(self, other: _Runs) -> _Runs:
        """Return those whose hash some run of the other has too."""
        values = np.unique(other.hashes)
        if len(values) == 0:
            return _Runs(self.starts[:0], self.hashes[:0], self.length)
        at = np.searchsorted(values, self.hashes)
        found = values[np.minimum(at, len(values) - 1)] == self.hashes
        return _Runs(self.starts[found], self.hashes[found], self.length)


@dataclass(frozen=True, slots=True)
class Copying:
    """Longest shared runs, in tokens (notes less one), of excerpts of equally many bars."""

    generated: float
    """95th percentile over the generated excerpts."""
    real: float
    """95th percentile over real excerpts of works never trained on."""
    generated_longest: int
    real_longest: int
    above: float
    """Share of the generated excerpts beyond ``real``; 0.05 or less is no more than works share."""


def copying(
    generated: Sequence[Excerpt], real: Sequence[Excerpt], corpus: Sequence[Excerpt]
) -> dict[str, Copying]:
    """Return what generated and real excerpts share with the training works: tune, whole texture.

    Longer excerpts share longer runs: give both in excerpts of the same number of bars.
    """
    found = {}
    for name, tokens_of in (("tune", tune_tokens), ("texture", texture_tokens)):
        runs = longest_runs([*generated, *real], corpus, tokens_of)
        mine, theirs = runs[: len(generated)], runs[len(generated) :]
        reference = float(np.quantile(theirs, 0.95))
        found[name] = Copying(
            float(np.quantile(mine, 0.95)),
            reference,
            int(mine.max()),
            int(theirs.max()),
            float((mine > reference).mean()),
        )
    return found
