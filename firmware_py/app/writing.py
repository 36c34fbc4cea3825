"""Putting a journey into files."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from firmware_py.app.journey import Journey
from firmware_py.app.output import Output
from firmware_py.app.scene import plan_sentence
from firmware_py.app.views import JsonObject, compose_view, mood_sentence
from firmware_py.app.wiring import RATE, find_soundfont, open_renderer
from firmware_py.config.settings import Settings
from firmware_py.messages.score import Bar
from firmware_py.render.composition import Composition
from firmware_py.render.files import SOUND_SUFFIXES, check_outputs, write_outputs


def check_writable(paths: Sequence[Path], minutes: float, settings: Settings) -> None:
    """Check, before any work, that ``minutes`` of music can be written to ``paths``.

    Raises ``UserError`` as ``check_outputs`` does, ``MissingError`` without a soundfont.
    """
    check_outputs(paths, minutes * 60.0, RATE)
    if any(path.suffix.lower() in SOUND_SUFFIXES for path in paths):
        find_soundfont(settings)


def write_journey(
    journey: Journey, paths: Sequence[Path], settings: Settings, output: Output
) -> JsonObject:
    """Compose all bars, write all files or none, tell about it, and return the JSON object."""
    output.say(mood_sentence(journey.plan.mood))
    output.say(f"Plan: {plan_sentence(journey.plan)}")
    for reason in journey.plan.why:
        output.say(f"  {reason}")
    told = len(journey.warnings)
    with output.progress() as progress:
        begin = time.perf_counter()
        bars: list[Bar] = []
        for bar in journey.bars():
            bars.append(bar)
            progress("composing", len(bars), len(journey.plan.bars))
        compose_s = time.perf_counter() - begin
        piece = Composition(
            journey.plan,
            tuple(bars),
            journey.composer.name,
            journey.seed,
            lambda: open_renderer(settings, journey.seed),
        )
        written = write_outputs(paths, piece, lambda done: progress("rendering", done, 1.0))
    for warning in journey.warnings[told:]:
        output.warn(warning)
    output.say(f"Composed by {piece.composer} with --seed {piece.seed}")
    for path in written.files:
        output.say(f"Wrote {path}")
    return compose_view(piece, written, compose_s, journey.warning)
