"""One small module for each command: ``register`` adds its options, ``run`` does it."""

from __future__ import annotations

from types import ModuleType

from firmware_py.app.commands import compose, doctor, export, forget, history, listen, mood, setup

COMMANDS: tuple[ModuleType, ...] = (setup, doctor, mood, listen, compose, history, export, forget)
"""In the order of ``lull --help``."""
