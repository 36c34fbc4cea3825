"""From a sentence to what it asks for. Voice, MQTT and the command line all come through here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from firmware_py.messages.heard import Language
from firmware_py.messages.intent import Intent
from firmware_py.speech import numbers_en, numbers_zh
from firmware_py.speech.normalise import normalise
from firmware_py.speech.phrases import Phrases, Template, phrases

MAX_TIMER_MINUTES: Final = 24 * 60
_UNKNOWN: Final = Intent("unknown")
_LONGEST_COMMAND: Final = 100
"""Characters. Nothing longer is compared with the phrases: it can only be a sentence."""


def parse_intent(text: str, language: Language) -> Intent:
    """Return the intent of a typed or recognised sentence.

    A command is a whole phrase, never a part of one: "I can't stop crying" does not stop anything.
    What is no command but has words says how the person feels (``mood``); what has none is
    ``unknown``.
    """
    known = phrases(language)
    words = normalise(text, language)
    if len(words) <= _LONGEST_COMMAND:
        for candidate in _without_courtesy(words, known):
            intent = _command(candidate, known)
            if intent is not None:
                return intent
    return Intent("mood" if _says_something(words, known) else "unknown")


def _without_courtesy(text: str, known: Phrases) -> Iterator[str]:
    """Yield ``text``, then what is left without the wake phrase and polite words at its ends."""
    found = [text]
    for candidate in found:  # grows while it is walked
        yield candidate
        found.extend(rest for rest in _shorter(candidate, known) if rest not in found)


def _shorter(text: str, known: Phrases) -> Iterator[str]:
    for start in (*known.wake, *known.polite_before):
        if text.startswith(start) and _is_word_edge(text, len(start), known):
            yield text[len(start) :].strip()
    for end in known.polite_after:
        if text.endswith(end) and _is_word_edge(text, len(text) - len(end), known):
            yield text[: -len(end)].strip()


def _is_word_edge(text: str, position: int, known: Phrases) -> bool:
    """Tell whether a word begins or ends at ``position``; the empty rest is no sentence."""
    if position in (0, len(text)):
        return False
    return known.language == "zh" or " " in text[position - 1 : position + 1]


def _command(text: str, known: Phrases) -> Intent | None:
    if text in known.wake:
        return Intent("wake")
    name = known.plain.get(text)
    if name is not None:
        return Intent(name)
    fits = (_fill(template, text, known.language) for template in known.templates)
    return next((intent for intent in fits if intent is not None), None)


def _fill(template: Template, text: str, language: Language) -> Intent | None:
    """Return the template's intent if ``text`` fits it and its slot holds a number.

    A number out of range ("volume three hundred") is a command that cannot be obeyed: ``unknown``.
    """
    slot = template.slot_text(text)
    if slot is None:
        return None
    numbers = numbers_zh if language == "zh" else numbers_en
    if template.slot == "percent":
        percent = numbers.percent(slot)
        if percent is None:
            return None
        is_possible = 0 <= percent <= 100
        return Intent(template.intent, percent=round(percent)) if is_possible else _UNKNOWN
    minutes = numbers.minutes(slot)
    if minutes is None:
        return None
    is_possible = 0 < minutes <= MAX_TIMER_MINUTES
    return Intent(template.intent, minutes=minutes) if is_possible else _UNKNOWN


def _says_something(text: str, known: Phrases) -> bool:
    """Tell whether any word is more than a hum, a filler or a lone function word."""
    parts = text if known.language == "zh" else text.split()
    return any(part not in known.noise and any(map(str.isalpha, part)) for part in parts)
