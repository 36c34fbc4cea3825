"""Near-duplicates, whatever their key and note values.

The fingerprint of a piece is the set of 16-grams of its top line: intervals in semitones with the
ratios of successive durations, so that a transposed copy, or one in halved values, has the same.
Two pieces that share more than half of the smaller set are the same music.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_export.corpus.piece import Score

GRAM: Final = 16
SHARE: Final = 0.5
COMMON: Final = 60
"""A gram in more pieces than this is a formula (a repeated note, a scale), not a quotation."""
FEWEST: Final = 4
"""Grams that two pieces must share at least: less is chance in short pieces."""


def fingerprint(score: Score) -> NDArray[np.uint64]:
    """Return sorted hashes of the grams; empty for a top line of fewer than 18 onsets."""
    onsets, first = np.unique(score.notes[:, 0], return_index=True)
    pitches = score.notes[first, 2].astype(np.int64)
    if len(onsets) < GRAM + 2:
        return np.zeros(0, dtype=np.uint64)
    intervals = np.diff(pitches)[1:]
    spans = np.log2(np.diff(onsets).astype(np.float64))
    ratios = np.rint(np.diff(spans) * 2).astype(np.int64)
    tokens = ((intervals + 128) * 64 + (ratios + 32)).astype(np.uint64)
    windows = np.lib.stride_tricks.sliding_window_view(tokens, GRAM)
    melodic = np.lib.stride_tricks.sliding_window_view(intervals, GRAM).any(axis=1)
    return np.unique(_hashed(windows[melodic]))


def _hashed(windows: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Polynomial of odd multipliers modulo 2^64, then mixed as in SplitMix64."""
    weights = np.random.default_rng(16).integers(1, 2**63, GRAM, dtype=np.uint64) | np.uint64(1)
    mixed = _mixed(windows)
    return _mixed((mixed * weights).sum(axis=1, dtype=np.uint64))


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def similar_pairs(prints: Sequence[NDArray[np.uint64]]) -> list[tuple[int, int]]:
    """Pairs (i < j) of pieces that are the same music."""
    sizes = np.array([len(one) for one in prints], dtype=np.int64)
    if not sizes.sum():
        return []
    grams = np.concatenate(prints)
    owners = np.repeat(np.arange(len(prints), dtype=np.int64), sizes)
    order = np.lexsort((owners, grams))
    pairs, counts = np.unique(
        _meetings(grams[order], owners[order], len(prints)), return_counts=True
    )
    left, right = pairs // len(prints), pairs % len(prints)
    enough = (counts > SHARE * np.minimum(sizes[left], sizes[right])) & (counts >= FEWEST)
    return list(zip(left[enough].tolist(), right[enough].tolist(), strict=True))


def _meetings(
    grams: NDArray[np.uint64], owners: NDArray[np.int64], pieces: int
) -> NDArray[np.int64]:
    """One entry ``left * pieces + right`` for each gram that two pieces have."""
    _, counts = np.unique(grams, return_counts=True)
    rare = np.repeat(counts <= COMMON, counts)
    grams, owners = grams[rare], owners[rare]
    found = [np.zeros(0, dtype=np.int64)]
    for gap in range(1, COMMON):
        same = grams[gap:] == grams[:-gap]
        if not same.any():
            break
        found.append(owners[:-gap][same] * pieces + owners[gap:][same])
    return np.concatenate(found)


def removable(pairs: Iterable[tuple[int, int]], preference: Sequence[int]) -> set[int]:
    """Pieces whose music is in a kept piece too.

    ``preference``: the pieces' numbers, the ones to keep first.
    """
    same: dict[int, set[int]] = {}
    for left, right in pairs:
        same.setdefault(left, set()).add(right)
        same.setdefault(right, set()).add(left)
    kept: set[int] = set()
    for piece in preference:
        if not same.get(piece, set()) & kept:
            kept.add(piece)
    return set(preference) - kept


def clusters(labels: Sequence[str], pairs: Iterable[tuple[int, int]]) -> list[str]:
    """Join what has the same label or is paired; each cluster is called by its first label."""
    parent = {label: label for label in labels}

    def root(label: str) -> str:
        while parent[label] != label:
            parent[label] = parent[parent[label]]
            label = parent[label]
        return label

    for left, right in pairs:
        first, second = sorted((root(labels[left]), root(labels[right])))
        parent[second] = first
    return [root(label) for label in labels]
