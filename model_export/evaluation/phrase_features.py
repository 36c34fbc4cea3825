"""What a phrase is like: its bars together, and what passes between them; eyes, part two."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose.vocabulary import CHORD_CLASSES, QUALITIES
from model_export.baselines.excerpt import Excerpt
from model_export.composer.chords import chords_of_bar
from model_export.evaluation.bar_features import Features, bar_features
from model_export.evaluation.excerpts import bottom_line, cut, onsets, top_line

PHRASE_BARS: Final = 8
_SPREAD_OF: Final = (
    "onsets a quarter", "notes an onset, mean", "voices sounding, mean", "pitch, mean",
    "pitch, highest", "pitch, lowest", "length, mean", "roughness", "chord tones, share",
)  # fmt: skip


def phrase_features(excerpt: Excerpt) -> Features:
    """Return the features of a phrase: its bars' means, some of their spreads, and what is between.

    Made for ``PHRASE_BARS`` bars. Shares are 0 to 1; pitches semitones relative to the signature.
    """
    bars = bar_features(excerpt)
    means = {f"bar: {name}": float(np.mean([bar[name] for bar in bars])) for name in bars[0]}
    rows = {name: np.array([bar[name] for bar in bars]) for name in _SPREAD_OF}
    spreads = {f"spread over bars: {name}": float(row.std()) for name, row in rows.items()}
    follows = {f"bar to bar change: {k}": float(np.abs(np.diff(v)).mean()) for k, v in rows.items()}
    return {
        **means,
        **spreads,
        **follows,
        "metre: quarters a bar": excerpt.bar_steps / 24,
        **_likeness(excerpt),
        **_progression(excerpt),
        **_tune(excerpt),
        **_outer_voices(excerpt),
        **_ending(rows, excerpt),
    }


def _bars(excerpt: Excerpt) -> list[Excerpt]:
    return [cut(excerpt.notes, bar, 1, excerpt.bar_steps) for bar in range(excerpt.bars)]


def _likeness(excerpt: Excerpt) -> Features:
    """Measure how much of a bar has been heard before in the phrase: exactly, in rhythm, moved."""
    bars = _bars(excerpt)
    notes = [frozenset(map(tuple, bar.notes[:, 1:].tolist())) for bar in bars]
    rhythm = [frozenset(bar.notes[:, 1].tolist()) for bar in bars]
    shape = [
        frozenset((a, b, c - int(bar.notes[0, 3])) for a, b, c in bar.notes[:, 1:].tolist())
        if len(bar.notes)
        else frozenset[tuple[int, int, int]]()
        for bar in bars
    ]
    features: Features = {}
    for name, sets in (("notes", notes), ("rhythm", rhythm), ("shape", shape)):
        alike = np.array([[_jaccard(a, b) for b in sets] for a in sets])
        for lag in (1, 2, 4):
            features[f"same {name} {lag} bars ago"] = float(np.diagonal(alike, lag).mean())
        earlier = [alike[bar, :bar].max() for bar in range(1, len(bars))]
        features[f"same {name} as any bar before"] = float(np.mean(earlier))
        features[f"bars with the {name} of one before, share"] = float(
            np.mean(np.equal(earlier, 1))
        )
    features["distinct rhythms a bar"] = len(set(rhythm)) / len(bars)
    return features


def _jaccard(one: frozenset[object], other: frozenset[object]) -> float:
    either = len(one | other)
    return len(one & other) / either if either else 1.0


def _progression(excerpt: Excerpt) -> Features:
    """Measure how chords follow each other, by the analysis that labels the corpus."""
    chords: list[int] = []
    for bar in _bars(excerpt):
        start, length, pitch = bar.notes[:, 1], bar.notes[:, 2], bar.notes[:, 3]
        chords += [c for _, c in chords_of_bar(start, start + length, pitch, bar.bar_steps)]
    if len(chords) < 2:
        return dict.fromkeys(_PROGRESSION, 0.0)
    roots = np.array(chords) // len(QUALITIES)
    moves = np.diff(roots) % 12
    changes = np.diff(chords) != 0
    common = [int((CHORD_CLASSES[a] & CHORD_CLASSES[b]).sum()) for a, b in pairwise(chords)]
    values = (
        changes.mean(),
        len(set(chords)) / len(chords),
        np.isin(moves, (5,)).mean(),
        np.isin(moves, (7,)).mean(),
        np.isin(moves, (1, 2, 10, 11)).mean(),
        np.isin(moves, (3, 4, 8, 9)).mean(),
        (moves == 6).mean(),
        np.mean(common),
        _repeats(chords, 2),
        _repeats(chords, 3),
    )
    return dict(zip(_PROGRESSION, map(float, values), strict=True))


_PROGRESSION: Final = (
    "chord changes, share", "distinct chords a chord", "root falls a 5th, share",
    "root rises a 5th, share", "root moves by step, share", "root moves by third, share",
    "root moves by tritone, share", "tones in common", "pairs of chords heard before, share",
    "threes of chords heard before, share",
)  # fmt: skip


def _repeats(tokens: list[int], length: int) -> float:
    """Return the share of the n-grams that stand in the list before."""
    grams = [tuple(tokens[i : i + length]) for i in range(len(tokens) - length + 1)]
    return 1.0 - len(set(grams)) / len(grams) if grams else 0.0


def _tune(excerpt: Excerpt) -> Features:
    """Measure the top line: its compass, its arch, its motives, its leaps and rests."""
    line = top_line(excerpt)
    if len(line) < 4:
        return dict.fromkeys(_TUNE, 0.0)
    at = onsets(Excerpt(line, excerpt.bars, excerpt.bar_steps))
    moves, gaps = np.diff(line[:, 3]), np.diff(at)
    pairs = [(m * 1000 + g) for m, g in zip(moves.tolist(), gaps.tolist(), strict=True)]
    leaps = np.abs(moves[:-1]) > 4
    turned = (moves[1:] * moves[:-1] < 0) & (np.abs(moves[1:]) <= 2)
    counts = np.array(list(Counter(np.abs(moves).tolist()).values())) / len(moves)
    rests = at[1:] - at[:-1] - line[:-1, 2]
    values = (
        line[:, 3].max() - line[:, 3].min(),
        at[line[:, 3].argmax()] / (excerpt.bars * excerpt.bar_steps),
        -(counts * np.log2(counts)).sum(),
        _repeats(pairs, 2),
        _repeats(pairs, 4),
        _repeats(pairs, 8),
        leaps.mean(),
        turned[leaps].mean() if leaps.any() else 0.5,
        np.corrcoef(line[:-1, 3], line[1:, 3])[0, 1] if line[:, 3].std() > 0 else 1.0,
        (rests > 0).mean(),
        moves.sum(),
    )
    return {k: float(np.nan_to_num(v)) for k, v in zip(_TUNE, values, strict=True)}


_TUNE: Final = (
    "tune: compass", "tune: place of its highest note", "tune: interval entropy, bits",
    "tune: 2 moves heard before, share", "tune: 4 moves heard before, share",
    "tune: 8 moves heard before, share", "tune: leaps, share",
    "tune: leaps answered by a step back, share", "tune: likeness of neighbours",
    "tune: rests after a note, share", "tune: last note above the first",
)  # fmt: skip


def _outer_voices(excerpt: Excerpt) -> Features:
    """Measure top and bottom line where both move: contrary, parallel, and parallel perfects."""
    above, below = top_line(excerpt), bottom_line(excerpt)  # of the same onsets
    both = above[:, 3] > below[:, 3]
    top, low = above[both, 3], below[both, 3]
    up, down = np.diff(top), np.diff(low)
    moving = (up != 0) & (down != 0)
    if not moving.any():
        return dict.fromkeys(_OUTER, 0.0)
    apart = (top - low) % 12
    perfect = np.isin(apart[1:], (0, 7)) & (apart[1:] == apart[:-1]) & (up == down)
    values = (
        moving.mean(),
        (up * down < 0)[moving].mean(),
        (up == down)[moving].mean(),
        perfect[moving].mean(),
        np.isin(apart, (3, 4, 8, 9)).mean(),
        np.isin(apart, (1, 2, 6, 10, 11)).mean(),
        (top - low).mean(),
    )
    return dict(zip(_OUTER, map(float, values), strict=True))


_OUTER: Final = (
    "outer voices: both move, share", "outer voices: contrary, share",
    "outer voices: parallel, share", "outer voices: parallel 5ths and octaves, share",
    "outer voices: 3rds and 6ths, share", "outer voices: dissonances, share",
    "outer voices: apart, mean",
)  # fmt: skip


def _ending(rows: dict[str, NDArray[np.float64]], excerpt: Excerpt) -> Features:
    """Measure whether something happens every fourth bar: a breath, a longer note."""
    onset, length = rows["onsets a quarter"], rows["length, mean"]
    fourth = np.arange(excerpt.bars) % 4 == (int(onset.argmin()) % 4)
    rest = fourth.all() or onset.mean() == 0
    return {
        "every 4th bar calmer, share": 0.0
        if rest
        else float((onset[~fourth].mean() - onset[fourth].mean()) / onset.mean()),
        "every 4th bar longer": 0.0
        if rest
        else float(length[fourth].mean() - length[~fourth].mean()),
    }
