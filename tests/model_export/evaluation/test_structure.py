from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.image import imread

from model_export.baselines.excerpt import Excerpt
from model_export.evaluation.pictures import draw_likeness
from model_export.evaluation.repetition import repetition
from model_export.evaluation.structure import fitness, likeness, scored, structureness, structures
from tests.model_export.evaluation.music import joined, moved, tune

SILENCE = Excerpt(np.zeros((0, 4), dtype=np.int32), 8, 96)


def test_likeness_is_one_for_the_same_bar_and_zero_for_silence() -> None:
    alike = likeness(joined(tune(0), tune(0), SILENCE))
    assert np.allclose(np.diagonal(alike, 8)[:8], 1.0)
    assert np.allclose(alike[:16, 16:], 0.0)
    assert np.allclose(np.diagonal(alike), 1.0)
    assert (alike >= 0.0).all()
    assert (alike <= 1.0 + 1e-9).all()


def test_fitness_of_a_passage_that_comes_four_times() -> None:
    blocks = np.kron(np.ones((4, 4)), np.eye(8))  # eight unlike bars, four times
    values = fitness(2 * blocks - 1, 8)
    assert values[0] == np.float64(2 * 0.75 * 0.75 / 1.5)  # three of the four are not itself
    assert fitness(2 * np.eye(32) - 1, 8).max() == 0.0


def test_planted_returns_show_at_their_own_scale() -> None:
    phrases = [tune(seed) for seed in range(20)]
    wandering = joined(*phrases[:8])
    period = joined(*phrases[:4], *phrases[:4])  # 32 bars, played twice
    short = joined(*[phrases[0]] * 8)  # 8 bars, eight times
    new, long, brief = (structureness(one) for one in (wandering, period, short))
    assert long["up to 30 bars and more"] > new["up to 30 bars and more"] + 0.3
    assert brief["up to 8 bars"] > new["up to 8 bars"] + 0.3
    assert brief["up to 8 bars"] > long["up to 8 bars"]


def test_an_even_texture_that_never_returns_is_no_structure() -> None:
    random = np.random.default_rng(0)
    alike = 0.7 + random.uniform(-0.05, 0.05, (64, 64))  # every bar like every other, none the same
    alike = (alike + alike.T) / 2
    np.fill_diagonal(alike, 1.0)
    planted = alike.copy()
    for at in range(16):
        planted[at, 32 + at] = planted[32 + at, at] = 1.0
    assert fitness(scored(alike), 16).max() < 0.02
    assert fitness(scored(planted), 16).max() > 0.3


def test_bands_hold_their_own_kind() -> None:
    real = [joined(*[tune(8 * seed + part) for part in range(8)]) for seed in range(12)]
    other = [joined(*[tune(1000 + seed)] * 8) for seed in range(4)]
    row = structures(other, real, 0)["up to 8 bars"]
    assert row.generated > row.window_high
    assert row.inside == 0.0
    assert row.low <= row.real <= row.high


def test_nothing_repeats_in_a_wandering_tune() -> None:
    found = repetition(joined(*[tune(seed) for seed in range(6)]))
    assert found.passages == 0
    assert found.longest < 4


def test_planted_repeats_are_counted_exactly() -> None:
    theme, other, third = tune(1), tune(2), tune(3)
    found = repetition(joined(theme, other, moved(theme, 5), third, theme))
    assert found.longest == 8
    assert found.passages == 2  # moved, and once more
    assert found.moved >= 16 / 40
    assert 8 / 40 <= found.verbatim < found.moved


def test_a_passage_moved_half_way_is_two_shorter_ones() -> None:
    theme = tune(1)
    first, second = joined(theme), tune(4)
    half = Excerpt(theme.notes[theme.notes[:, 0] < 4], 4, 96)
    rest = theme.notes[theme.notes[:, 0] >= 4] - np.array([4, 0, 0, 0], dtype=np.int32)
    later = joined(half, moved(Excerpt(rest, 4, 96), 2))
    found = repetition(joined(first, second, later))
    assert found.longest in {4, 5}
    assert found.passages == 0


def test_silence_is_no_repetition() -> None:
    found = repetition(joined(SILENCE, tune(0), SILENCE, SILENCE))
    assert found.longest < 4
    assert found.passages == 0
    empty = repetition(SILENCE)
    assert (empty.verbatim, empty.moved, empty.longest, empty.passages) == (0.0, 0.0, 0, 0)


def test_a_bar_played_all_the_time_is_found_as_often_as_it_fits() -> None:
    found = repetition(joined(*[tune(3, bars=1)] * 32))
    assert found.longest == 16
    assert found.passages == 3


def test_the_picture_is_written_whole_and_the_same_each_time(tmp_path: Path) -> None:
    music = joined(tune(0), tune(1), tune(0))
    sections = [f"{theme}{bar}" for theme in ("A", "B", "A'") for bar in range(1, 9)]
    draw_likeness(music, tmp_path / "a.png", "one hour", sections)
    draw_likeness(music, tmp_path / "b.png", "one hour", sections)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert min(imread(tmp_path / "a.png").shape[:2]) > 500
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.png"]
