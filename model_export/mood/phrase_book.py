"""The phrase books and the held-out sentences as they are written down (TOML)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from firmware_py.messages.heard import Language
from firmware_py.messages.mood import MOOD_LABELS, MoodLabel

_HERE = Path(__file__).resolve().parent
Moods = Mapping[MoodLabel, float]


@dataclass(frozen=True, slots=True)
class Entries:
    """What one label sounds like."""

    words: tuple[str, ...]
    clauses: tuple[str, ...]
    body: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shaded:
    """Sentences with a stated mixture of moods; ``goal`` for wishes."""

    moods: Moods
    texts: tuple[str, ...]
    goal: str | None = None


@dataclass(frozen=True, slots=True)
class PhraseBook:
    """One language's book."""

    language: Language
    labels: Mapping[MoodLabel, Entries]
    shaded: tuple[Shaded, ...]
    wishes: tuple[Shaded, ...]
    others: Moods
    who: tuple[str, ...]
    negated: Mapping[MoodLabel, Moods]
    frames: Mapping[str, tuple[str, ...]]
    slots: Mapping[str, tuple[str, ...]]
    """What ``{name}`` inside an entry may stand for."""
    join: str
    """What stands between two pieces: a space in English, nothing in Chinese."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """One sentence of the held-out set."""

    text: str
    language: Language
    labels: tuple[MoodLabel, ...]
    """What it says, then readings that one cannot call wrong."""
    phenomenon: str
    goal: str | None
    max_confidence: float


def load_book(language: Language) -> PhraseBook:
    """Read ``phrases_<language>.toml``."""
    raw = _toml(f"phrases_{language}.toml")
    frames = {name: tuple(items) for name, items in raw["frames"].items() if name != "join"}
    return PhraseBook(
        language=language,
        labels={
            label: _entries(raw["labels"][label], raw["slotted"].get(label, ()))
            for label in MOOD_LABELS
        },
        shaded=tuple(_shaded(item) for item in raw["shaded"]),
        wishes=tuple(_shaded(item) for item in raw["wishes"]),
        others=_moods(raw["others"]["moods"]),
        who=tuple(raw["others"]["who"]),
        negated={_label(name): _moods(moods) for name, moods in raw["negated"].items()},
        frames=frames,
        slots={name: tuple(items) for name, items in raw["slots"].items()},
        join=raw["frames"]["join"],
    )


def load_held_out(language: Language) -> tuple[HeldOut, ...]:
    """Read ``heldout_<language>.toml``."""
    return tuple(
        HeldOut(
            text=text,
            language=language,
            labels=tuple(_label(name) for name in item["labels"]),
            phenomenon=item.get("phenomenon", "plain"),
            goal=item.get("goal"),
            max_confidence=item.get("max_confidence", 1.0),
        )
        for item in _toml(f"heldout_{language}.toml")["set"]
        for text in item["texts"]
    )


def split_book(book: PhraseBook, share: float, seed: int) -> tuple[PhraseBook, PhraseBook]:
    """Return two books: one without ``share`` of each label's entries, one with only those."""
    generator = np.random.default_rng(seed)
    kept: dict[MoodLabel, Entries] = {}
    held: dict[MoodLabel, Entries] = {}
    for label, entries in book.labels.items():
        pairs = [
            _cut(items, share, generator)
            for items in (entries.words, entries.clauses, entries.body)
        ]
        kept[label] = Entries(*(pair[0] for pair in pairs))
        held[label] = Entries(*(pair[1] for pair in pairs))
    return _with_labels(book, kept), _with_labels(book, held)


def _with_labels(book: PhraseBook, labels: Mapping[MoodLabel, Entries]) -> PhraseBook:
    return replace(book, labels=labels)


def _cut(
    items: tuple[str, ...], share: float, generator: np.random.Generator
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    chosen = generator.random(len(items)) < share
    kept = tuple(item for item, is_held in zip(items, chosen, strict=True) if not is_held)
    held = tuple(item for item, is_held in zip(items, chosen, strict=True) if is_held)
    return kept, held


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((_HERE / name).read_text(encoding="utf-8"))


def _entries(raw: Mapping[str, Any], slotted: Sequence[str]) -> Entries:
    return Entries(tuple(raw["words"]), (*raw["clauses"], *slotted), tuple(raw["body"]))


def _shaded(raw: Mapping[str, Any]) -> Shaded:
    return Shaded(_moods(raw["moods"]), tuple(raw["texts"]), raw.get("goal"))


def _moods(raw: Mapping[str, float]) -> Moods:
    moods = {_label(name): share for name, share in raw.items()}
    if abs(sum(moods.values()) - 1.0) > 1e-6:
        raise ValueError(f"shares do not add up to 1: {raw}")
    return moods


def _label(name: str) -> MoodLabel:
    for label in MOOD_LABELS:
        if label == name:
            return label
    raise ValueError(f"{name} is no mood label")
