"""Phrases and sections: what is new, what comes back, where the music breathes and closes.

Themes come in groups of four to six phrases (A A' B A''); every few minutes a new group brings new
themes, and now and then an earlier theme is recalled. A first statement asks (half cadence), a
return answers (full cadence). Nothing is planned further ahead than one group, so an end may be
set, moved or taken back at any bar.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

CadenceKind = Literal["none", "half", "full", "final"]

PHRASE_BARS: Final = 8
SHORTEST_LAST: Final = 4
"""A piece longer than a phrase never ends with a phrase of fewer bars."""
LOOKBACK: Final = 512
"""``Place.returns_to`` never points further back than this many bars (about half an hour)."""
VERBATIM_SHARE: Final = 0.08
"""At any bar, at most this share of the bars so far (and never a whole phrase) is restated
unchanged."""

# Which theme of the group each phrase states. The last is always a return: groups close.
_GROUPS: Final[tuple[str, ...]] = ("aaba", "abab", "aabba", "abaca", "abcab", "aababa", "abcba")
_RECALL_CHANCE: Final = 0.5
_RECALL_AFTER: Final = 8 * PHRASE_BARS
_RECALLABLE: Final = 8
_RANK_MARKS: Final = ("", "'", "''", "'''")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a bar stands in the form."""

    section: str
    """Theme, primes for its return (at most three) and bar from 1: ``A1``, ``A'3``, ``B2``."""
    phrase_bar: int
    """From 0."""
    phrase_bars: int
    """Length of the phrase as it stands; a new ``bars_left`` may change it at the next bar."""
    phrase_position: float
    """0 in the first bar to 1 in the last; 0 in a phrase of one bar."""
    cadence: CadenceKind
    """Not ``none`` in the last bar of a phrase only; ``final`` in the last bar of the music."""
    heads_for: CadenceKind
    """The cadence that the phrase will end with, as it stands; never ``none``."""
    returns_to: int | None
    """Index of the earlier bar that this one restates; None for new material."""
    variation: float
    """0 verbatim to 1 free; 1 exactly when ``returns_to`` is None."""


@dataclass(slots=True)
class _Theme:
    name: str
    first_bar: int
    """Returns always go to the first statement, so that a theme never drifts away from itself."""
    last_bar: int
    """Where its latest statement began."""
    bars: int
    closes: bool
    statements: int = 1


@dataclass(slots=True)
class _Phrase:
    theme: _Theme
    mark: str
    returns: bool
    closes: bool
    planned: int
    own_idea: int
    """In a new phrase: after how many bars its own opening comes again; 0: never."""
    variation: float
    verbatim_bars: int


