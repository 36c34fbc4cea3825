import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_export.corpus.duplicates import clusters, fingerprint, removable, similar_pairs
from tests.model_export.scores import score


def melody(seed: int, length: int = 120) -> list[tuple[int, int, int, int]]:
    random = np.random.default_rng(seed)
    onsets = np.cumsum(random.choice([6, 12, 24, 36], length))
    pitches = 60 + np.cumsum(random.choice([-4, -2, -1, 0, 1, 2, 3], length)) % 24
    return [(int(t), 6, int(p), 0) for t, p in zip(onsets, pitches, strict=True)]


def moved(rows, *, steps=0, semitones=0, factor=1):
    return [((t + steps) * factor, d * factor, p + semitones, v) for t, d, p, v in rows]


@given(st.integers(-24, 24), st.integers(0, 96), st.sampled_from([1, 2]))
def test_a_transposed_shifted_or_augmented_copy_has_the_same_fingerprint(semitones, steps, factor):
    rows = melody(1)
    copy = moved(rows, steps=steps, semitones=semitones, factor=factor)
    assert np.array_equal(fingerprint(score(rows)), fingerprint(score(copy)))


def test_what_sounds_below_the_top_line_does_not_count():
    rows = melody(2)
    bass = [(t, 48, 30 + t % 7, 1) for t, _, _, _ in rows[::3]]
    both = sorted(rows + bass, key=lambda row: (row[0], -row[2]))
    assert np.array_equal(fingerprint(score(rows)), fingerprint(score(both)))


def test_a_copy_with_changes_and_an_excerpt_are_found_and_another_melody_is_not():
    rows = melody(3)
    changed = list(moved(rows, semitones=5))
    changed[100] = (*changed[100][:2], 40, 0)
    excerpt = moved(rows[30:80], semitones=-7)
    prints = [fingerprint(score(one)) for one in (rows, changed, melody(4), excerpt)]
    assert similar_pairs(prints) == [(0, 1), (0, 3), (1, 3)]


def test_half_of_a_melody_inside_another_piece_is_not_enough():
    first, second = melody(5), melody(6)
    mixed = first[:60] + moved(second[:70], steps=first[59][0] + 12)
    assert similar_pairs([fingerprint(score(first)), fingerprint(score(mixed))]) == []


def test_a_repeated_note_is_no_melody():
    rows = [(24 * n, 24, 60, 0) for n in range(100)]
    assert len(fingerprint(score(rows))) == 0


@pytest.mark.parametrize("length", [1, 2, 17])
def test_a_short_piece_has_no_fingerprint(length):
    assert len(fingerprint(score(melody(7, length)))) == 0
    assert similar_pairs([fingerprint(score(melody(7, length)))] * 2) == []


def test_the_preferred_copy_stays():
    pairs = [(0, 1), (1, 2)]
    assert removable(pairs, [0, 1, 2, 3]) == {1}
    assert removable(pairs, [1, 0, 2, 3]) == {0, 2}


def test_clusters_join_over_works_and_pairs():
    works = ["b", "b", "a", "c", "d", "c"]
    assert clusters(works, [(1, 2), (3, 4)]) == ["a", "a", "a", "c", "c", "c"]
