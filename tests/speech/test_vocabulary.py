"""Each word that a person may say to Lull is one that the model can hear."""

from __future__ import annotations

import pytest

from firmware_py.speech.phrases import phrases
from firmware_py.speech.recogniser import VoskRecogniser


@pytest.mark.parametrize("language", ["english", "chinese"])
def test_every_word_of_the_grammar_is_known(language: str, request: pytest.FixtureRequest) -> None:
    recogniser: VoskRecogniser = request.getfixturevalue(language)
    words = {word for phrase in phrases(recogniser.language).spoken for word in phrase.split()}
    assert len(words) > 150
    assert sorted(word for word in words if not recogniser.model.knows(word)) == []


def test_the_question_can_be_answered_with_no(chinese: VoskRecogniser) -> None:
    assert not chinese.model.knows("下一首")
