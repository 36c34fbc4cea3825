"""A small composer from rules: what plays when the trained model cannot be loaded.

Form, harmony and ideas are decided first; then the target says how many onsets sound (density),
where (register), how strongly (dynamics) and with which chords (mode, tension).
"""

from __future__ import annotations

from collections import deque
from random import Random
from typing import Final

from firmware_py.compose import harmony
from firmware_py.compose.closing import closing
from firmware_py.compose.form import LOOKBACK, Form, Place
from firmware_py.compose.idea import SLOTS, Idea, develop, loosen, new_motif, vary
from firmware_py.compose.texture import Line, Voices, arrange
from firmware_py.messages.plan import BEATS_PER_BAR, BarTarget
from firmware_py.messages.score import STEPS_PER_BAR, Bar, Chord

_MODULATE_CHANCE: Final = 0.2


class RuleComposer:
    """Implements ``ports.music.Composer``; the same bars for the same seed and targets."""

    name = "rules"

    def __init__(self, seed: int, start: BarTarget) -> None:
        self._rng = Random(f"rules {seed}")  # noqa: S311 - music, not secrets
        self._form = Form(seed)
        self._key = harmony.choose_key(start.mode, self._rng)
        self._motif = new_motif(self._rng)
        self._ideas: deque[Idea] = deque(maxlen=LOOKBACK)
        self._index = 0
        self._chord: Chord | None = None
        self._voices = Voices()
        self._owed = 0.0

    def next_bar(self, target: BarTarget, bars_left: int | None) -> Bar:
        """Write the next bar (see ``ports.music.Composer``)."""
        target = closing(target, bars_left)
        place = self._form.next(bars_left)
        if place.phrase_bar == 0:
            self._begin_phrase(place, target)
        idea = self._idea(place, target)
        onsets = self._onsets(target.density, idea, place)
        line = Line(idea, place, self._key, onsets)
        notes, self._voices = arrange(line, target, self._voices, self._rng)
        bar = Bar(
            index=self._index,
            key=self._key,
            chords=idea.chords,
            notes=notes,
            target=target,
            section=place.section,
            phrase_position=place.phrase_position,
            is_cadence=place.cadence != "none",
        )
        self._ideas.append(idea)
        self._chord = idea.chords[-1]
        self._index += 1
        return bar

    def _begin_phrase(self, place: Place, target: BarTarget) -> None:
        key = harmony.follow_mode(self._key, target.mode)
        origin = self._earlier(place)
        if origin is not None:
            self._motif = origin.motif
        elif self._index > 0:
            self._motif = new_motif(self._rng)
            if key == self._key and self._rng.random() < _MODULATE_CHANCE:
                key = harmony.neighbour_key(key, self._rng)
        if key != self._key:
            self._key, self._chord = key, None

    def _idea(self, place: Place, target: BarTarget) -> Idea:
        origin = self._earlier(place)
        chords = self._chords(place, target, origin)
        heights, order = self._motif.heights, self._motif.order
        if origin is not None:
            heights = vary(origin.heights, place.variation, self._rng)
            order = loosen(origin.order, place.variation, self._rng)
        elif place.phrase_bar > 0:
            heights = develop(self._motif, self._rng)
            order = loosen(order, 0.5, self._rng)
        return Idea(self._motif, heights, order, chords, self._key)

    def _earlier(self, place: Place) -> Idea | None:
        if place.returns_to is None:
            return None
        return self._ideas[place.returns_to - self._index]  # negative: counted from the newest

    def _chords(self, place: Place, target: BarTarget, origin: Idea | None) -> tuple[Chord, ...]:
        key, rng = self._key, self._rng
        if place.cadence != "none":
            return harmony.cadence_chords(key, place.cadence, self._chord, target.tension)
        to_end = place.phrase_bars - 1 - place.phrase_bar
        if to_end == 1:
            return harmony.approach_chords(key, place.heads_for, target.tension, rng)
        same_mode = origin is not None and origin.key.mode == key.mode
        if origin is not None and same_mode and rng.random() >= 0.4 * place.variation:
            lift = key.tonic - origin.key.tonic
            return tuple(Chord(c.start, (c.root + lift) % 12, c.quality) for c in origin.chords)
        if place.phrase_bar == 0:
            return (harmony.next_chord(key, None, target.mode, target.tension, rng),)
        tension = min(target.tension, 0.2) if to_end == 2 else target.tension
        return (harmony.next_chord(key, self._chord, target.mode, tension, rng),)

    def _onsets(self, density: float, idea: Idea, place: Place) -> tuple[int, ...]:
        """Return the sixteenths that sound; what rounding leaves over goes to the next bar."""
        changes = {chord.start * SLOTS // STEPS_PER_BAR for chord in idea.chords}
        if place.cadence == "final":
            return tuple(sorted(changes))
        wanted = density * BEATS_PER_BAR + self._owed
        count = min(SLOTS, max(1, round(wanted)))
        self._owed = min(1.0, max(-1.0, wanted - count))
        fill = [slot for slot in idea.order if slot not in changes]
        return tuple(sorted((*changes, *fill[: max(0, count - len(changes))])))
