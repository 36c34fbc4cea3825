from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from firmware_py.messages.errors import UserError
from firmware_py.messages.mood import MOOD_LABELS
from firmware_py.messages.plan import GOALS
from firmware_py.mood.features import clean, split_units
from firmware_py.mood.reader import MOST_CHARACTERS, MOST_WORDS


def test_the_sentence_of_the_demonstration(reader):
    mood = reader.read("i feel anxious and can't sleep")
    assert mood.label in {"anxious", "sleepless"}
    assert mood.valence < 0 < mood.arousal
    assert mood.because
    assert reader.read("I feel anxious, and can't sleep!").because[0].text == "anxious"


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("我今天很焦虑，睡不着", {"anxious", "sleepless"}),
        ("心跳得很快，有点紧张", {"anxious"}),
        ("我心里很难过", {"sad"}),
        ("我觉得很孤独", {"lonely"}),
        ("我很生气", {"angry"}),
        ("工作压力很大", {"stressed"}),
        ("今天太累了", {"tired"}),
        ("我失眠了", {"sleepless"}),
        ("今天特别开心", {"happy"}),
        ("我感觉很放松", {"calm"}),
        ("我很害怕", {"afraid"}),
        ("我快要崩溃了", {"overwhelmed"}),
        ("今天天气不错", {"neutral"}),
        ("今天挺满足的", {"content"}),
    ],
)
def test_what_the_chinese_test_voice_says(reader, text, labels):
    assert reader.read(text).label in labels


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("i'm so angry at my brother", {"angry"}),
        ("i feel sad and empty", {"sad"}),
        ("i am so happy today", {"happy"}),
        ("my heart is racing", {"anxious", "afraid"}),
        ("i feel so lonely", {"lonely"}),
        ("i'm exhausted after work", {"tired"}),
        ("my grandmother died last week", {"grieving"}),
        ("it's raining outside", {"neutral"}),
        ("i'm scared of the dark", {"afraid"}),
        ("everything is too much i can't cope", {"overwhelmed"}),
    ],
)
def test_plain_english_sentences(reader, text, labels):
    assert reader.read(text).label in labels


@pytest.mark.parametrize(
    "text", ["i'm not sad any more", "i'm not anxious any more", "我不难过了", "我不害怕了"]
)
def test_a_negated_bad_mood_is_not_bad(reader, text):
    assert reader.read(text).valence > 0


@pytest.mark.parametrize("text", ["i'm not happy", "我不开心"])
def test_a_negated_good_mood_is_not_good(reader, text):
    assert reader.read(text).valence < 0


def test_more_is_stronger(reader):
    for weak, strong in (
        ("i'm a bit angry", "i'm so angry"),
        ("i'm slightly sad", "i'm extremely sad"),
    ):
        assert reader.read(strong).valence < reader.read(weak).valence


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        ("help me sleep", "sleep"),
        ("cheer me up", "lift"),
        ("help me focus", "focus"),
        ("help me relax", "calm"),
        ("帮我入睡", "sleep"),
        ("逗我开心", "lift"),
        ("i feel sad", None),
        ("我很难过", None),
        ("it's raining outside", None),
    ],
)
def test_a_wish_hints_at_its_goal(reader, text, goal):
    assert reader.read(text).goal_hint == goal


@pytest.mark.parametrize("text", ["", " \t\n", "\x00\x01", "...!?", "\ud800", "\u200b"])
def test_a_text_without_words_is_refused(reader, text):
    with pytest.raises(UserError, match="no words"):
        reader.read(text)


@pytest.mark.parametrize("text", ["word " * 10_000, "i am sad " * 700, "我" * (MOST_WORDS + 1)])
def test_a_text_that_is_too_long_is_refused_with_the_limit(reader, text):
    with pytest.raises(
        UserError, match=f"at most ({MOST_WORDS:,}|{MOST_CHARACTERS:,}) can be read"
    ):
        reader.read(text)


@pytest.mark.parametrize("text", ["sad " * MOST_WORDS, "我难过啊" * (MOST_WORDS // 4)])
def test_the_longest_text_is_read(reader, text):
    assert reader.read(text).label == "sad"


@given(st.text(alphabet=st.characters(), max_size=200))
@example("i'm 很 sad \x00\ud83d today 😭")
@example("İstanbul ﷺ ﬁne")
@example("مرحبا أنا حزين")
@example("a" * 5_000)
@example("'" * 300)
def test_any_text_with_words_gets_a_mood_and_any_other_a_clear_refusal(reader, text):
    if not split_units(clean(text)):
        with pytest.raises(UserError, match=r"^[^\n]*no words[^\n]*$"):
            reader.read(text)
        return
    mood = reader.read(text)
    assert mood.label in MOOD_LABELS
    assert -1 <= mood.valence <= 1
    assert -1 <= mood.arousal <= 1
    assert 0 <= mood.confidence <= 1
    assert mood.goal_hint is None or mood.goal_hint in GOALS
    assert len(mood.because) <= 4
    for reason in mood.because:
        assert 0 <= reason.weight <= 1
        assert reason.text.isprintable()


_PIECES = st.sampled_from(
    [
        "i feel",
        "so",
        "not",
        "sad",
        "happy",
        "can't sleep",
        "我",
        "很",
        "焦虑",
        "不",
        "睡不着",
        "😭",
        "\x00",
        "，",
        "work",
        "help me",
    ]
)


@given(st.lists(_PIECES, min_size=1, max_size=30).map(" ".join))
def test_mixed_languages_are_read_and_repeatably(reader, text):
    if any(character.isalpha() for character in text) or "😭" in text:
        assert reader.read(text) == reader.read(text)
