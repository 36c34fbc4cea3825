"""One small module for each command: ``register`` adds its options, ``run`` does it."""

from __future__ import annotations

from types import ModuleType

from firmware_py.app.commands import (
    compose,
    demo,
    devices,
    doctor,
    export,
    forget,
    history,
    listen,
    mood,
    play,
    setup,
)

COMMANDS: tuple[ModuleType, ...] = (
    setup,
    doctor,
    mood,
    listen,
    compose,
    play,
    demo,
    history,
    export,
    forget,
    devices,
)
"""In the order of ``lull --help``."""
