from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_export.baselines.excerpt import Excerpt
from model_export.evaluation.copying import copying, longest_runs, texture_tokens, tune_tokens
from tests.model_export.evaluation.music import joined, moved, tune

CORPUS = [tune(seed, bars=16) for seed in range(100, 130)]


def line(pitches: list[int], lengths: list[int]) -> Excerpt:
    starts = np.cumsum([0, *lengths[:-1]])
    rows = [[s // 96, s % 96, d, p] for s, d, p in zip(starts, lengths, pitches, strict=True)]
    return Excerpt(np.array(rows, dtype=np.int32), int(starts[-1] // 96) + 1, 96)


def naive(one: list[int], other: list[int]) -> int:
    best = 0
    for i in range(len(one)):
        for j in range(len(other)):
            run = 0
            while i + run < len(one) and j + run < len(other) and one[i + run] == other[j + run]:
                run += 1
            best = max(best, run)
    return best if best >= 4 else 0


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([60, 62, 64]), st.sampled_from([24, 48])), min_size=1),
    st.lists(st.tuples(st.sampled_from([60, 62, 64]), st.sampled_from([24, 48])), min_size=1),
)
def test_agrees_with_trying_every_place(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    mine, theirs = (line([p for p, _ in x], [d for _, d in x]) for x in (one, other))
    for tokens in (tune_tokens, texture_tokens):
        expected = naive(tokens(mine).tolist(), tokens(theirs).tolist())
        assert longest_runs([mine], [theirs], tokens).tolist() == [expected]


def test_a_planted_copy_in_another_key_is_found_with_its_exact_length() -> None:
    source = CORPUS[7]
    stolen = Excerpt(source.notes[source.notes[:, 0] < 4], 4, 96)
    mark = Excerpt(np.array([[0, 0, 96, 90]], dtype=np.int32), 1, 96)  # no such thing in the corpus
    music = joined(mark, moved(stolen, -3), mark)
    found = longest_runs([music, mark], CORPUS, texture_tokens)
    assert found.tolist() == [len(stolen.notes) - 1, 0]


def test_runs_do_not_pass_from_one_piece_to_the_next() -> None:
    source = tune(1, bars=4)
    first = Excerpt(source.notes[source.notes[:, 0] < 2], 2, 96)
    rest = source.notes[source.notes[:, 0] >= 2] - np.array([2, 0, 0, 0], dtype=np.int32)
    whole = longest_runs([source], [source], tune_tokens)[0]
    halves = longest_runs([source], [first, Excerpt(rest, 2, 96)], tune_tokens)[0]
    assert whole == len(tune_tokens(source))
    assert halves < whole


def test_empty_music_shares_nothing() -> None:
    empty = Excerpt(np.zeros((0, 4), dtype=np.int32), 4, 96)
    assert longest_runs([empty, CORPUS[0]], CORPUS, tune_tokens)[0] == 0
    assert longest_runs([CORPUS[0]], [empty], tune_tokens).tolist() == [0]


def test_copied_music_stands_above_what_works_share() -> None:
    real = [tune(seed) for seed in range(40)]
    copied = [Excerpt(one.notes[one.notes[:, 0] < 8], 8, 96) for one in CORPUS[:20]]
    honest = copying([tune(seed) for seed in range(200, 240)], real, CORPUS)
    caught = copying(copied, real, CORPUS)
    for name in ("tune", "texture"):
        assert honest[name].above <= 0.2
        assert caught[name].above == 1.0
        assert caught[name].generated > caught[name].real
        assert caught[name].real == pytest.approx(honest[name].real)
