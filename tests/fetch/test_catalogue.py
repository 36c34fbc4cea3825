"""The pinned files are those that were measured."""

from __future__ import annotations

import pytest

from firmware_py.app.fetch.catalogue import SPEECH_MODELS, VOICE_MODEL, needed_models
from firmware_py.app.fetch.check import check
from firmware_py.config.paths import Paths
from firmware_py.messages.heard import LANGUAGES, Language
from tests.conftest import SHARED


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_hashes_are_those_on_record(language: Language) -> None:
    model = SPEECH_MODELS[language]
    record = SHARED / "speech" / f"{model.name}.sha256"
    if not record.exists():
        pytest.skip(f"{record} is not part of the repository")
    assert sorted(model.checksums.replace("  ", "  ./").splitlines()) == sorted(
        record.read_text().splitlines()
    )


def test_the_real_models_pass_a_deep_check(paths: Paths) -> None:
    found = check(paths, needed_models(LANGUAGES), deep=True)
    assert [one.status for one in found] == ["ok"] * 4


@pytest.mark.parametrize("languages", [["en"], ["zh"], LANGUAGES])
def test_the_voice_activity_model_is_needed_in_every_language(languages: list[Language]) -> None:
    assert needed_models(languages) == (*(SPEECH_MODELS[one] for one in languages), VOICE_MODEL)
