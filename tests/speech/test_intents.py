"""What sentences ask for. Pure text: no recogniser."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_py.messages.heard import LANGUAGES, Language
from firmware_py.messages.intent import INTENT_NAMES, Intent
from firmware_py.speech import numbers_en, numbers_zh, phrases
from firmware_py.speech.intents import MAX_TIMER_MINUTES, parse_intent
from firmware_py.speech.normalise import normalise

SPEECH = Path(phrases.__file__).parent


def table(language: Language) -> dict[str, list[str]]:
    text = (SPEECH / f"phrases_{language}.toml").read_text(encoding="utf-8")
    intents: dict[str, list[str]] = tomllib.loads(text)["intents"]
    return intents


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_intent_of_the_contract_can_be_said(language: Language) -> None:
    assert set(table(language)) == set(INTENT_NAMES) - {"mood", "wake", "unknown"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_stands_for_two_intents(language: Language) -> None:
    meanings = defaultdict(set)
    for name, group in table(language).items():
        for phrase in group:  # one phrase may be there in two segmentations
            meanings[normalise(phrase, language)].add(name)
    assert {phrase: names for phrase, names in meanings.items() if len(names) > 1} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_means_its_intent(language: Language) -> None:
    values = {"en": ("ten percent", "ten minutes"), "zh": ("百分之十", "十分钟")}[language]
    for name, group in table(language).items():
        for phrase in group:
            said = phrase.replace("{percent}", values[0]).replace("{minutes}", values[1])
            intent = parse_intent(said, language)
            assert intent.name == name, said
            assert intent.percent == (10 if "{percent}" in phrase else None), said
            assert intent.minutes == (10 if "{minutes}" in phrase else None), said


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Stop!", Intent("stop")),
        ("  PLEASE   stop the music.  ", Intent("stop")),
        ("could you please turn it down a bit, thanks", Intent("softer")),
        ("Hey Lull, what's playing?", Intent("what_is_playing")),
        ("hey lull", Intent("wake")),
        ("Okay, Lullaby.", Intent("wake")),
        ("I don’t like this", Intent("dislike")),
        ("volume 30%", Intent("volume", percent=30)),
        ("set the volume to thirty-five percent", Intent("volume", percent=35)),
        ("turn it up to full", Intent("volume", percent=100)),
        ("change the volume to hundred", Intent("volume", percent=100)),
        ("half volume", Intent("volume", percent=50)),
        ("stop in half an hour", Intent("sleep_timer", minutes=30)),
        ("set a timer for an hour and a half", Intent("sleep_timer", minutes=90)),
        ("set a timer for one and a half hours", Intent("sleep_timer", minutes=90)),
        ("timer for an hour and ten minutes", Intent("sleep_timer", minutes=70)),
        ("set a thirty minute timer", Intent("sleep_timer", minutes=30)),
        ("play for a hundred and twenty minutes", Intent("sleep_timer", minutes=120)),
        ("set a timer for 20", Intent("sleep_timer", minutes=20)),
        ("stop in 1.5 hours", Intent("sleep_timer", minutes=90)),
        ("play for a quarter of an hour", Intent("sleep_timer", minutes=15)),
    ],
)
def test_english_commands(text: str, intent: Intent) -> None:
    assert parse_intent(text, "en") == intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("停止 播放", Intent("stop")),
        ("请停止播放。", Intent("stop")),
        ("请把声音调小一点", Intent("softer")),
        ("帮我放点音乐吧", Intent("play")),
        ("你好，摇篮曲", Intent("wake")),
        ("你好小夜曲，暂停", Intent("pause")),
        ("音量百分之五十", Intent("volume", percent=50)),
        ("音量调到８０％", Intent("volume", percent=80)),
        ("音量 百 分 之 三 十", Intent("volume", percent=30)),
        ("音量调到一半", Intent("volume", percent=50)),
        ("半个小时后停止", Intent("sleep_timer", minutes=30)),
        ("半小时后停止", Intent("sleep_timer", minutes=30)),
        ("一个半小时后关闭", Intent("sleep_timer", minutes=90)),
        ("一小时半后停止", Intent("sleep_timer", minutes=90)),
        ("两个小时以后关闭", Intent("sleep_timer", minutes=120)),
        ("定时一刻钟", Intent("sleep_timer", minutes=15)),
        ("定时1小时20分钟", Intent("sleep_timer", minutes=80)),
        ("定时一百二十分钟", Intent("sleep_timer", minutes=120)),
    ],
)
def test_chinese_commands(text: str, intent: Intent) -> None:
    assert parse_intent(text, "zh") == intent


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I feel anxious and I can't sleep", "en"),
        ("I can't stop crying", "en"),
        ("stop it hurts so much", "en"),
        ("the train was late again this morning", "en"),
        ("play something calm because I am nervous", "en"),
        ("the volume of work is killing me", "en"),
        ("next week I have an exam", "en"),
        ("I like the rain", "en"),
        ("juststop", "en"),  # courtesy ends where a word ends
        ("stop snow", "en"),
        ("sad", "en"),
        ("worried", "en"),
        ("我今天很焦虑，睡不着", "zh"),
        ("累", "zh"),
        ("我想停止胡思乱想", "zh"),
        ("我喜欢的人离开了我", "zh"),
        ("I feel 很累", "en"),
        ("我很 sad", "zh"),
    ],
)
def test_a_sentence_that_only_contains_a_command_says_a_mood(text: str, language: Language) -> None:
    assert parse_intent(text, language) == Intent("mood")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        *((text, "en") for text in ("", "  ", "hey", "huh", "Oh, the", "I am", "🙂", "?!", "12")),
        *((text, "zh") for text in ("", "嗯", "啊 啊", "嗯。", "的了", "🙂", "１２")),
        # Commands that cannot be obeyed are no moods either.
        ("volume three hundred", "en"),
        ("volume 101%", "en"),
        ("set a timer for zero minutes", "en"),
        ("set a timer for fifty hours", "en"),
        ("音量百分之二百", "zh"),
        ("定时零分钟", "zh"),
    ],
)
def test_what_says_nothing_is_unknown(text: str, language: Language) -> None:
    assert parse_intent(text, language) == Intent("unknown")


@given(percent=st.integers(0, 100))
def test_each_percent_is_understood_in_words_and_digits(percent: int) -> None:
    wanted = Intent("volume", percent=percent)
    for said in (numbers_en.in_words(percent), str(percent), f"{percent}%"):
        assert parse_intent(f"set the volume to {said}", "en") == wanted
    for said in (numbers_zh.in_words(percent), f"百分之{numbers_zh.in_words(percent)}"):
        assert parse_intent(f"音量调到{said}", "zh") == wanted


@given(minutes=st.integers(1, 100))
def test_each_number_of_minutes_is_understood(minutes: int) -> None:
    wanted = Intent("sleep_timer", minutes=minutes)
    for said in (numbers_en.in_words(minutes), str(minutes)):
        assert parse_intent(f"stop in {said} minutes", "en") == wanted
    for said in (numbers_zh.in_words(minutes), str(minutes)):
        assert parse_intent(f"{said}分钟后停止", "zh") == wanted


@given(hours=st.integers(1, 5), minutes=st.integers(1, 59))
def test_hours_and_minutes_add_up(hours: int, minutes: int) -> None:
    wanted = Intent("sleep_timer", minutes=60 * hours + minutes)
    english = f"{numbers_en.in_words(hours)} hours and {numbers_en.in_words(minutes)} minutes"
    chinese = f"{numbers_zh.in_words(hours)}个小时{numbers_zh.in_words(minutes)}分钟"
    assert parse_intent(f"set a timer for {english}", "en") == wanted
    assert parse_intent(f"{chinese}后停止", "zh") == wanted


@given(text=st.text(max_size=300), language=st.sampled_from(LANGUAGES))
def test_any_text_gives_an_intent_whose_slots_are_in_range(text: str, language: Language) -> None:
    intent = parse_intent(text, language)
    assert (intent.percent is not None) == (intent.name == "volume")
    assert (intent.minutes is not None) == (intent.name == "sleep_timer")
    assert intent.percent is None or 0 <= intent.percent <= 100
    assert intent.minutes is None or 0 < intent.minutes <= MAX_TIMER_MINUTES


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_very_long_text_is_a_mood_and_costs_nothing(language: Language) -> None:
    assert parse_intent("please now okay " * 10_000 + "我很难过", language) == Intent("mood")
    assert parse_intent("please " * 14, language).name in ("unknown", "mood")


@given(
    words=st.lists(st.sampled_from(["i", "feel", "stop", "the", "music", "sad", "my"]), min_size=6)
)
def test_words_around_a_command_keep_it_from_being_one(words: list[str]) -> None:
    assert parse_intent(" ".join(words), "en").name in ("mood", "unknown")
