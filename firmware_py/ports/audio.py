"""Sound in and out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Stereo = NDArray[np.float32]
"""Shape (frames, 2), values in [-1, 1]."""
Mono16 = NDArray[np.int16]
"""Shape (frames,)."""

Fill = Callable[[int], Stereo]
"""Asked from the audio callback for exactly n frames; copies ready blocks, never computes."""


class Speaker(Protocol):
    """Plays what ``fill`` returns until it is closed."""

    name: str
    rate: int

    def start(self, fill: Fill) -> None:
        """Open the device and begin to ask ``fill`` for frames.

        Raises ``MissingError`` when the device is not there.
        """

    def stop(self) -> None:
        """Close the device after what was handed over has sounded; safe to call twice."""

    @property
    def underruns(self) -> int:
        """Times the sound card ran dry since ``start``, as the driver reports it."""
        ...

    @property
    def lost(self) -> bool:
        """True when the device went away after ``start``: nobody asks ``fill`` any more."""
        ...
