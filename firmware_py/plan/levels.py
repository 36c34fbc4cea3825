"""The seven targets a plan leads, as one value each: what a bar asks for, without its time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Final, Literal, get_args

TargetName = Literal["tempo", "density", "register", "dynamics", "mode", "tension", "brightness"]
TARGET_NAMES: Final[tuple[TargetName, ...]] = get_args(TargetName)


@dataclass(frozen=True, slots=True)
class Levels:
    """One value per target, in the units of ``BarTarget``."""

    tempo: float
    density: float
    register: float
    dynamics: float
    mode: float
    tension: float
    brightness: float

    @classmethod
    def each(cls, value_of: Callable[[TargetName], float]) -> Levels:
        """Build from a function of the target's name."""
        return cls(*(value_of(name) for name in TARGET_NAMES))

    def __getitem__(self, name: TargetName) -> float:
        value: float = getattr(self, name)
        return value


@dataclass(frozen=True, slots=True)
class TargetOffsets:
    """How far this person likes each target from the usual, in the units of ``BarTarget``.

    Offsets move the start and the goal point; neither leaves its limits because of them.
    Raises ``ValueError`` for a value that is not finite.
    """

    tempo: float = 0.0
    density: float = 0.0
    register: float = 0.0
    dynamics: float = 0.0
    mode: float = 0.0
    tension: float = 0.0
    brightness: float = 0.0

    def __post_init__(self) -> None:
        for name in TARGET_NAMES:
            if not isfinite(self[name]):
                raise ValueError(f"offset of {name} is not finite: {self[name]}")

    def __getitem__(self, name: TargetName) -> float:
        value: float = getattr(self, name)
        return value


@dataclass(frozen=True, slots=True)
class Range:
    """A closed range of one target."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        """Half way between the ends."""
        return (self.low + self.high) / 2

    def nearest(self, value: float) -> float:
        """Return the value of the range that is nearest to ``value``."""
        return min(self.high, max(self.low, value))

    def lower_half(self) -> Range:
        """Return the range from the low end to the middle."""
        return Range(self.low, self.middle)


Region = dict[TargetName, Range]
"""A range for every target."""
