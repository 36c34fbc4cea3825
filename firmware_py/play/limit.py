"""The last step before the loudspeaker: nothing above the ceiling."""

from __future__ import annotations

from typing import Final

import numpy as np

from firmware_py.play.ramp import Gain
from firmware_py.ports.audio import Stereo

_KNEE: Final = 0.9
"""Levelled music peaks at -1 dBTP, 0.89 of full scale: below the knee nothing is touched."""


def limit(audio: Stereo, ceiling: Gain) -> None:
    """Bend ``audio`` in place so that it stays within ``ceiling`` (amplitude, 0 to 1).

    A curve without memory, so it cannot click: straight up to nine tenths of the ceiling, then
    ever flatter. Only crossfades and careless sources ever reach it.
    """
    if not len(audio) or float(np.abs(audio).max()) <= _KNEE * float(np.min(ceiling)):
        return
    size = np.abs(audio)
    knee = _KNEE * ceiling
    room = np.maximum(ceiling - knee, 1e-12)
    bent = np.where(size > knee, knee + room * np.tanh((size - knee) / room), size)
    np.copysign(np.minimum(bent, ceiling), audio, out=audio)
