"""Expands a phrase book into spoken sentences: frames, intensity, negation, mixtures, rambling.

Seeded. What a sentence is given as its mood is written in the book, never guessed here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np

from firmware_py.messages.mood import MOOD_LABELS, MoodLabel
from model_export.mood.phrase_book import Entries, Moods, PhraseBook, Shaded
from model_export.mood.rows import Row

WEAK, PLAIN, STRONG = 0.6, 1.0, 1.2
"""Strengths of "a bit sad", "sad", "so sad": they scale the label's (valence, arousal)."""

_SLOT: Final = re.compile(r"\{([a-z]{2,})\}")
_POSITIVE: Final[tuple[MoodLabel, ...]] = ("calm", "content", "happy", "excited")


class Expansion:
    """Draws sentences from one book."""

    def __init__(self, book: PhraseBook, seed: int) -> None:
        self._book = book
        self._random = np.random.default_rng(seed)

    def rows(self, per_label: int) -> Iterator[Row]:
        """Yield ``per_label`` sentences of each label and in proportion of everything else."""
        for label in MOOD_LABELS:
            for _ in range(per_label):
                yield self._of_label(label)
        makers: tuple[tuple[Callable[[], Row], float], ...] = (
            (self._negated, 2.5),
            (self._longing, 0.5),
            (self._mixed, 2.0),
            (self._others, 0.4),
            (self._shaded, 2.0),
            (self._wish, 2.0),
        )
        for maker, share in makers:
            for _ in range(round(per_label * share)):
                yield maker()

    def _of_label(self, label: MoodLabel) -> Row:
        entries = self._book.labels[label]
        kind = self._kind(entries)
        if kind == "clauses":
            return self._clause(label, entries.clauses, "plain")
        if kind == "body":
            return self._clause(label, entries.body, "body")
        frames, strength = {
            "word": ("word", PLAIN),
            "weak": ("weak", WEAK),
            "strong": ("strong", STRONG),
        }[kind]
        text = self._one(self._book.frames[frames]).replace("{w}", self._one(entries.words))
        phenomenon = "plain" if frames == "word" else "intensity"
        return self._row(self._decorated(text), {label: 1.0}, strength, phenomenon)

    def _kind(self, entries: Entries) -> str:
        chances = {
            "word": 0.28 if entries.words else 0.0,
            "weak": 0.10 if entries.words else 0.0,
            "strong": 0.12 if entries.words else 0.0,
            "clauses": 0.38 if entries.clauses else 0.0,
            "body": 0.12 if entries.body else 0.0,
        }
        total = sum(chances.values())
        return str(self._random.choice(list(chances), p=[c / total for c in chances.values()]))

    def _clause(self, label: MoodLabel, clauses: Sequence[str], phenomenon: str) -> Row:
        text = self._one(clauses)
        moods: Moods = {label: 1.0}
        if label != "neutral" and self._happens(0.12):
            aside = self._one(self._book.labels["neutral"].clauses or clauses)
            text = self._joined(text, aside)
            moods = {label: 0.85, "neutral": 0.15}
            phenomenon = "rambling"
        elif self._happens(0.2):
            text = self._joined(text, self._one(clauses))
        return self._row(self._decorated(text), moods, PLAIN, phenomenon)

    def _joined(self, first: str, second: str) -> str:
        pair = (first, second) if self._happens(0.5) else (second, first)
        frame = self._one(self._book.frames["clauses_joined"])
        return frame.replace("{a}", pair[0]).replace("{b}", pair[1])

    def _negated(self) -> Row:
        label = self._label_of(tuple(self._book.negated))
        text = self._one(self._book.frames["negated"]).replace("{w}", self._word(label))
        return self._row(self._decorated(text), self._book.negated[label], PLAIN, "negation")

    def _longing(self) -> Row:
        label = self._label_of(_POSITIVE)
        text = self._one(self._book.frames["still_negated"]).replace("{w}", self._word(label))
        return self._row(self._decorated(text), self._book.negated[label], PLAIN, "negation")

    def _mixed(self) -> Row:
        first, second = self._label_of(MOOD_LABELS[:-1]), self._label_of(MOOD_LABELS[:-1])
        if self._happens(0.5):
            frame = self._one(self._book.frames["mixed"])
            pieces = self._word(first), self._word(second)
        else:
            frame = self._one(self._book.frames["clauses_joined"])
            pieces = self._sentence(first), self._sentence(second)
        text = frame.replace("{a}", pieces[0]).replace("{b}", pieces[1])
        moods = {first: 0.5, second: 0.5} if first != second else {first: 1.0}
        return self._row(self._decorated(text), moods, PLAIN, "mixed")

    def _sentence(self, label: MoodLabel) -> str:
        """Return a bare clause, or a word in a plain frame."""
        clauses = self._book.labels[label].clauses
        if clauses and self._happens(0.6):
            return self._one(clauses)
        return self._one(self._book.frames["word"]).replace("{w}", self._word(label))

    def _others(self) -> Row:
        word = self._word(self._label_of(MOOD_LABELS[:-1]))
        text = self._book.join.join((self._one(self._book.who), word))
        return self._row(self._decorated(text), self._book.others, WEAK, "others")

    def _shaded(self) -> Row:
        return self._written(self._book.shaded, "mixed")

    def _wish(self) -> Row:
        return self._written(self._book.wishes, "wish")

    def _written(self, choices: Sequence[Shaded], phenomenon: str) -> Row:
        shaded = choices[int(self._random.integers(len(choices)))]
        text = self._one(shaded.texts)
        moods, goal = shaded.moods, shaded.goal or "none"
        if phenomenon == "wish" and self._happens(0.35):
            label = self._label_of(MOOD_LABELS[4:])
            text = self._joined(text, self._sentence(label))
            moods = {label: 1.0}
        return self._row(self._decorated(text), moods, PLAIN, phenomenon, goal)

    def _decorated(self, text: str) -> str:
        """Put an opener before and a tail after, fillers and stutters between."""
        frames, join = self._book.frames, self._book.join
        if self._happens(0.3):
            text = join.join((self._one(frames["openers"]), text))
        if self._happens(0.3):
            text = join.join((text, self._one(frames["tails"])))
        if self._happens(0.1):
            text = self._stuttered(text)
        return text

    def _stuttered(self, text: str) -> str:
        pieces = text.split(" ") if self._book.join else list(text)
        at = int(self._random.integers(len(pieces)))
        added = pieces[at] if self._happens(0.5) else self._one(self._book.frames["fillers"])
        return (self._book.join or "").join((*pieces[:at], added, *pieces[at:]))

    def _word(self, label: MoodLabel) -> str:
        entries = self._book.labels[label]
        return self._one(entries.words or entries.clauses)

    def _label_of(self, labels: Sequence[MoodLabel]) -> MoodLabel:
        return labels[int(self._random.integers(len(labels)))]

    def _one(self, items: Sequence[str]) -> str:
        """Draw an item and fill its slots; ``{w}``, ``{a}`` and ``{b}`` are the frames' own."""
        return _SLOT.sub(
            lambda match: self._one(self._book.slots[match.group(1)]),
            items[int(self._random.integers(len(items)))],
        )

    def _happens(self, chance: float) -> bool:
        return bool(self._random.random() < chance)

    def _row(
        self, text: str, moods: Moods, strength: float, phenomenon: str, goal: str = "none"
    ) -> Row:
        return Row(
            text,
            self._book.language,
            "phrases",
            moods,
            strength,
            goal,
            phenomenon=phenomenon,
        )
