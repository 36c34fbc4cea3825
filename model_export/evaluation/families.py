"""The features by what they listen to, so that a verdict can be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

FAMILIES: Final[dict[str, tuple[str, ...]]] = {
    "repetition": ("same ", "bars with the ", "distinct rhythms a bar", "heard before"),
    "change between bars": ("spread over bars", "bar to bar change", "every 4th bar"),
    "sounding together": ("pairs", "roughness", "unisons", "outer voices"),
    "harmony": ("chord", "root", "tones in common"),
    "lines": ("top line", "bottom line", "tune:"),
    "pitch": ("pitch", "scale"),
    "rhythm and texture": ("",),
}
"""Each family and what its features' names hold; a feature is of the first family that fits."""


def family_of(feature: str) -> str:
    """Return the family that a feature belongs to."""
    return next(name for name, marks in FAMILIES.items() if any(mark in feature for mark in marks))


def members(features: Sequence[str], family: str) -> list[int]:
    """Return the positions of a family's features."""
    return [at for at, feature in enumerate(features) if family_of(feature) == family]
