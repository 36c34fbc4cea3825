"""Where state, downloaded models and shipped models live."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

SHIPPED_MODELS = Path(__file__).resolve().parent.parent / "models"
"""Models of our own that travel with the program: one folder each, with manifest and card."""
ASSETS = Path(__file__).resolve().parent.parent / "assets"


@dataclass(frozen=True, slots=True)
class Paths:
    """Folders that Lull writes to."""

    state: Path
    """SQLite, keys, the lock: ``$LULL_STATE``, default ``~/.local/share/lull``."""
    models: Path
    """Downloaded speech models and soundfont: ``$LULL_MODELS``, default ``<state>/models``."""

    @classmethod
    def from_environment(cls) -> Paths:
        """Read the two variables; nothing is created."""
        home = Path.home() / ".local" / "share" / "lull"
        state = Path(os.environ.get("LULL_STATE") or home).expanduser()
        return cls(state, Path(os.environ.get("LULL_MODELS") or state / "models").expanduser())
