"""The breath that the music's swell follows."""

from __future__ import annotations

from math import cos, pi
from typing import Final

BREATHS_PER_MINUTE: Final = 6.0
"""About 0.1 Hz, where slow breathing and the heart's own rhythm meet (research/music-models.md:
music at 0.1 Hz, n = 60, RMSSD p < .001)."""
INHALE_SHARE: Final = 0.4
"""Out longer than in: 4 s in, 6 s out at six a minute."""


def swell_at(seconds: float) -> float:
    """Return the breath at a time from the start of the music: 0 fully out, 1 fully in.

    Smooth (its slope has no jump), starts fully out, depends on time alone and so keeps its pace
    at any tempo. Bars longer than 5 s are too slow to sample it; whoever shapes sound between bar
    lines should ask here and not interpolate between bars.
    """
    phase = (seconds * BREATHS_PER_MINUTE / 60.0) % 1.0
    if phase < INHALE_SHARE:
        return 0.5 - 0.5 * cos(pi * phase / INHALE_SHARE)
    return 0.5 + 0.5 * cos(pi * (phase - INHALE_SHARE) / (1.0 - INHALE_SHARE))
