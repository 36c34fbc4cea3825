"""Which pitches sound at a moment, over bar lines too."""

import numpy as np

from firmware_py.compose.ringing import Ringing
from firmware_py.compose.vocabulary import PITCHES, duration_classes

QUARTER, HALF, WHOLE = duration_classes(np.array([24, 48, 96])).tolist()


def sounding(ringing: Ringing, place: int) -> list[list[int]]:
    rows = len(ringing.until)
    flags = ringing.at(np.full(rows, place))
    assert flags.shape == (rows, PITCHES)
    return [np.flatnonzero(row).tolist() for row in flags]


def test_a_note_sounds_from_its_place_until_its_end() -> None:
    ringing = Ringing.silence(2)
    ringing.strike(0, 0, 40, HALF)
    ringing.strike(1, 24, 50, QUARTER)
    assert sounding(ringing, 24) == [[40], [50]]
    assert sounding(ringing, 47) == [[40], [50]]
    assert sounding(ringing, 48) == [[], []]


def test_a_note_rings_over_the_bar_line() -> None:
    ringing = Ringing.silence(1)
    ringing.strike(0, 72, 40, WHOLE)
    ringing.bar_line(0, 96)
    assert sounding(ringing, 71) == [[40]]
    assert sounding(ringing, 72) == [[]]
    ringing.bar_line(0, 96)
    assert sounding(ringing, 0) == [[]]


def test_a_short_note_does_not_end_a_long_one_of_the_same_pitch() -> None:
    ringing = Ringing.silence(1)
    ringing.strike(0, 0, 40, WHOLE)
    ringing.strike(0, 24, 40, QUARTER)
    assert sounding(ringing, 90) == [[40]]


def test_rows_can_be_chosen_and_the_beginning_is_not_shared() -> None:
    until = np.zeros((3, PITCHES), dtype=np.int64)
    ringing = Ringing(until)
    ringing.strike(2, 0, 7, QUARTER)
    assert not until.any()
    chosen = ringing.at(np.array([0, 30]), np.array([2, 2]))
    assert np.flatnonzero(chosen[0]).tolist() == [7]
    assert not chosen[1].any()
