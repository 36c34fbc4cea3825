"""Reads a mood from a sentence with the shipped network."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from firmware_py.config.paths import SHIPPED_MODELS
from firmware_py.messages.errors import UserError
from firmware_py.messages.heard import Language
from firmware_py.messages.mood import MOOD_LABELS, Mood
from firmware_py.mood.explain import because
from firmware_py.mood.features import Unit, clean, split_units
from firmware_py.mood.model_file import GOAL_CLASSES, MoodModel, load_mood_model
from firmware_py.ports.reading import MoodReader

MOST_WORDS: Final = 2_000
MOST_CHARACTERS: Final = 20_000
LEAST_CONFIDENCE: Final = 0.35
"""Below this the label is a guess: nothing is named as its reason."""
LEAST_GOAL: Final = 0.5


class NetworkMoodReader:
    """A ``MoodReader`` on a loaded network."""

    def __init__(self, model: MoodModel) -> None:
        self._model = model

    def read(self, text: str, language: Language | None = None) -> Mood:  # noqa: ARG002
        """Return the mood of a sentence.

        Each word is read in its own script, so that mixed sentences work; ``language`` is not
        needed. Raises ``UserError`` for a text without words or with more than 2,000 of them
        (a Chinese character counts as one) or than 20,000 characters.
        """
        if len(text) > MOST_CHARACTERS:
            raise UserError(
                f"The text has {len(text):,} characters; at most {MOST_CHARACTERS:,} can be read."
            )
        cleaned = clean(text)
        units = split_units(cleaned)
        if not units:
            raise UserError("The text has no words. Say how you feel, for example “I feel calm”.")
        if len(units) > MOST_WORDS:
            raise UserError(
                f"The text has {len(units):,} words; at most {MOST_WORDS:,} can be read."
            )
        return self._mood(cleaned, units)

    def _mood(self, cleaned: str, units: tuple[Unit, ...]) -> Mood:
        scores = self._model.scores([units])
        index = int(np.argmax(scores.mood[0]))
        label, confidence = MOOD_LABELS[index], float(scores.mood[0, index])
        is_clear = label != "neutral" and confidence >= LEAST_CONFIDENCE
        goal = int(np.argmax(scores.goal[0]))
        hints = goal != 0 and scores.goal[0, goal] >= LEAST_GOAL
        return Mood(
            label=label,
            valence=round(float(scores.va[0, 0]), 3),
            arousal=round(float(scores.va[0, 1]), 3),
            confidence=round(confidence, 3),
            because=because(self._model, cleaned, units, label) if is_clear else (),
            goal_hint=GOAL_CLASSES[goal] if hints else None,
        )


def load_mood_reader(folder: Path = SHIPPED_MODELS / "mood") -> MoodReader:
    """Load the reader from a folder with ``manifest.json`` and the ONNX file that it names.

    Raises ``MissingError`` when a file is missing, damaged or of another version.
    """
    return NetworkMoodReader(load_mood_model(folder))
