"""The shipped reader, loaded once."""

from __future__ import annotations

import pytest

from firmware_py.config.paths import SHIPPED_MODELS
from firmware_py.mood.model_file import MoodModel, load_mood_model
from firmware_py.mood.reader import load_mood_reader
from firmware_py.ports.reading import MoodReader


@pytest.fixture(scope="session")
def reader() -> MoodReader:
    return load_mood_reader()


@pytest.fixture(scope="session")
def model() -> MoodModel:
    return load_mood_model(SHIPPED_MODELS / "mood")
