from __future__ import annotations

from collections import Counter

import pytest

from firmware_py.messages.heard import LANGUAGES
from firmware_py.messages.mood import MOOD_LABELS
from firmware_py.messages.plan import GOALS
from model_export.mood.collect import expand, read_held_out
from model_export.mood.label_map import LABEL_MAP, shares
from model_export.mood.phrase_book import load_book, load_held_out, split_book
from model_export.mood.sources import spoken


@pytest.fixture(scope="module")
def rows():
    return expand([load_book(language) for language in LANGUAGES], 200, 3, read_held_out())


def test_no_held_out_sentence_is_trained_on(rows):
    held_out = {spoken(item.text) for item in read_held_out()}
    assert not held_out & {spoken(row.text) for row in rows}


def test_held_out_words_are_not_copied_from_the_book():
    """Of the held-out sentences few hold a whole clause of the book."""
    for language in LANGUAGES:
        book = load_book(language)
        clauses = {
            spoken(clause)
            for entries in book.labels.values()
            for clause in (*entries.clauses, *entries.body)
            if "{" not in clause and len(spoken(clause).split()) >= 4
        }
        texts = [spoken(item.text) for item in load_held_out(language)]
        copied = [text for text in texts if any(clause in text for clause in clauses)]
        assert len(copied) / len(texts) < 0.15


def test_the_same_seed_gives_the_same_sentences():
    book = [load_book("zh")]
    assert expand(book, 20, 5, ()) == expand(book, 20, 5, ())
    assert expand(book, 20, 5, ()) != expand(book, 20, 6, ())


def test_every_mood_goal_and_phenomenon_is_there(rows):
    for language in LANGUAGES:
        mine = [row for row in rows if row.language == language]
        moods = Counter(label for row in mine for label in row.moods)
        assert set(moods) == set(MOOD_LABELS)
        assert {row.goal for row in mine} == {"none", *GOALS}
        assert {row.phenomenon for row in mine} >= {
            "plain",
            "intensity",
            "negation",
            "mixed",
            "others",
            "wish",
            "body",
            "rambling",
        }


def test_moods_of_a_sentence_add_up_to_one(rows):
    for row in rows:
        assert sum(row.moods.values()) == pytest.approx(1.0)
        assert "{" not in row.text


def test_negating_a_bad_word_never_leaves_it():
    for language in LANGUAGES:
        for label, moods in load_book(language).negated.items():
            assert label not in moods


def test_splitting_a_book_parts_its_entries():
    book = load_book("en")
    kept, held = split_book(book, 0.2, 1)
    for label in MOOD_LABELS:
        assert not set(kept.labels[label].clauses) & set(held.labels[label].clauses)
        both = {*kept.labels[label].words, *held.labels[label].words}
        assert both == set(book.labels[label].words)


def test_shares_of_every_mapped_label_add_up_to_one():
    for table in LABEL_MAP.values():
        for name, mapped in table.items():
            assert sum(mapped.values()) == pytest.approx(1.0), name


def test_several_labels_share_a_row_by_strength():
    found = shares("brighter", {"anger": 3.0, "sadness": 1.0})
    assert found == {"angry": pytest.approx(0.75), "sad": pytest.approx(0.25)}
    assert shares("goemotions", {"surprise": 1.0}) == {}
