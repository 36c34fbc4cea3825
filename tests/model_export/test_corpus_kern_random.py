"""Scores at random, written as kern and read back."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_py.messages.errors import UserError
from model_export.corpus.kern import read_kern

NAMES = ("c", "c#", "d", "e-", "e", "f", "f#", "g", "a-", "a", "b-", "b")
BAR = 96
Event = tuple[int, frozenset[int]]
"""Steps and pitches; no pitch is a rest."""
STAFF = st.lists(
    st.tuples(
        st.sampled_from([3, 4, 6, 8, 12, 16, 18, 24, 36, 48, 72, 96, 168]),
        st.frozensets(st.integers(24, 100), max_size=4),
    ),
    min_size=1,
    max_size=12,
)


def token(steps: int, pitches: frozenset[int], mark: str) -> str:
    recip = Fraction(96, steps)
    number = f"{recip.numerator}%{recip.denominator}".removesuffix("%1")
    return " ".join(f"{number}{name(p)}{mark}" for p in sorted(pitches)) or number + "r"


def name(pitch: int) -> str:
    octave, step = divmod(pitch - 60, 12)
    letter = NAMES[step][0]
    letters = letter * (octave + 1) if octave >= 0 else letter.upper() * -octave
    return letters + NAMES[step][1:]


def cells(events: list[Event], *, tied: bool) -> dict[int, str]:
    """Token at each step; ``tied``: notes that cross a bar line are written in pieces."""
    result: dict[int, str] = {}
    at = 0
    for steps, pitches in events:
        end = at + steps
        cuts = [at, *(range(at - at % BAR + BAR, end, BAR) if tied else ()), end]
        for start, stop in pairwise(cuts):
            first, last = start == at, stop == end
            mark = "" if first and last else "[" if first else "]" if last else "_"
            result[start] = token(stop - start, pitches, mark)
        at = end
    return result


def kern(staves: list[list[Event]], *, tied: bool) -> str:
    columns = [cells(events, tied=tied) for events in staves]
    end = max(sum(steps for steps, _ in events) for events in staves)
    lines = [["**kern"], ["*M4/4"]]
    for step in sorted({*range(0, end, BAR), *(s for column in columns for s in column)}):
        if step % BAR == 0:
            lines.append([f"={step // BAR + 1}"])
        if any(step in column for column in columns):
            lines.append([column.get(step, ".") for column in columns])
    lines += [["=="], ["*-"]]
    whole = (line * len(staves) if len(line) == 1 else line for line in lines)
    return "".join("\t".join(line) + "\n" for line in whole)


@given(st.lists(STAFF, min_size=1, max_size=4), st.booleans())
def test_scores_at_random_come_back_as_they_were(staves: list[list[Event]], tied: bool) -> None:
    expected: dict[tuple[int, int], tuple[int, int]] = {}
    for column, events in enumerate(staves):
        part = len(staves) - 1 - column
        starts = accumulate((steps for steps, _ in events), initial=0)
        for onset, (steps, pitches) in zip(starts, events, strict=False):
            for pitch in pitches:
                key, value = (onset, -pitch), (steps, -part)
                expected[key] = max(expected.get(key, value), value)
    text = kern(staves, tied=tied)
    if not expected:
        with pytest.raises(UserError, match="no notes"):
            read_kern(text)
        return
    score = read_kern(text)
    assert [tuple(row) for row in score.notes.tolist()] == [
        (t, d, -p, -n) for (t, p), (d, n) in sorted(expected.items())
    ]
    if tied:
        end = max(t + d for (t, _), (d, _) in expected.items())
        assert [tuple(row) for row in score.bars.tolist()] == [
            (step, 4, 4) for step in range(0, end, BAR)
        ]
