from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_py.mood.features import (
    BUCKETS,
    KNOWN_ROWS,
    clean,
    feature_rows,
    guess_language,
    han_row,
    split_units,
    word_row,
)


def keys(text: str) -> list[str]:
    return [unit.key for unit in split_units(clean(text))]


def rows(text: str) -> list[int]:
    return feature_rows(split_units(clean(text)))


@pytest.mark.parametrize(
    "typed",
    [
        "I feel anxious, and can't sleep!",
        "i feel anxious and cant sleep",
        "I FEEL anxious… and can’t sleep",
    ],
)
def test_typed_text_has_the_features_of_recognised_speech(typed):
    assert rows(typed) == rows("i feel anxious and can't sleep")


@pytest.mark.parametrize(
    "typed", ["我今天很焦虑，睡不着。", "我 今天 很 焦虑 睡 不 着", "我今天很焦虑睡不着"]
)
def test_chinese_needs_no_segmentation(typed):
    assert rows(typed) == rows("我今天很焦虑睡不着")


def test_units_of_mixed_text():
    assert keys("I'm soooo 累 today 😢") == ["i'm", "soo", "累", "today", "😢"]


def test_unprintables_part_words():
    assert keys("so\x00sad\ud800\u200bnow") == ["so", "sad", "now"]


def test_full_width_letters_are_letters():
    assert keys("ｓａｄ") == ["sad"]


@given(st.text())
def test_units_point_into_the_cleaned_text(text):
    cleaned = clean(text)
    units = split_units(cleaned)
    for before, after in pairwise(units):
        assert before.end <= after.start
    for unit in units:
        assert cleaned[unit.start : unit.end].strip() == cleaned[unit.start : unit.end] != ""


@given(st.text())
def test_features_are_rows_of_the_table(text):
    found = rows(text)
    assert found
    assert all(0 < row < BUCKETS for row in found)


def test_rows_of_words_characters_and_grams_do_not_meet():
    assert 0 < word_row("sad") < han_row("难") < KNOWN_ROWS <= max(rows("so sad"))


def test_negation_reaches_the_words_after_it():
    plain, negated = set(rows("i feel sad now")), set(rows("i don't feel sad now"))
    assert negated - plain
    assert set(rows("我没有那么难过")) - set(rows("我有那么难过"))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("i feel sad", "en"),
        ("我很难过", "zh"),
        ("今天 work 好累", "zh"),
        ("my 狗 died last night", "en"),
        ("😢", "en"),
    ],
)
def test_language_is_judged_by_script(text, language):
    assert guess_language(split_units(clean(text))) == language
