"""Percentages and durations in Chinese numerals or digits."""

from __future__ import annotations

import re
from typing import Final

_DIGITS: Final = {character: number for number, character in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
}
_LEVELS: Final = {"一半": 50.0, "最大": 100.0, "最小": 0.0}
_NUMBER: Final = r"[零〇一二两三四五六七八九十百\d.]+"
_DURATION: Final = re.compile(
    rf"(?:(?P<hours>{_NUMBER})?个?(?P<half>半)?个?(?:小时|钟头)(?P<half_after>半)?)?零?"
    rf"(?:(?P<amount>{_NUMBER}|半)(?P<unit>分钟|分|刻钟|刻|秒钟|秒))?"
)
_UNIT_MINUTES: Final = {"分": 1.0, "刻": 15.0, "秒": 1 / 60}


def percent(text: str) -> float | None:
    """Return the number in "百分之三十", "三十" or "30%"; None for anything else."""
    if text in _LEVELS:
        return _LEVELS[text]
    return _number(text.removeprefix("百分之").removesuffix("%"))


def minutes(text: str) -> float | None:
    """Return the minutes in "半个小时", "一个半小时", "三十分钟", "一刻钟"; else None."""
    found = _DURATION.fullmatch(text)
    if found is None or not text:
        return None
    total = 0.0
    if "小时" in text or "钟头" in text:
        half = 0.5 if found["half"] or found["half_after"] else 0.0
        hours = _number(found["hours"]) if found["hours"] else (0.0 if found["half"] else None)
        if hours is None:
            return None
        total = 60 * (hours + half)
    if found["unit"]:
        amount = 0.5 if found["amount"] == "半" else _number(found["amount"])
        if amount is None:
            return None
        total += amount * _UNIT_MINUTES[found["unit"][0]]
    return total


def in_words(number: int) -> str:
    """Return 0 to 100 in numerals."""
    if number == 100:
        return "一百"
    tens, ones = divmod(number, 10)
    names = "零一二三四五六七八九"
    if tens == 0:
        return names[ones]
    return ("" if tens == 1 else names[tens]) + "十" + (names[ones] if ones else "")


def _number(text: str) -> float | None:
    """Read one number below 1000, in digits or in numerals."""
    if text.replace(".", "", 1).isdecimal() and text.isascii():
        return float(text)
    parts = re.fullmatch(r"(?:(?P<h>\w)百)?零?(?:(?P<t>\w)?(?P<ten>十))?(?P<o>\w)?", text)
    if not text or parts is None:
        return None
    total = 0
    for name, value in (("h", 100), ("t", 10), ("o", 1)):
        digit = parts[name]
        if digit is not None and digit not in _DIGITS:
            return None
        total += value * _DIGITS.get(digit or "零", 0)
    return float(total + (10 if parts["ten"] and not parts["t"] else 0))
