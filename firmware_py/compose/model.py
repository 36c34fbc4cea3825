"""The trained composer: form first, then chords, then notes; the best of a few candidates a bar."""

from __future__ import annotations

from math import ceil, floor
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose import controls
from firmware_py.compose.asked import Asked, asked_of, miss
from firmware_py.compose.bar_rules import MOST_EVENTS, BarRules, Draft
from firmware_py.compose.bar_writer import Candidates, write_bar
from firmware_py.compose.chord_choice import Held, Mode, chords_for, symbol_mask
from firmware_py.compose.closing import closing
from firmware_py.compose.condition import Frame, Texture, condition_vector
from firmware_py.compose.form import Form, Place
from firmware_py.compose.likeness import Heard
from firmware_py.compose.network import Hearing, Network
from firmware_py.compose.parts import chords_of, notes_of
from firmware_py.compose.returns import Kept, Memory, Remembered, leaps, tune
from firmware_py.compose.vocabulary import (
    DURATION_STEPS,
    LOWEST_PITCH,
    NO_SYMBOL,
    PITCHES,
    chord_of,
    is_chord,
)
from firmware_py.messages.plan import BEATS_PER_BAR, BarTarget
from firmware_py.messages.score import STEPS_PER_BAR, Bar, Key

CANDIDATES: Final = 16
LOWEST: Final = 36
HIGHEST: Final = 86
"""The range a bedside speaker plays well and a tired ear bears."""
_TEXTURES: Final[tuple[Texture, ...]] = ("piano", "keyboard", "song")
_WARM_SHIFTS: Final = (-5, -4, -3, -2, 0, 0, 2, 3, 5)
"""Sounding signatures above C: G, A flat, A, B flat, C (twice), D, E flat, F."""
_MODE_TURNS_AT: Final = 0.15
_MOVES_KEY: Final = 0.35
"""Chance that a new theme stands a fifth away from the one before."""
_FIFTHS_FROM_HOME: Final = 2
_NATS_WEIGHT: Final = 0.1
_LEAP_WEIGHT: Final = 2.0
_COPY_WEIGHT: Final = 4.0


