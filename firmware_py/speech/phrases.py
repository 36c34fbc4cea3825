"""The phrases that stand for each intent, read once from TOML."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal, cast

from firmware_py.messages.heard import Language
from firmware_py.messages.intent import IntentName
from firmware_py.speech import numbers_en, numbers_zh
from firmware_py.speech.normalise import normalise

Slot = Literal["percent", "minutes"]

_SPOKEN_PERCENT: Final = range(0, 101, 5)
_SPOKEN_MINUTES: Final = (1, 2, 3, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 60, 90)
_SPOKEN_HOURS: Final[dict[Language, tuple[str, ...]]] = {
    "en": ("half an hour", "a quarter of an hour", "an hour", "one hour", "two hours",
           "three hours", "an hour and a half", "one and a half hours"),
    "zh": ("半 个 小时", "半 小时", "一个 小时", "一 小时", "两个 小时", "三个 小时",
           "一个 半 小时", "一刻 钟"),
}  # fmt: skip
"""Durations that are not minutes, as a person says them, for the recogniser's grammar."""


@dataclass(frozen=True, slots=True)
class Template:
    """A phrase with one slot: what stands before it and after it, in normal form."""

    intent: IntentName
    slot: Slot
    before: str
    after: str

    def slot_text(self, text: str) -> str | None:
        """Return what stands in the slot of ``text``; None when the rest does not fit."""
        if not (text.startswith(self.before) and text.endswith(self.after)):
            return None
        return text[len(self.before) : len(text) - len(self.after)].strip() or None


@dataclass(frozen=True, slots=True)
class Phrases:
    """All phrases of one language; those that are compared are in normal form."""

    language: Language
    wake: tuple[str, ...]
    plain: dict[str, IntentName]
    templates: tuple[Template, ...]
    polite_before: tuple[str, ...]
    polite_after: tuple[str, ...]
    noise: frozenset[str]
    spoken: tuple[str, ...]
    """Every phrase as words of the speech model, slots filled, and feelings that sound like one:
    the recogniser's grammar."""


@cache
def phrases(language: Language) -> Phrases:
    """Return the phrases of a language."""
    path = Path(__file__).with_name(f"phrases_{language}.toml")
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    plain: dict[str, IntentName] = {}
    templates = []
    for name, variants in table["intents"].items():
        intent = cast("IntentName", name)  # a test compares the names with the contract's
        for phrase in variants:
            slot = _slot(phrase)
            if slot is None:
                plain[normalise(phrase, language)] = intent
            else:
                templates.append(_template(phrase, slot, intent, language))
    variants = [phrase for group in table["intents"].values() for phrase in group]
    return Phrases(
        language,
        tuple(normalise(phrase, language) for phrase in table["wake"]),
        plain,
        tuple(templates),
        _longest_first(table["polite_before"], language),
        _longest_first(table["polite_after"], language),
        frozenset(table["noise"]),
        tuple(dict.fromkeys((*table["wake"], *table["decoys"], *_spoken(variants, language)))),
    )


def _slot(phrase: str) -> Slot | None:
    found = re.search(r"\{(percent|minutes)\}", phrase)
    return None if found is None else cast("Slot", found[1])


def _template(phrase: str, slot: Slot, intent: IntentName, language: Language) -> Template:
    before, _, after = phrase.partition(f"{{{slot}}}")
    gap = " " if language == "en" else ""
    before, after = normalise(before, language), normalise(after, language)
    return Template(intent, slot, before and before + gap, after and gap + after)


def _longest_first(variants: list[str], language: Language) -> tuple[str, ...]:
    return tuple(sorted((normalise(v, language) for v in variants), key=len, reverse=True))


def _spoken(variants: list[str], language: Language) -> Iterator[str]:
    """Yield each phrase; one with a slot once for each value that people commonly say."""
    values = {"percent": _spoken_percents(language), "minutes": _spoken_minutes(language)}
    for phrase in variants:
        slot = _slot(phrase)
        if slot is None:
            yield phrase
        else:
            yield from (phrase.replace(f"{{{slot}}}", value) for value in values[slot])


def _spoken_percents(language: Language) -> list[str]:
    if language == "en":
        numbers = [numbers_en.in_words(n) for n in _SPOKEN_PERCENT]
        return [*numbers, *(f"{number} percent" for number in numbers)]
    numbers = [numbers_zh.in_words(n) for n in _SPOKEN_PERCENT]
    return [*numbers, *(f"百分 之 {number}" for number in numbers)]


def _spoken_minutes(language: Language) -> list[str]:
    if language == "en":
        counted = [f"{numbers_en.in_words(n)} minutes" for n in _SPOKEN_MINUTES]
    else:
        counted = [f"{numbers_zh.in_words(n)} 分钟" for n in _SPOKEN_MINUTES]
    return [*counted, *_SPOKEN_HOURS[language]]
