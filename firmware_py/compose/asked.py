"""A plan's target in the composer's own controls, and how far a written bar is from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose.controls import CONTROL_NAMES, CONTROLS
from firmware_py.messages.plan import BarTarget

_WEIGHTS: Final[NDArray[np.float64]] = np.array(
    [
        {
            "density": 4.0, "register": 4.0, "tension": 5.5, "mode": 4.0, "polyphony": 0.5,
            "length": 0.5, "echo": 0.5, "motif": 0.3,
        }.get(name, 0.1)
        for name in CONTROL_NAMES
    ]
)  # fmt: skip
"""What the plan speaks of weighs most: found on sessions with independent targets (evaluation)."""
_ECHO: Final = 0.3
_MOTIF: Final = 0.5
"""How much of a bar, and of its tune, was heard before: the means of slow pieces in the corpus are
0.33 and 0.38."""
_STRUCK_TOGETHER: Final = 1.7
"""Notes an onset: a melody note over a broken chord, not block chords."""


@dataclass(frozen=True, slots=True)
class Asked:
    """``controls`` (CONTROLS,) and which of them are ``given``."""

    controls: NDArray[np.float32]
    given: NDArray[np.bool_]


def asked_of(target: BarTarget, shift: int) -> Asked:
    """Return what to ask of the model, whose music will sound ``shift`` semitones higher.

    What the plan does not speak of is either asked for what suits a bedside (even rhythm that
    stays from bar to bar, notes that ring) or left to the model (span).
    """
    sounding = 2.3 + 0.8 * target.dynamics
    length = sounding / (target.density * _STRUCK_TOGETHER)  # quarters
    wishes = {
        "density": np.log2(target.density) / 2.0,
        "polyphony": sounding / 2.0 - 1.0,
        "register": (target.register - shift - 62.0) / 12.0,
        "regularity": 0.85,
        "mode": 0.8 * target.mode,
        "tension": 0.1 + 0.8 * target.tension,
        "repetition": 0.7,
        "length": np.log2(length) / 2.0,
        "echo": _ECHO,
        "motif": _MOTIF,
    }
    values = np.array([wishes.get(name, 0.0) for name in CONTROL_NAMES], dtype=np.float32)
    given = np.array([name in wishes for name in CONTROL_NAMES], dtype=np.bool_)
    assert len(values) == CONTROLS
    return Asked(values, given)


def miss(measured: NDArray[np.float32], asked: Asked) -> float:
    """Return the weighted distance between a bar and what was asked, over what was given."""
    apart = np.abs(measured - asked.controls) * _WEIGHTS
    return float(apart[asked.given].sum())