class ModelComposer:
    """Implements ``ports.music.Composer``."""

    def __init__(self, network: Network, seed: int, start: BarTarget) -> None:
        choice = Random(f"model {seed}")  # noqa: S311 - music, not secrets
        self.name = f"model {network.sha256[:12]}"
        self._network = network
        self._random = np.random.default_rng(seed)
        self._form = Form(seed)
        self._choice = choice
        self._home = self._shift = choice.choice(_WARM_SHIFTS)
        self._texture: Texture = choice.choice(_TEXTURES)
        self._mode: Mode = "major" if start.mode >= 0.0 else "minor"
        self._memory = Memory()
        self._index = 0
        self._chord = NO_SYMBOL
        self._held = Held()
        self._past = network.start()
        self._so_far = Heard()
        self._top: int | None = None
        self._heard: list[NDArray[np.float64]] = []

    def next_bar(self, target: BarTarget, bars_left: int | None) -> Bar:
        """Write the next bar (see ``ports.music.Composer``)."""
        target = closing(target, bars_left)
        place = self._form.next(bars_left)
        if place.phrase_bar == 0:
            self._turn_mode(target)
            self._turn_key(place)
            self._past = self._past.forgetting()
        asked = asked_of(target, self._shift)
        frame = Frame((4, 4), self._index, _soon(bars_left), self._texture)
        kept = self._memory.recall(place, target, self._shift)
        candidates = write_bar(
            self._network,
            condition_vector(asked.controls, asked.given, frame),
            Hearing(self._past, 1 if kept.everything else CANDIDATES, 2 * MOST_EVENTS),
            self._rules(place, target, kept),
            self._chord,
            self._random,
        )
        draft = self._choose(candidates, asked)
        return self._bar(draft, place, target)

    def _turn_mode(self, target: BarTarget) -> None:
        """Move between the relative keys, at the start of a phrase only."""
        if target.mode > _MODE_TURNS_AT:
            self._mode = "major"
        elif target.mode < -_MODE_TURNS_AT:
            self._mode = "minor"

    def _turn_key(self, place: Place) -> None:
        """Go back to a theme's own key when it returns; a new theme may stand a fifth away.

        Never more than ``_FIFTHS_FROM_HOME`` fifths from where the session began.
        """
        known = self._memory.shift_at(place.returns_to)
        if known is not None:
            self._shift = known
        elif place.returns_to is None and self._index > 0 and self._choice.random() < _MOVES_KEY:
            fifths = [
                f for f in (self._fifths - 1, self._fifths + 1) if abs(f) <= _FIFTHS_FROM_HOME
            ]
            self._shift = near(self._home + 7 * self._choice.choice(fifths))

    @property
    def _fifths(self) -> int:
        """Fifths from the first key to this one, -2 to 2 (seven semitones are one fifth)."""
        return min(range(-2, 3), key=lambda f: (7 * f - self._shift + self._home) % 12)

    def _rules(self, place: Place, target: BarTarget, kept: Kept) -> BarRules:
        opening, middle = chords_for(place, self._mode, target.tension, self._held)
        centre = round(target.register) - self._shift
        onsets = target.density * BEATS_PER_BAR
        return BarRules(
            steps=STEPS_PER_BAR,
            opening=symbol_mask(opening),
            middle=symbol_mask(middle),
            lowest=max(LOWEST - self._shift, centre - 26),
            highest=min(HIGHEST - self._shift, centre + 20),
            tension=target.tension,
            kept=kept.events,
            only_kept=kept.everything,
            chord_tones_only=place.cadence in {"full", "final"},
            closes=place.cadence == "final",
            fewest=max(1, floor(0.8 * onsets)) if place.cadence == "none" else 1,
            most=ceil(1.2 * onsets),
        )

    def _choose(self, candidates: Candidates, asked: Asked) -> Draft:
        """Keep the candidate that is nearest to what was asked, then likeliest."""
        costs = [
            miss(self._measured(draft), asked)
            + _NATS_WEIGHT * draft.nats / len(draft.events)
            + _LEAP_WEIGHT * leaps(tune(tuple(draft.events), self._before), self._before)
            + _COPY_WEIGHT * self._memory.holds(tuple(draft.events))
            for draft in candidates.drafts
        ]
        best = int(np.argmin(costs))
        self._past = candidates.hearing.chosen(best, STEPS_PER_BAR)
        return candidates.drafts[best]

    @property
    def _before(self) -> int | None:
        """The tune's last symbol, as the key of this bar would write it."""
        return None if self._top is None else self._top - self._shift

    def _measured(self, draft: Draft) -> NDArray[np.float32]:
        starts, durations, pitches = _arrays(draft)
        weight = controls.pitch_class_weight(pitches, durations)
        around = np.sum([*self._heard, weight], axis=0)
        return controls.measure(starts, durations, pitches, STEPS_PER_BAR, self._so_far, around)

    def _bar(self, draft: Draft, place: Place, target: BarTarget) -> Bar:
        events = tuple(draft.events)
        line = tune(events, self._before)
        self._top = line[-1][1] + self._shift
        starts, durations, pitches = _arrays(draft)
        self._heard = [*self._heard[-3:], controls.pitch_class_weight(pitches, durations)]
        self._so_far.remember(starts, pitches, STEPS_PER_BAR)
        self._memory.remember(self._index, Remembered(events, target, self._shift))
        self._chord = draft.chord
        chords = [symbol for _, symbol, _ in events if is_chord(symbol)]
        self._held = self._held.after(tuple(chord_of(symbol)[0] for symbol in chords))
        bar = Bar(
            index=self._index,
            key=Key((self._shift + (9 if self._mode == "minor" else 0)) % 12, self._mode),
            chords=chords_of(events, self._shift),
            notes=notes_of(events, line, self._shift, target.dynamics),
            target=target,
            section=place.section,
            phrase_position=place.phrase_position,
            is_cadence=place.cadence != "none",
        )
        self._index += 1
        return bar


def near(shift: int) -> int:
    """Return the same key as a shift of -5 to 6 semitones."""
    return (shift + 5) % 12 - 5


def _soon(bars_left: int | None) -> int | None:
    """Tell the model of an end only when it is near: pieces in the corpus are short."""
    return bars_left if bars_left is not None and bars_left < 8 else None


def _arrays(draft: Draft) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Return starts, durations and pitches (n,) of a draft's notes."""
    rows = [event for event in draft.events if event[1] < PITCHES]
    table = np.array(rows, dtype=np.int32).reshape(-1, 3)
    return table[:, 0], DURATION_STEPS[table[:, 2]], table[:, 1] + LOWEST_PITCH
