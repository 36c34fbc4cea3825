"""How music slows at its very end."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from firmware_py.messages.plan import TARGET_RANGES, BarTarget

_SLOWER: Final = (0.88, 0.96)
"""Tempo of the last bar and the one before, as parts of the plan's. Final ritardandi in recorded
performances go much further (A. Friberg and J. Sundberg, JASA 105, 1999); a bar's
tempo is one number here, and a step that is heard as a step would wake."""


def closing(target: BarTarget, bars_left: int | None) -> BarTarget:
    """Return the target with a slower tempo in the last two bars; never below the slowest."""
    if bars_left is None or bars_left >= len(_SLOWER):
        return target
    return replace(target, tempo=max(TARGET_RANGES["tempo"][0], _SLOWER[bars_left] * target.tempo))
