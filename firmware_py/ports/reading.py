"""Reading speech and mood, as the rest of the program sees them."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from firmware_py.messages.heard import Heard, Language
from firmware_py.messages.mood import Mood


class Recogniser(Protocol):
    """Understands a recording."""

    def listen(self, wav: Path) -> Heard:
        """Return what was said.

        Raises ``UserError`` when ``wav`` is not a readable PCM WAV file.
        """


class MoodReader(Protocol):
    """Reads a mood from a sentence."""

    def read(self, text: str, language: Language | None = None) -> Mood:
        """Return the mood of a sentence; ``language`` None: judged from the text itself.

        Raises ``UserError`` for text that cannot be read (empty, too long).
        """
