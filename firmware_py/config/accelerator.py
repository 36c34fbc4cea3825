"""What may compute the composer's networks."""

from __future__ import annotations

from typing import Final, Literal

Accelerator = Literal["cpu", "cuda", "tensorrt"]
ACCELERATORS: Final[tuple[Accelerator, ...]] = ("cpu", "cuda", "tensorrt")
