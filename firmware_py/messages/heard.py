"""What speech recognition understood of one utterance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from firmware_py.messages.intent import Intent

Language = Literal["en", "zh"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Heard:
    """One utterance. ``text`` is empty when nobody spoke."""

    text: str
    language: Language
    intent: Intent
    audio_s: float
    """Length of the audio, seconds."""
    speech_end_s: float | None
    """Where speech was judged to have ended, seconds from the start; None without speech."""
    recognise_s: float
    """Time spent recognising, seconds."""
