from __future__ import annotations

import numpy as np
import pytest

from firmware_py.compose.condition import Frame, condition_vector
from firmware_py.compose.controls import CONTROLS
from firmware_py.compose.rules import RuleComposer
from firmware_py.compose.vocabulary import BAR, NO_DURATION, NO_SYMBOL, PITCHES, duration_classes
from firmware_py.messages.plan import BarTarget
from model_export.composer.sequences import Sequence
from model_export.evaluation.excerpts import (
    bottom_line,
    excerpt_of,
    excerpts_of,
    stretches_of,
    top_line,
    windows,
)
from tests.model_export.evaluation.music import tune


def sequence(metres: list[tuple[int, int]], piece: str = "p") -> Sequence:
    """Each bar: its number as a pitch above 60, twice: at 0 and 24, over a bass at 0."""
    events, bar_of, conditions = [], [], []
    one = np.ones(CONTROLS, dtype=np.float32)
    quarter, half = duration_classes(np.array([24, 48])).tolist()
    for bar, metre in enumerate(metres):
        frame = Frame(metre, bar, None, "piano")
        conditions.append(condition_vector(one * 0.1, one.astype(bool), frame))
        events += [
            (BAR, NO_SYMBOL, NO_DURATION, NO_SYMBOL),
            (0, 39 + bar, quarter, NO_SYMBOL),
            (0, 20, half, NO_SYMBOL),
            (24, 39 + bar, quarter, NO_SYMBOL),
        ]
        bar_of += [bar] * 4
    table = np.array(events, dtype=np.int16)
    ringing = np.zeros((len(table), PITCHES // 8), dtype=np.uint8)
    bars = np.array(bar_of, dtype=np.int32)
    return Sequence(piece, "test", "piano", True, table, bars, np.array(conditions), ringing)


def test_an_excerpt_holds_its_bars_with_their_own_numbers() -> None:
    excerpts = excerpts_of(sequence([(4, 4)] * 6), 2, 2)
    assert [one.bars for one in excerpts] == [2, 2, 2]
    assert excerpts[1].notes.tolist() == [
        [0, 0, 24, 62], [0, 0, 48, 41], [0, 24, 24, 62],
        [1, 0, 24, 63], [1, 0, 48, 41], [1, 24, 24, 63],
    ]  # fmt: skip


def test_bars_of_two_metres_or_an_unnamed_one_make_no_excerpt() -> None:
    metres = [(4, 4), (4, 4), (3, 4), (3, 4), (5, 4), (5, 4)]
    excerpts = excerpts_of(sequence(metres), 2, 1)
    assert [(one.bar_steps, one.notes[0, 3]) for one in excerpts] == [(96, 60), (72, 62)]


def test_stretches_lose_no_note_and_estimate_unnamed_bars() -> None:
    stretches = stretches_of(sequence([(4, 4), (3, 8), (3, 8), (6, 8)]))
    assert [(one.bars, one.bar_steps) for one in stretches] == [(1, 96), (2, 36), (1, 72)]
    assert sum(len(one.notes) for one in stretches) == 12


@pytest.mark.parametrize("seed", range(4))
def test_the_devices_music_is_moved_to_no_sharps_and_flats(seed: int) -> None:
    target = BarTarget(0, 0.0, 66.0, 1.25, 62.0, 0.4, 1.0, 0.0, 0.4, 0.5)
    composer = RuleComposer(seed, target)
    bars = [composer.next_bar(target, 7 - bar) for bar in range(8)]
    excerpt = excerpt_of(bars)
    assert len(excerpt.notes) == sum(len(bar.notes) for bar in bars)
    white = np.isin(excerpt.notes[:, 3] % 12, (0, 2, 4, 5, 7, 9, 11))
    assert white.mean() > 0.9
    shift = excerpt.notes[:, 3].mean() - np.mean([n.pitch for bar in bars for n in bar.notes])
    assert -6 <= shift <= 5


def test_windows_and_lines() -> None:
    whole = tune(0, bars=8)
    first, second = windows(whole, 4, 4)
    assert len(first.notes) + len(second.notes) == len(whole.notes)
    assert (bottom_line(whole)[:, 3] == 48).sum() == 8
    assert (top_line(whole)[:, 3] >= 60).all()
