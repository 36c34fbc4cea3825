"""What ``lull setup`` reports of each thing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

ALREADY_HERE: Final = "already here"
"""The source of what was in its place before any setup."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is ready. A model's ``sha256`` is that of the ``SHA256SUMS`` in its folder."""

    name: str
    path: Path
    source: str
    bytes: int
    sha256: str
