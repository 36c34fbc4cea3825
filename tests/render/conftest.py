from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from firmware_py.messages.mood import Mood
from firmware_py.messages.plan import Plan
from firmware_py.messages.score import Bar
from firmware_py.render.composition import Composition
from firmware_py.render.synth import FluidSynthRenderer

_FONTS = ("/usr/share/sounds/sf2/FluidR3_GM.sf2", "/usr/share/sounds/sf2/TimGM6mb.sf2")

MakePiece = Callable[..., Composition]


@pytest.fixture(scope="session")
def soundfont() -> Path:
    found = [Path(font) for font in _FONTS if Path(font).is_file()]
    assert found, "no soundfont: apt install fluid-soundfont-gm or timgm6mb-soundfont"
    return found[0]


@pytest.fixture(scope="session")
def make_piece(soundfont: Path) -> MakePiece:
    def make(bars: tuple[Bar, ...], seed: int = 7) -> Composition:
        plan = Plan(
            goal="calm",
            minutes=sum(bar.target.seconds for bar in bars) / 60,
            mood=Mood("anxious", -0.59, 0.54),
            strategy="match-then-lead",
            why=("Because the test says so.",),
            bars=tuple(bar.target for bar in bars),
        )
        return Composition(
            plan, bars, "test bars", seed, lambda: FluidSynthRenderer(soundfont, seed=seed)
        )

    return make
