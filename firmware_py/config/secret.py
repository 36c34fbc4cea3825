"""A password or key that never shows itself by accident."""

from __future__ import annotations

import os
from pathlib import Path

from firmware_py.messages.errors import UserError


class Secret:
    """Holds a secret text; ``repr`` and ``str`` mask it, only ``reveal`` gives it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def reveal(self) -> str:
        """Return the text itself."""
        return self._value


def read_secret(variable: str, file: Path | None) -> Secret | None:
    """Return the secret in the environment ``variable``, else the first line of ``file``, or None.

    Raises ``UserError`` when the file cannot be read.
    """
    if value := os.environ.get(variable):
        return Secret(value)
    if file is None:
        return None
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a text"
        raise UserError(f"Cannot read the secret file {file}: {reason}.") from error
    if not lines or not lines[0]:
        raise UserError(f"The secret file {file} is empty: write the secret in its first line.")
    return Secret(lines[0])
