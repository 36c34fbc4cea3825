"""Which token may come next, so that what a token network writes can be read as notes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose.condition import METRES
from firmware_py.compose.vocabulary import BAR, PITCHES
from firmware_py.messages.score import STEPS_PER_QUARTER
from model_export.baselines import flat, remi
from model_export.baselines.excerpt import Opening
from model_export.baselines.streams import FIRST_METRE, texture_token


def bar_steps(metre: tuple[int, int]) -> int:
    """Return the steps of a bar."""
    return metre[0] * 4 * STEPS_PER_QUARTER // metre[1]


class Grammar(ABC):
    """Music being written: its tokens so far, and which may follow."""

    vocabulary: int

    def __init__(self, opening: Opening) -> None:
        self.steps: Final = bar_steps(opening.metre)
        metre = FIRST_METRE + METRES.index(opening.metre)
        self.tokens: list[int] = [texture_token(opening.texture), metre]
        self.places: list[int] = [BAR, BAR]
        self.place = -1
        self.lines = 0
        """Bar lines so far."""

    @abstractmethod
    def push(self, token: int) -> None:
        """Write a token, and what is given after it."""

    @abstractmethod
    def allowed(self) -> NDArray[np.bool_]:
        """Return (vocabulary,) which tokens may come next."""

    @abstractmethod
    def notes(self) -> NDArray[np.int32]:
        """Return (n, 4) what was written: bar, start, duration, pitch."""


class FlatGrammar(Grammar):
    """A place, then a chord at most, then pitches from high to low, each with its length."""

    vocabulary = flat.VOCABULARY

    def __init__(self, opening: Opening) -> None:
        super().__init__(opening)
        self.push(flat.BAR_TOKEN)

    def push(self, token: int) -> None:
        """Write a token."""
        if token == flat.BAR_TOKEN:
            self.lines, self.place = self.lines + 1, -1
        elif token < flat.FIRST_SYMBOL:
            self.place = token - flat.FIRST_PLACE
        self.tokens.append(token)
        self.places.append(BAR if self.place < 0 else self.place)

    def allowed(self) -> NDArray[np.bool_]:
        """Return (vocabulary,) which tokens may come next."""
        mask = np.zeros(self.vocabulary, dtype=np.bool_)
        last = self.tokens[-1]
        if flat.is_note(last):
            mask[flat.FIRST_DURATION :] = True
            return mask
        if last != flat.BAR_TOKEN and last < flat.FIRST_SYMBOL:  # a place: anything may begin
            mask[flat.FIRST_SYMBOL : flat.FIRST_DURATION] = True
            return mask
        mask[flat.FIRST_PLACE + self.place + 1 : flat.FIRST_PLACE + self.steps] = True
        mask[flat.BAR_TOKEN] = True
        if last >= flat.FIRST_DURATION:
            mask[flat.FIRST_SYMBOL : self.tokens[-2]] = True
        elif last != flat.BAR_TOKEN:  # a chord
            mask[flat.FIRST_SYMBOL : flat.FIRST_SYMBOL + PITCHES] = True
        return mask

    def notes(self) -> NDArray[np.int32]:
        """Return (n, 4) what was written: bar, start, duration, pitch."""
        return flat.notes_of(np.array(self.tokens, dtype=np.int16))


class RemiGrammar(Grammar):
    """Bar, TimeSig, then for each position pitches from high to low, each with its duration."""

    vocabulary = remi.VOCABULARY

    def __init__(self, opening: Opening, reader: remi.Remi) -> None:
        super().__init__(opening)
        self.reader = reader
        quarters = remi.declared_quarters(self.tokens[1])
        self.time_signature: Final = remi.time_signature_token(quarters)
        self.push(remi.BAR_TOKEN)

    def push(self, token: int) -> None:
        """Write a token; a Bar is followed by its TimeSig."""
        self.tokens.append(token)
        if token == remi.BAR_TOKEN:
            self.lines, self.place = self.lines + 1, -1
            self.tokens.append(self.time_signature)
        elif remi.FIRST_POSITION <= token < remi.FIRST_PITCH:
            self.place = token - remi.FIRST_POSITION
        self.places.extend([BAR] * (len(self.tokens) - len(self.places)))

    def allowed(self) -> NDArray[np.bool_]:
        """Return (vocabulary,) which tokens may come next."""
        mask = np.zeros(self.vocabulary, dtype=np.bool_)
        last = self.tokens[-1]
        if remi.FIRST_PITCH <= last < remi.FIRST_DURATION:
            mask[remi.FIRST_DURATION :] = True
        elif remi.FIRST_POSITION <= last < remi.FIRST_PITCH:
            mask[remi.FIRST_PITCH : remi.FIRST_DURATION] = True
        else:
            mask[remi.BAR_TOKEN] = True
            mask[remi.FIRST_POSITION + self.place + 1 : remi.FIRST_POSITION + self.steps] = True
            if last >= remi.FIRST_DURATION:
                mask[remi.FIRST_PITCH : self.tokens[-2]] = True
        return mask

    def notes(self) -> NDArray[np.int32]:
        """Return (n, 4) what was written: bar, start, duration, pitch."""
        return self.reader.notes_of(np.array(self.tokens[:-1], dtype=np.int16))
