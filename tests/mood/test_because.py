from __future__ import annotations

import pytest

from firmware_py.messages.mood import MOOD_LABELS
from firmware_py.mood.features import clean, split_units
from model_export.mood.phrase_book import load_held_out

SENTENCES = [item.text for language in ("en", "zh") for item in load_held_out(language)]


@pytest.fixture(scope="module")
def readings(reader):
    """Return every held-out sentence with its mood."""
    return [(text, reader.read(text)) for text in SENTENCES]


def probability(model, text: str, label: str) -> float:
    scores = model.scores([split_units(clean(text))])
    return float(scores.mood[0, MOOD_LABELS.index(label)])


def without(text: str, phrase: str) -> str:
    """Return the text with the first place of a phrase deleted, as a person would."""
    assert phrase in text
    return text.replace(phrase, " ", 1)


def test_deleting_the_first_reason_makes_the_label_less_likely(readings, model):
    """On every held-out sentence whose reason stands in it once, so that deleting is clear."""
    checked = 0
    for text, mood in readings:
        if not mood.because or text.count(mood.because[0].text) != 1:
            continue
        checked += 1
        before = probability(model, text, mood.label)
        assert probability(model, without(text, mood.because[0].text), mood.label) < before, text
    assert checked > 250


def test_deleting_all_reasons_takes_most_of_the_label(readings, model):
    """In the mean the reasons carry more than half of the label's probability."""
    kept = []
    for text, mood in readings:
        rest = text
        for reason in mood.because:
            if reason.text in rest:
                rest = without(rest, reason.text)
        if mood.because and split_units(clean(rest)):
            kept.append(probability(model, rest, mood.label) / mood.confidence)
    assert sum(kept) / len(kept) < 0.5


def test_reasons_are_the_persons_own_words(readings):
    for text, mood in readings:
        for reason in mood.because:
            assert reason.text in text


def test_weights_are_shares_strongest_first(readings):
    for _, mood in readings:
        weights = [reason.weight for reason in mood.because]
        assert weights == sorted(weights, reverse=True)
        assert not weights or sum(weights) == pytest.approx(1.0, abs=0.005)
        assert len(weights) <= 4


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("well you know i feel so anxious today", "anxious"),
        ("my boss called and now i'm furious", "furious"),
        ("I took the bus home and I feel LONELY", "LONELY"),
        ("今天下班以后我觉得很孤独", "孤独"),
        ("我 今天 很 焦虑", "焦虑"),
    ],
)
def test_the_word_that_says_it_is_named(reader, text, word):
    assert any(word in reason.text for reason in reader.read(text).because)


def test_speech_recognitions_spaces_leave_chinese_words_whole(reader):
    reasons = reader.read("我 一直 睡 不 着").because
    assert reasons
    assert all(" " not in reason.text for reason in reasons)


@pytest.mark.parametrize(
    "text", ["it's raining outside", "what time is it", "今天天气不错", "现在几点了"]
)
def test_nothing_is_named_for_a_neutral_text(reader, text):
    mood = reader.read(text)
    assert mood.label == "neutral"
    assert mood.because == ()


def test_nothing_is_named_for_a_guess(readings):
    unsure = [mood for _, mood in readings if mood.confidence < 0.35]
    assert unsure
    assert all(mood.because == () for mood in unsure)


def test_a_long_text_is_explained_from_its_clearest_part(reader):
    filler = "i went to the shop and bought some bread and milk and then i took the bus home " * 20
    mood = reader.read(filler + "i am so furious at my brother i hate him " * 3 + filler)
    if mood.label == "angry":
        assert any("furious" in reason.text or "hate" in reason.text for reason in mood.because)
