"""One small module for each command: ``register`` adds its options, ``run`` does it."""

from __future__ import annotations

from types import ModuleType

from firmware_py.app.commands import listen, mood, setup

COMMANDS: tuple[ModuleType, ...] = (setup, mood, listen)
"""In the order of ``lull --help``."""
