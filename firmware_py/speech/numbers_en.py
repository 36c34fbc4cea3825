"""Percentages and durations in English words or digits."""

from __future__ import annotations

from typing import Final

_SMALL: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
_ROUND: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ONES: Final = {word: number for number, word in enumerate(_SMALL)}
_TENS: Final = {word: 10 * number for number, word in enumerate(_ROUND, start=2)}
_LEVELS: Final = {"half": 50, "full": 100, "maximum": 100, "minimum": 0}
_UNIT_MINUTES: Final = {
    unit: minutes
    for units, minutes in (
        ("hour hours hr hrs h", 60.0),
        ("minute minutes min mins", 1.0),
        ("second seconds sec secs", 1 / 60),
    )
    for unit in units.split()
}
_PARTS: Final = {
    "a": 1.0,
    "an": 1.0,
    "half a": 0.5,
    "half an": 0.5,
    "a half": 0.5,
    "quarter of an": 0.25,
    "a quarter of an": 0.25,
    "three quarters of an": 0.75,
    "a couple of": 2.0,
}


def percent(text: str) -> float | None:
    """Return the number in "thirty", "30 percent" or "half"; None for anything else."""
    text = text.removesuffix(" percent").removesuffix(" per cent")
    level = _LEVELS.get(text)
    return _number(text.split()) if level is None else float(level)


def minutes(text: str) -> float | None:
    """Return the minutes in "half an hour", "an hour and ten minutes", "thirty"; else None."""
    total, quantity, unit = 0.0, list[str](), None
    for word in text.split():
        if word in _UNIT_MINUTES:
            unit = _UNIT_MINUTES[word]
            amount = _quantity(quantity)
            if amount is None:
                return None
            total, quantity = total + amount * unit, []
        else:
            quantity.append(word)
    if unit is None:
        return _number(quantity)
    if quantity == ["and", "a", "half"]:
        return total + unit / 2
    return None if quantity else total


def in_words(number: int) -> str:
    """Return 0 to 100 in words."""
    if number == 100:
        return "a hundred"
    for word, value in (*_ONES.items(), *_TENS.items()):
        if value == number:
            return word
    return f"{in_words(number // 10 * 10)} {in_words(number % 10)}"


def _quantity(words: list[str]) -> float | None:
    """Read what stands before a unit."""
    text = " ".join(words).removeprefix("and ")
    if text in _PARTS:
        return _PARTS[text]
    half = 0.5 if text.endswith(" and a half") else 0.0
    number = _number(text.removesuffix(" and a half").split())
    return None if number is None else number + half


def _number(words: list[str]) -> float | None:
    """Read one number below 1000, in digits or in words."""
    match words:
        case [digits] if digits.replace(".", "", 1).isdecimal():
            return float(digits)
        case ["hundred"]:
            return 100.0
        case [hundreds, "hundred", *rest] if hundreds in _ONES or hundreds == "a":
            below = _number([word for word in rest if word != "and"]) if rest else 0.0
            return None if below is None else 100.0 * _ONES.get(hundreds, 1) + below
        case [one] if one in _ONES or one in _TENS:
            return float(_ONES.get(one, _TENS.get(one, 0)))
        case [ten, one] if ten in _TENS and 0 < _ONES.get(one, 0) < 10:
            return float(_TENS[ten] + _ONES[one])
    return None
