"""From the bar lines of a ``**kern`` file to bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

Metre = tuple[int, int]
"""Numerator and denominator of a time signature."""


@dataclass(slots=True)
class BarLine:
    """Where a bar begins, in quarter notes from the start of the piece."""

    after: Fraction
    """Onset of the last notes before it."""
    at: Fraction
    """Where the first of those that sound there ends: the bar line itself, unless notes of all
    staves cross it; then it stands somewhere between ``after`` and ``at``."""
    numbered: bool
    """Repeat signs and double bars within a bar bear no number."""
    metre: Metre
    """In force from here on."""


def bars_of(lines: Sequence[BarLine], end: Fraction) -> list[tuple[Fraction, Metre]]:
    """Start and metre of each bar up to ``end``, where the last note ends.

    The first line is the start of the piece. Bars without length are left out.
    """
    bars: list[tuple[BarLine, Fraction]] = []
    for index, line in enumerate(lines):
        start = line.at
        if bars:
            expected = bars[-1][1] + _length(bars[-1][0].metre)
            if _crossed(lines, index, expected):
                start = expected
        if bars and bars[-1][1] == start:
            bars.pop()
        if start < end or not bars:
            bars.append((line, start))
    return _without_inner(bars, end)


def _length(metre: Metre) -> Fraction:
    return Fraction(4 * metre[0], metre[1])


def _crossed(lines: Sequence[BarLine], index: int, expected: Fraction) -> bool:
    """Whether notes of all staves cross this bar line and it stands at ``expected``.

    Told from a bar that is really longer by the next bar line, which has to fit as well.
    """
    while index < len(lines) and lines[index].after < expected < lines[index].at:
        expected += _length(lines[index].metre)
        index += 1
        if index < len(lines) and lines[index].at == expected:
            return True
    return False


def _without_inner(
    bars: Sequence[tuple[BarLine, Fraction]], end: Fraction
) -> list[tuple[Fraction, Metre]]:
    """Drop each bar line that only divides a full bar: its halves share one number."""
    kept: list[tuple[BarLine, Fraction]] = []
    for index, (line, start) in enumerate(bars):
        following = bars[index + 1][1] if index + 1 < len(bars) else end
        if kept:
            first, first_start = kept[-1]
            full = following - first_start == _length(first.metre)
            if full and line.metre == first.metre and not (line.numbered and first.numbered):
                continue
        kept.append((line, start))
    return [(start, line.metre) for line, start in kept]
