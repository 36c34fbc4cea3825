"""How a long fetch says where it stands."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int | None], None]
"""Called often with what is being done, bytes done, and bytes in all (None: unknown)."""


def silent(_doing: str, _done: int, _total: int | None) -> None:
    """Say nothing."""
