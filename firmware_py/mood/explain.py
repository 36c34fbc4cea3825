"""Which words decided: deletion (occlusion), one phrase after the other.

The phrase whose deletion takes most from the label's log-odds is named first; it is deleted and the
rest is searched again, so that of two words that say the same both are found. What is named
is therefore faithful by construction: without it the model is less sure of the label.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from firmware_py.messages.mood import MOOD_LABELS, Because, MoodLabel
from firmware_py.mood.features import Unit
from firmware_py.mood.function_words import FUNCTION, JOINING
from firmware_py.mood.model_file import MoodModel

MOST_PHRASES: Final = 4
LEAST_DROP: Final = 0.35
"""Log-odds that a phrase must carry to be named (0.35: odds fall by 30%)."""
WINDOW: Final = 40
"""Units that are searched; in a longer text, the stretch that says the label most clearly."""

_WORD_SPANS: Final = {1: 1.0, 2: 0.9, 3: 0.75}
_HAN_SPANS: Final = {1: 0.7, 2: 1.0, 3: 0.95, 4: 0.85}
"""Length of a phrase in units: how much its length is liked. Short phrases name the reason."""

_HAN_GAP = re.compile(r"(?<=[^\x00-\u2fff])\s+(?=[^\x00-\u2fff])")

Span = tuple[int, int]


def because(
    model: MoodModel, cleaned: str, units: Sequence[Unit], label: MoodLabel
) -> tuple[Because, ...]:
    """Return the phrases that carry ``label``, strongest first, in the person's own words.

    Weights sum to 1: shares of the log-odds that the deletions take, where a later phrase counts at
    most as much as the one before. Empty when no phrase matters.
    """
    index = MOOD_LABELS.index(label)
    rest = list(_clearest_stretch(model, units, index))
    found: list[tuple[tuple[Unit, ...], float]] = []
    while len(found) < MOST_PHRASES and rest:
        spans = _spans(rest)
        if not spans:
            break
        texts = [rest, *(rest[: span[0]] + rest[span[1] :] for span in spans)]
        odds = _log_odds(model.scores(texts).mood[:, index])
        drops = odds[0] - odds[1:]
        liked = drops * np.array([_liking(rest, span) for span in spans])
        best = int(np.argmax(liked))
        if drops[best] < LEAST_DROP:
            break
        start, end = spans[best]
        before = found[-1][1] if found else float(drops[best])
        found.append((tuple(rest[start:end]), min(before, float(drops[best]))))
        rest = rest[:start] + rest[end:]
    return _shares((_words(cleaned, part), drop) for part, drop in found)


def _shares(found: Iterable[tuple[str, float]]) -> tuple[Because, ...]:
    """Return phrases with their share of the whole, greatest first; repeated ones once."""
    drops: dict[str, float] = {}
    for text, drop in found:
        drops[text] = drops.get(text, 0.0) + drop
    total = sum(drops.values())
    ordered = sorted(drops.items(), key=lambda pair: -pair[1])
    return tuple(Because(text, round(drop / total, 3)) for text, drop in ordered)


def _clearest_stretch(model: MoodModel, units: Sequence[Unit], index: int) -> Sequence[Unit]:
    if len(units) <= WINDOW:
        return units
    starts = range(0, len(units) - WINDOW // 2, WINDOW // 2)
    stretches = [units[start : start + WINDOW] for start in starts]
    return stretches[int(np.argmax(model.scores(stretches).mood[:, index]))]


def _spans(units: Sequence[Unit]) -> list[Span]:
    """Return phrases of neighbours of one script that stand together in what was said."""
    spans: list[Span] = []
    for start, first in enumerate(units):
        for length in _HAN_SPANS if first.is_han else _WORD_SPANS:
            part = units[start : start + length]
            if len(part) == length and _is_phrase(part):
                spans.append((start, start + length))
    return spans


def _is_phrase(part: Sequence[Unit]) -> bool:
    is_empty = all(unit.key in FUNCTION for unit in part)
    if is_empty or part[0].key in JOINING or part[-1].key in JOINING:
        return False
    return all(
        before.is_han == after.is_han and before.order + 1 == after.order
        for before, after in pairwise(part)
    )


def _liking(units: Sequence[Unit], span: Span) -> float:
    table = _HAN_SPANS if units[span[0]].is_han else _WORD_SPANS
    return table[span[1] - span[0]]


def _log_odds(probabilities: np.ndarray) -> np.ndarray:
    safe = np.clip(probabilities.astype(np.float64), 1e-6, 1 - 1e-6)
    odds: np.ndarray = np.log(safe) - np.log1p(-safe)
    return odds


def _words(cleaned: str, part: Sequence[Unit]) -> str:
    text = " ".join(cleaned[part[0].start : part[-1].end].split())
    return _HAN_GAP.sub("", text)
