"""Options that several commands share, and the checks of what is typed there."""

from __future__ import annotations

import argparse
import unicodedata
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import TypeAlias

from firmware_py.config.settings import MAX_MINUTES, MIN_MINUTES
from firmware_py.messages.heard import LANGUAGES
from firmware_py.messages.mood import MOOD_LABELS
from firmware_py.messages.plan import GOALS

_UNPRINTABLE = {"Cc", "Cs"}  # control signs, and halves of signs that are no UTF-8
_TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
"""Bidirectional classes of the signs that would turn round what a terminal shows after them."""
_SIGNED = {"--valence", "--arousal"}
MAX_SEED = 2**31 - 1
# argparse gives the type of what add_subparsers returns no public name.
Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001


def common_options() -> argparse.ArgumentParser:
    """Return the options of every command."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="print one JSON object and no more")
    common.add_argument(
        "--config", type=Path, metavar="FILE", help="settings file (docs/settings.md)"
    )
    return common


def mood_options() -> argparse.ArgumentParser:
    """Return the options that say what to compose: mood, goal, length, seed."""
    options = argparse.ArgumentParser(add_help=False, parents=[seed_option()])
    options.add_argument(
        "text", nargs="?", type=sentence, metavar="TEXT", help="how you feel, in quotes"
    )
    options.add_argument(
        "--mood", type=one_of("mood", MOOD_LABELS), metavar="LABEL", help=", ".join(MOOD_LABELS)
    )
    plane = number(-1.0, 1.0)
    options.add_argument("--valence", type=plane, metavar="V", help="-1 unpleasant to 1 pleasant")
    options.add_argument("--arousal", type=plane, metavar="A", help="-1 drowsy to 1 wide awake")
    options.add_argument(
        "--goal", type=one_of("goal", GOALS), metavar="GOAL", help=", ".join(GOALS)
    )
    options.add_argument(
        "--minutes",
        type=number(MIN_MINUTES, MAX_MINUTES),
        metavar="N",
        help=f"length, {MIN_MINUTES:g} to {MAX_MINUTES:g}",
    )
    return options


def seed_option() -> argparse.ArgumentParser:
    """Return ``--seed``."""
    option = argparse.ArgumentParser(add_help=False)
    option.add_argument(
        "--seed", type=whole(0, MAX_SEED), metavar="S", help="the same seed, the same music"
    )
    return option


def language_option() -> argparse.ArgumentParser:
    """Return ``--language``."""
    option = argparse.ArgumentParser(add_help=False)
    option.add_argument(
        "--language",
        type=one_of("language", LANGUAGES),
        metavar="|".join(LANGUAGES),
        help="English or Chinese",
    )
    return option


def sentence(text: str) -> str:
    """Return the sentence with unprintable signs made blanks; an option type.

    What is read is what is shown: no control sequence reaches the terminal.
    """
    printable = "".join(sign if _is_printable(sign) else " " for sign in text)
    if not printable.strip():
        raise argparse.ArgumentTypeError("the sentence is empty; say how you feel")
    return " ".join(printable.split())


def _is_printable(sign: str) -> bool:
    return (
        unicodedata.category(sign) not in _UNPRINTABLE
        and unicodedata.bidirectional(sign) not in _TURNS
    )


def join_signed(argv: Sequence[str]) -> list[str]:
    """Return ``argv`` with ``--valence -1e-3`` as ``--valence=-1e-3``.

    argparse takes a word like ``-1e-3`` or ``-inf`` for an option of its own.
    """
    joined: list[str] = []
    for word in argv:
        if joined and joined[-1] in _SIGNED and word.startswith("-") and word[1:2] != "-":
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def one_of(what: str, choices: Sequence[str]) -> Callable[[str], str]:
    """Return an option type that accepts ``choices`` and suggests the nearest."""

    def read(text: str) -> str:
        if text in choices:
            return text
        near = get_close_matches(text.lower(), choices, n=1, cutoff=0.5)
        advice = f"did you mean {near[0]}? " if near else ""
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a {what}; {advice}choose from {', '.join(choices)}"
        )

    return read


def number(low: float, high: float) -> Callable[[str], float]:
    """Return an option type that accepts a number from ``low`` to ``high``."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not (isfinite(value) and low <= value <= high):
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {low:g} to {high:g}")
        return value

    return read


def whole(low: int, high: int) -> Callable[[str], int]:
    """Return an option type that accepts a whole number from ``low`` to ``high``."""

    def read(text: str) -> int:
        if text.isascii() and text.isdigit() and len(text) < 20 and low <= int(text) <= high:
            return int(text)
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")

    return read
