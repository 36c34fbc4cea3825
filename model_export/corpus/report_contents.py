"""Of the report: what the music is like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_export.corpus import keys as key_of
from model_export.corpus.markdown import table
from model_export.corpus.measure import measure
from model_export.corpus.piece import GRID, Piece
from model_export.corpus.sources import SOURCES

KEYBOARD: Final = (21, 108)
COMMONEST: Final = 12
"""Rows of the tables that have no natural end."""


def by_source(pieces: Sequence[Piece]) -> list[tuple[str, list[Piece]]]:
    """Group the pieces by source in the order of trust, then all together."""
    named = [(s.name, [p for p in pieces if p.source == s.name]) for s in SOURCES]
    return [*((name, own) for name, own in named if own), ("all", list(pieces))]


def grid(pieces: Sequence[Piece]) -> str:
    """Return what the grid of 24 rounds, and what coarser grids and vocabularies would hold."""
    rows = [[name, *exactness(own)] for name, own in by_source(pieces)]
    head = ["source", "onsets exactly on the grid", "durations exactly on the grid"]
    shares = [[name, f"{share:.2%}"] for name, share in coverage(pieces).items()]
    return (
        f"## Grid\n\nOf the notes as written, before rounding:\n\n{table(head, rows)}\n"
        f"After rounding:\n\n{table(['coverage', 'share'], shares)}"
    )


def exactness(pieces: Sequence[Piece]) -> tuple[str, str]:
    """Return the shares of onsets and durations that rounding did not change."""
    counted = [piece.score.rounded for piece in pieces if piece.score.rounded is not None]
    notes = sum(one.notes for one in counted)
    if not notes:
        return "not counted", "not counted"
    onsets = 1 - sum(one.onsets for one in counted) / notes
    return f"{onsets:.2%}", f"{1 - sum(one.durations for one in counted) / notes:.2%}"


def coverage(pieces: Sequence[Piece]) -> dict[str, float]:
    """Shares that a grid or a vocabulary of some size can hold."""
    notes = np.concatenate([piece.score.notes for piece in pieces])
    into_quarter = notes[:, 0] % GRID
    bars = Counter(tuple(bar) for piece in pieces for bar in piece.score.bars[:, 1:].tolist())
    attacks = np.concatenate([_attacks(piece) for piece in pieces])
    return {
        "onsets on 16ths": float((into_quarter % 6 == 0).mean()),
        "onsets on 16ths or triplet eighths": float(
            ((into_quarter % 6 == 0) | (into_quarter % 8 == 0)).mean()
        ),
        "onsets on a grid of 12": float((into_quarter % 2 == 0).mean()),
        "notes of the 32 commonest durations": _commonest(notes[:, 1], 32),
        "notes of the 48 commonest durations": _commonest(notes[:, 1], 48),
        "pitches of the piano": float(
            ((notes[:, 2] >= KEYBOARD[0]) & (notes[:, 2] <= KEYBOARD[1])).mean()
        ),
        "onsets with at most 8 attacks": float((attacks <= 8).mean()),
        "bars of the 24 commonest metres": sum(n for _, n in bars.most_common(24)) / bars.total(),
    }


def _attacks(piece: Piece) -> NDArray[np.int64]:
    return np.unique(piece.score.notes[:, 0], return_counts=True)[1]


def _commonest(values: NDArray[np.int32], size: int) -> float:
    counts = np.sort(np.unique(values, return_counts=True)[1])[::-1]
    return float(counts[:size].sum() / counts.sum())


def textures(pieces: Sequence[Piece]) -> str:
    """Return the groups that the composer is told, with how calm and how dense they are."""
    rows = []
    for group in sorted({piece.group for piece in pieces}):
        own = [piece for piece in pieces if piece.group == group]
        density = float(np.median([measure(piece.score).density for piece in own]))
        parts = float(np.median([piece.score.notes[:, 3].max() + 1 for piece in own]))
        notes = sum(len(piece.score.notes) for piece in own)
        calm = sum(piece.slow for piece in own) / len(own)
        rows.append([group, len(own), notes, f"{parts:.0f}", f"{calm:.0%}", f"{density:.2f}"])
    head = ["texture", "pieces", "notes", "parts, median", "calm", "onsets a second, median"]
    return (
        f"## Textures\n\n{table(head, rows)}\n"
        "Calm by measure: at most 3 onsets a second, or at most 90 quarters a minute with at most"
        " 4.5 onsets, or a slow tempo word.\n"
    )


def metres(pieces: Sequence[Piece]) -> str:
    """Return bars and pieces of each time signature, and how many pieces have a pickup."""
    bars = Counter(_name(bar) for piece in pieces for bar in piece.score.bars[:, 1:])
    first = Counter(_name(piece.score.bars[0, 1:]) for piece in pieces)
    shown = [name for name, _ in bars.most_common(COMMONEST)]
    rows: list[list[object]] = [
        [name, bars[name], f"{bars[name] / bars.total():.1%}", first[name]] for name in shown
    ]
    rest = bars.total() - sum(bars[name] for name in shown)
    left = len(pieces) - sum(first[name] for name in shown)
    rows.append([f"{len(bars) - len(shown)} others", rest, f"{rest / bars.total():.1%}", left])
    changes = sum(len(np.unique(piece.score.bars[:, 1:], axis=0)) > 1 for piece in pieces)
    pickups = sum(has_pickup(piece) for piece in pieces)
    return (
        f"## Metres\n\n{table(['metre', 'bars', 'share', 'pieces that begin in it'], rows)}\n"
        f"{pickups / len(pieces):.0%} of the pieces have a pickup, {changes / len(pieces):.0%} more"
        " than one metre.\n"
    )


def _name(bar: NDArray[np.int32]) -> str:
    return f"{bar[0]}/{bar[1]}"


def has_pickup(piece: Piece) -> bool:
    """Whether the first of several bars is shorter than its time signature says."""
    bars = piece.score.bars
    return len(bars) > 1 and bool(bars[1, 0] - bars[0, 0] < bars[0, 1] * 4 * GRID // bars[0, 2])


def keys(pieces: Sequence[Piece]) -> str:
    """Return first signatures, and major or minor by the notes."""
    modes = [key_of.mode(piece.score) for piece in pieces]
    counts = Counter(
        (int(key_of.fifths_at(piece.score, piece.score.notes[:1, 0])[0]), mode)
        for piece, mode in zip(pieces, modes, strict=True)
    )
    names: tuple[key_of.Mode, ...] = ("major", "minor", "unclear")
    rows: list[list[object]] = [
        [f"{fifths:+d}" if fifths else "0", *(counts[fifths, mode] for mode in names)]
        for fifths in sorted({fifths for fifths, _ in counts})
    ]
    rows.append(["all", *(modes.count(mode) for mode in names)])
    said = [
        (mode, piece.score.keys[0, 2])
        for piece, mode in zip(pieces, modes, strict=True)
        if len(piece.score.keys) == 1 and piece.score.keys[0, 2] >= 0 and mode != "unclear"
    ]
    agree = sum((mode == "minor") == bool(minor) for mode, minor in said)
    check = f"{agree / len(said):.0%} of {len(said):,}" if said else "none of 0"
    return (
        f"## Keys\n\n{table(['sharps (+) or flats (-) at first', *names], rows)}\n"
        "Major and minor by the measure that the composer is steered by (`mode_of` in"
        " `firmware_py/compose/controls.py`, over the whole piece, relative to the signatures in"
        f" force; unclear: nearer to 0 than {key_of.CLEAR}). Of the pieces with one signature that"
        f" also name the mode, the measure agrees in {check}.\n"
    )


def tempos(pieces: Sequence[Piece]) -> str:
    """Return how many pieces name a tempo with a number, and quartiles of those."""
    rows = []
    for name, own in by_source(pieces):
        named = [measure(piece.score).tempo for piece in own if len(piece.score.tempos)]
        quartiles = [f"{q:.0f}" for q in np.percentile(named, [25, 50, 75])] if named else ["-"] * 3
        rows.append([name, f"{len(named) / len(own):.0%}", *quartiles])
    head = ["source", "pieces with a tempo", "quarters a minute: 25%", "50%", "75%"]
    return (
        f"## Tempos\n\n{table(head, rows)}\n"
        "Where a score names none, 120 is assumed for hours and onsets a second. Mutopia's MIDI"
        " always bears a tempo; where the score has none it is LilyPond's own.\n"
    )


def lengths(pieces: Sequence[Piece]) -> str:
    """Return quantiles of bars and notes a piece."""
    rows = [
        [name, *_quantiles(own, lambda p: len(p.score.bars)), *_quantiles(own, _notes)]
        for name, own in by_source(pieces)
    ]
    head = ["source", "bars: 5%", "50%", "95%", "notes: 5%", "50%", "95%"]
    return f"## Lengths\n\n{table(head, rows)}"


def _notes(piece: Piece) -> int:
    return len(piece.score.notes)


def _quantiles(pieces: Sequence[Piece], of: Callable[[Piece], int]) -> list[object]:
    found = np.percentile([of(piece) for piece in pieces], [5, 50, 95])
    return [round(float(value)) for value in found]


def composers(pieces: Sequence[Piece]) -> str:
    """Return the commonest composers, and when they were born as far as the files say."""
    names = Counter(piece.composer or "not named" for piece in pieces)
    shown = [[name, number] for name, number in names.most_common(COMMONEST)]
    years = Counter(piece.born // 50 * 50 for piece in pieces if piece.born)
    born = [[f"{year} to {year + 49}", years[year]] for year in sorted(years)]
    return (
        f"## Composers\n\n{len(names):,} names; spellings differ between sources and are not"
        f" joined.\n\n{table(['composer', 'pieces'], shown)}\n"
        f"Born, where the file says so ({years.total():,} pieces: the hymns and the Humdrum files"
        " name years, the others do not):\n\n" + table(["born", "pieces"], born)
    )
