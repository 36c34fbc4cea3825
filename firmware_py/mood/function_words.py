"""Words that hold a sentence together; the explanation does not offer them as reasons."""

from __future__ import annotations

from typing import Final

_JOINING_EN = """
i i'm i've me my myself you he she it it's we they him her this that a an the and or but because if
of to in on at for with from by about as am is are was were be been feel feels felt feeling um uh
well oh today tonight now lately yesterday last week day
"""
_JOINING_ZH = "我你他她它的了是在也就都这那和跟把"
JOINING: Final[frozenset[str]] = frozenset((*_JOINING_EN.split(), *_JOINING_ZH))
"""Pronouns, joining words and times: a reason that begins or ends with one is cut badly."""

_LEANING_EN = """
i'll these those do does did don't didn't have has had can can't cannot could couldn't will won't
would not no never just very really too so like some any more bit
little kind sort kinda quite
"""
_LEANING_ZH = "今天昨晚早现最近直们很不没有点要快着得地个么吗啊呢吧呀太到又还被去来"
FUNCTION: Final[frozenset[str]] = JOINING | {*_LEANING_EN.split(), *_LEANING_ZH}
"""Those, and negations, intensifiers and auxiliaries: part of a reason, but none alone."""
