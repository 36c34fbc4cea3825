"""What one settings key accepts: a reader that turns a TOML value into ours, or refuses it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import time
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Rule:
    """``read`` returns the value in our type and raises ValueError for what is not allowed."""

    allowed: str
    """In words, for the error message and the documentation."""
    read: Callable[[object], object]


def _require(ok: bool) -> None:  # noqa: FBT001 - reads like the keyword it replaces
    if not ok:
        raise ValueError


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def one_of(choices: Sequence[str]) -> Rule:
    """Accept one of ``choices``."""

    def read(value: object) -> object:
        _require(value in choices)
        return value

    return Rule("one of " + ", ".join(choices), read)


def number(low: float, high: float, unit: str = "") -> Rule:
    """Accept a number from ``low`` to ``high``; NaN is in no range."""

    def read(value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(value)  # noqa: TRY004 - one kind of refusal for every rule
        _require(low <= value <= high)
        return float(value)

    return Rule(f"a number from {low:g} to {high:g}{unit}", read)


def whole(low: int, high: int, unit: str = "") -> Rule:
    """Accept a whole number from ``low`` to ``high``."""

    def read(value: object) -> object:
        _require(isinstance(value, int) and not isinstance(value, bool) and low <= value <= high)
        return value

    return Rule(f"a whole number from {low} to {high}{unit}", read)


def switch() -> Rule:
    """Accept true or false."""

    def read(value: object) -> object:
        _require(isinstance(value, bool))
        return value

    return Rule("true or false", read)


def text() -> Rule:
    """Accept a text that is not blank."""

    def read(value: object) -> object:
        _require(_is_text(value))
        return value

    return Rule("a text", read)


def matching(pattern: str, allowed: str) -> Rule:
    """Accept a text that ``pattern`` matches whole."""

    def read(value: object) -> object:
        _require(isinstance(value, str) and re.fullmatch(pattern, value) is not None)
        return value

    return Rule(allowed, read)


def texts() -> Rule:
    """Accept a list of at least one text."""

    def read(value: object) -> object:
        if not isinstance(value, list) or not value:
            raise ValueError(value)
        _require(all(_is_text(item) for item in value))
        return tuple(value)

    return Rule("a list of one text or more", read)


def file() -> Rule:
    """Accept the path of a file; ``~`` is the home folder."""

    def read(value: object) -> object:
        _require(_is_text(value))
        return Path(str(value)).expanduser()

    return Rule("the path of a file", read)


def clock_span() -> Rule:
    """Accept two times of day."""

    def read(value: object) -> object:
        if not isinstance(value, list) or len(value) != 2:
            raise ValueError(value)
        _require(all(re.fullmatch(r"\d\d:\d\d", str(item)) for item in value))
        return time.fromisoformat(value[0]), time.fromisoformat(value[1])

    return Rule('two times of day like ["22:00", "07:00"]', read)