class Form:
    """Gives each bar its place. Constant cost a bar; keeps a few themes, however long it runs."""

    def __init__(self, seed: int) -> None:
        self._rng = Random(f"form {seed}")  # noqa: S311 - music, not secrets
        self._index = 0
        self._phrase_bar = 0
        self._phrase: _Phrase | None = None
        self._queue: deque[str] = deque()
        self._group = ""
        self._slots: dict[str, _Theme] = {}
        self._themes: deque[_Theme] = deque(maxlen=_RECALLABLE)
        self._named = 0
        self._verbatim = 0

    def next(self, bars_left: int | None) -> Place:
        """Return the place of the next bar.

        ``bars_left``: bars after this one until the music must have ended (0: this is the last);
        None: no end in sight. It may appear, change or vanish at any call: the phrase under way is
        fitted, shortened or, rather than leave a stump, lengthened by up to three bars. After a
        final bar a new phrase begins. Raises ``ValueError`` for a negative ``bars_left``.
        """
        if bars_left is not None and bars_left < 0:
            raise ValueError(f"bars_left {bars_left}")
        if self._phrase is None:
            self._phrase = self._begin(bars_left)
            self._phrase_bar = 0
        bars = _fit(self._phrase.planned, self._phrase_bar, bars_left)
        place = self._place(self._phrase, self._phrase_bar, bars, bars_left)
        self._index += 1
        self._phrase_bar += 1
        self._verbatim += place.variation == 0.0
        if place.cadence != "none":
            self._close(self._phrase)
        return place

    def _place(self, phrase: _Phrase, bar: int, bars: int, bars_left: int | None) -> Place:
        heads_for: CadenceKind = "full" if phrase.closes else "half"
        if bars_left is not None and bars_left < bars - bar:
            heads_for = "final"
        cadence: CadenceKind = heads_for if bar == bars - 1 else "none"
        returns_to = self._origin(phrase, bar, bars, heads_for)
        variation = 1.0 if returns_to is None else self._variation(phrase, bar, bars)
        return Place(
            section=f"{phrase.theme.name}{phrase.mark}{bar + 1}",
            phrase_bar=bar,
            phrase_bars=bars,
            phrase_position=bar / (bars - 1) if bars > 1 else 0.0,
            cadence=cadence,
            heads_for=heads_for,
            returns_to=returns_to,
            variation=variation,
        )

    def _origin(self, phrase: _Phrase, bar: int, bars: int, heads_for: CadenceKind) -> int | None:
        """Return the bar to restate: of the theme's first statement, or of this phrase's idea."""
        theme = phrase.theme
        if phrase.returns:
            # Towards a cadence of another kind, or of another length, the way there is new.
            own_way = heads_for == "final" or phrase.closes != theme.closes or bars != theme.bars
            usable = min(theme.bars, bars) - (2 if own_way else 0)
            return theme.first_bar + bar if bar < usable else None
        idea = phrase.own_idea
        if idea and idea <= bar < min(idea + idea // 2 + 1, bars - 2):
            return self._index - idea
        return None

    def _variation(self, phrase: _Phrase, bar: int, bars: int) -> float:
        allowed = VERBATIM_SHARE * (self._index + 1)
        if phrase.returns and bar < phrase.verbatim_bars and self._verbatim + 1 <= allowed:
            return 0.0
        return min(0.9, phrase.variation + 0.3 * bar / bars)

    def _begin(self, bars_left: int | None) -> _Phrase:
        planned = _phrase_length(bars_left)
        ends = bars_left is not None and bars_left < planned
        slot = self._next_slot()
        theme = self._slots.get(slot)
        if ends and theme is None:  # the music ends with what is known
            theme = next(iter((*self._slots.values(), *reversed(self._themes))), None)
        if theme is not None and self._too_old(theme, planned):
            theme = None
        if theme is not None:
            return self._restate(theme, planned)
        theme = _Theme(_letters(self._named), self._index, self._index, planned, closes=ends)
        self._named += 1
        self._slots[slot] = theme
        return _Phrase(
            theme,
            mark="",
            returns=False,
            closes=ends,
            planned=planned,
            own_idea=self._rng.choice((0, 2, 2, 4, 4)) if planned >= 6 else 0,
            variation=self._rng.uniform(0.2, 0.5),
            verbatim_bars=0,
        )

    def _restate(self, theme: _Theme, planned: int) -> _Phrase:
        mark = _RANK_MARKS[min(theme.statements, len(_RANK_MARKS) - 1)]
        theme.statements += 1
        theme.last_bar = self._index
        return _Phrase(
            theme,
            mark,
            returns=True,
            closes=True,
            planned=planned,
            own_idea=0,
            variation=self._rng.uniform(0.1, 0.5),
            verbatim_bars=self._rng.choice((0, 2, 2, 4)),
        )

    def _next_slot(self) -> str:
        """Return the slot of the next phrase, beginning a new group when the last is done."""
        if not self._queue:
            self._themes.extend(self._slots.values())
            self._slots = {}
            self._group = self._rng.choice([g for g in _GROUPS if g != self._group])
            self._queue.extend(self._group)
            recalled = self._recall()
            if recalled is not None:
                self._slots["r"] = recalled
                self._queue.appendleft("r")
        return self._queue.popleft()

    def _recall(self) -> _Theme | None:
        """Take an earlier theme that has not been heard for some minutes, or nothing."""
        heard_lately = self._index - _RECALL_AFTER
        known = [
            theme
            for theme in self._themes
            if theme.last_bar < heard_lately and not self._too_old(theme, PHRASE_BARS)
        ]
        if not known or self._rng.random() >= _RECALL_CHANCE:
            return None
        theme = self._rng.choice(known)
        self._themes.remove(theme)
        return theme

    def _too_old(self, theme: _Theme, planned: int) -> bool:
        return self._index + planned + SHORTEST_LAST - theme.first_bar > LOOKBACK

    def _close(self, phrase: _Phrase) -> None:
        if not phrase.returns:
            phrase.theme.bars = self._phrase_bar
        self._phrase = None


def _phrase_length(bars_left: int | None) -> int:
    """Return the length of a phrase that begins with so many bars after this one."""
    if bars_left is None or bars_left + 1 >= PHRASE_BARS + SHORTEST_LAST:
        return PHRASE_BARS
    remaining = bars_left + 1
    if remaining <= PHRASE_BARS + 1:
        return remaining
    return 6  # 10 or 11 bars: six, then four or five


def _fit(planned: int, bar: int, bars_left: int | None) -> int:
    """Return the length of a phrase of ``planned`` bars that stands at ``bar``."""
    length = max(planned, bar + 1)
    if bars_left is None:
        return length
    end = bar + bars_left + 1
    return end if end < length + SHORTEST_LAST else length


def _letters(number: int) -> str:
    """Return A to Z, AA, AB, ... for 0, 1, 2, ..."""
    name = ""
    number += 1
    while number:
        number, digit = divmod(number - 1, 26)
        name = chr(ord("A") + digit) + name
    return name
