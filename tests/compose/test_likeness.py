"""What of a bar was heard before: rhythm, notes, and the tune's turns in whatever key."""

import numpy as np
import pytest

from firmware_py.compose.likeness import LOOKBACK, Heard, Likeness

BAR = 96


def bar(*notes: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    starts, pitches = np.array(notes, dtype=np.int32).reshape(-1, 2).T
    return starts, pitches


def heard(*bars: tuple[np.ndarray, np.ndarray]) -> Heard:
    so_far = Heard()
    for starts, pitches in bars:
        so_far.remember(starts, pitches, BAR)
    return so_far


TUNE = bar((0, 60), (24, 64), (48, 62), (72, 65))


def test_nothing_was_heard_before_the_first_bar() -> None:
    assert Heard().likeness(*TUNE) == Likeness(0.0, 0.0, 0.0)


def test_the_same_bar_again_is_all_heard_but_the_way_into_it() -> None:
    like = heard(TUNE).likeness(*TUNE)
    assert (like.rhythm, like.notes) == (1.0, 1.0)
    # Four turns end in the bar; the first two come over the bar line and are new.
    assert like.tune == 0.5
    assert heard(TUNE, TUNE).likeness(*TUNE) == Likeness(1.0, 1.0, 1.0)


def test_a_tune_is_known_in_another_key_and_elsewhere_in_the_bar() -> None:
    starts, pitches = TUNE
    moved = heard(TUNE, TUNE).likeness(starts, pitches + 5)
    assert moved.notes == 0.0
    assert moved.tune == 0.5  # the turns over the bar line are others
    low = bar((12, 72), (12, 40), (36, 76), (60, 74), (84, 77), (84, 41))
    later = heard(TUNE).likeness(*low)
    assert later.tune == pytest.approx(2 / 4)  # only the top of what is struck together counts


def test_a_bar_is_compared_with_the_one_most_like_it() -> None:
    other = bar((0, 70), (48, 71))
    half = bar((0, 60), (24, 64), (48, 70), (72, 71))
    like = heard(TUNE, other).likeness(*half)
    assert like.notes == pytest.approx(2 / 6)
    assert like.rhythm == pytest.approx(2 / 4)  # with the bar before, whatever it holds


def test_what_is_long_gone_is_forgotten() -> None:
    others = [bar((0, 30 + n), (48, 31 + 2 * n)) for n in range(LOOKBACK)]
    assert heard(TUNE, *others[:-1]).likeness(*TUNE).notes == 1.0
    like = heard(TUNE, *others).likeness(*TUNE)
    assert like.notes < 0.3
    assert like.tune == 0.0


def test_silence_is_like_nothing() -> None:
    assert heard(TUNE).likeness(*bar()) == Likeness(0.0, 0.0, 0.0)
    assert heard(bar()).likeness(*TUNE) == Likeness(0.0, 0.0, 0.0)
