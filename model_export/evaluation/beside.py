"""The baselines' own music, to stand beside ours in the two-sample test."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence as Many
from pathlib import Path
from typing import Final

from firmware_py.messages.score import STEPS_PER_BAR
from model_export.baselines.corpus import Corpus
from model_export.baselines.excerpt import Excerpt, Opening, Sampler
from model_export.baselines.names import NAMES, Name
from model_export.baselines.trained import sampler
from model_export.composer.sequences import Sequence
from model_export.evaluation.excerpts import BAR_STEPS, cut, metres_of

LEAD: Final = 4
"""Bars that are thrown away, so that no excerpt is a beginning."""
EXCERPTS: Final = 48


def beside(
    folder: Path, music: Corpus, bars: int, say: Callable[[str], None]
) -> dict[str, list[Excerpt]]:
    """Return excerpts of ``bars`` bars in 4/4 of each baseline that is trained in ``folder``.

    They compose freely, told the textures of the test works in 4/4 and no control.
    """
    openings = openings_of(music.test)
    found: dict[str, list[Excerpt]] = {}
    for name in NAMES:
        if not _composes(name, folder):
            continue
        say(f"music of {name}")
        found[name] = _excerpts(sampler(name, folder, music, openings), bars)
    return found


def openings_of(test: Many[Sequence]) -> list[Opening]:
    """Return an opening for each sequence whose first bar is in 4/4."""
    return [
        Opening(sequence.texture)
        for sequence in test
        if (metre := int(metres_of(sequence.conditions)[0])) < len(BAR_STEPS)
        and BAR_STEPS[metre] == STEPS_PER_BAR
    ]


def _composes(name: Name, folder: Path) -> bool:
    """Tell what has music of its own: ours with controls is shown at the test works' controls."""
    return name != "controlled" and (folder / name / "result.json").exists()


def _excerpts(composing: Sampler, bars: int) -> list[Excerpt]:
    whole = [composing.sample(LEAD + bars, seed) for seed in range(EXCERPTS)]
    return [cut(one.notes, LEAD, bars, one.bar_steps) for one in whole]
