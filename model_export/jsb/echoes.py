"""Earlier music that went as this did: in the chorale itself, and in the training chorales.

A source is a sixteenth, at the same place in its beat as now, that was reached by the same leaps of
the same voices at the same distances. The more changes it has in common with what was just heard,
the better it is; the best ones say what each voice may do next. Chorales repeat their phrases, and
the same tunes come in several of them, so this is worth more than it costs. Leaps are compared, so
all of it is the same however a chorale is transposed.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from model_export.jsb.chorales import ORDER, REST, VOICES, Chorale

BEAT: Final = 4
FAR: Final = 16
"""Sixteenths for which a source can say what comes."""
UNTOLD: Final = FAR + 1
"""How far ahead a voice's change is where the source does not tell."""
OWN: Final = 2
LIBRARY: Final = 10
"""Sources from the chorale itself and from the training chorales, the best of each first."""
SOURCES: Final = OWN + LIBRARY
LEAP: Final = 24
INTO_REST: Final = 2 * LEAP + 1
"""Told leaps are -LEAP to LEAP, ``LEAP`` added; or this; or ``UNTOLD_LEAP``."""
UNTOLD_LEAP: Final = INTO_REST + 1
MOST: Final = 16
"""Changes of a voice in common; more count as so many."""
COLUMNS: Final = SOURCES * 3 * VOICES
"""By source: for each turn how far ahead its next change is, by what leap, and how many of the
voice's last changes were in common."""

_SILENT: Final = 500
_WALL: Final = 9999

Grid = NDArray[np.int16]


def _leaps(chorale: Chorale) -> Grid:
    """Return (4, steps): by how much each turn's symbol differs from the one before."""
    symbols = np.where(chorale == REST, _SILENT, chorale)[:, ORDER].T
    return np.hstack([np.full((VOICES, 1), _WALL), np.diff(symbols)]).astype(np.int16)


def _walled(leaps: Grid) -> Grid:
    """Return it with steps after its end that are like nothing, up to the next beat."""
    wall = np.full((VOICES, -leaps.shape[1] % BEAT + BEAT), _WALL, np.int16)
    return np.hstack([leaps, wall])


class _Shelf:
    """Sources that can be looked at: music on end, (4, steps)."""

    def __init__(self, leaps: Grid, owner: NDArray[np.int64]) -> None:
        self.leaps, self.owner = leaps, owner
        self.by_phase = [np.ascontiguousarray(leaps[:, phase::BEAT]) for phase in range(BEAT)]
        steps = leaps.shape[1]
        self.next = np.full((VOICES, steps + 1), UNTOLD, np.int16)
        for step in range(steps - 1, -1, -1):
            ahead = np.minimum(self.next[:, step + 1] + 1, UNTOLD)
            self.next[:, step] = np.where(leaps[:, step] != 0, 0, ahead)

    def told(self, at: NDArray[np.int64], turn: int, until: int) -> NDArray[np.int64]:
        """Return (S, 2, 4): when and by which leap each voice changes after ``turn`` of ``at``.

        ``at`` (S,) are sixteenths. What comes after the sixteenth ``until`` (and in that one after
        ``turn``) is not known.
        """
        turns = np.arange(VOICES)
        passed = (turns <= turn).astype(np.int64)
        ahead = self.next[turns, at[:, None] + passed] + passed  # (S, 4)
        there = at[:, None] + ahead
        known = (ahead <= FAR) & (there <= until - 1 + passed)
        leap = self.leaps[turns, np.where(known, there, 0)].astype(np.int64)
        known &= leap != _WALL
        leaps = np.where(leap > LEAP, INTO_REST, leap + LEAP)
        leaps = np.where(known & (leap >= -LEAP), leaps, UNTOLD_LEAP)
        return np.stack([np.where(known, ahead, UNTOLD), leaps], axis=1)


class Echoes:
    """Finds sources in chorales and in ``library``."""

    def __init__(self, library: tuple[Chorale, ...]) -> None:
        walled = [_walled(_leaps(chorale)) for chorale in library]
        owners = [np.full(part.shape[1], index) for index, part in enumerate(walled)]
        empty = np.zeros((VOICES, 0), np.int16)
        self.library = _Shelf(np.hstack([empty, *walled]), np.concatenate([[], *owners]))

    def columns(
        self, chorale: Chorale, steps: NDArray[np.int64], turns: NDArray[np.int64],
        left_out: int | None,
    ) -> NDArray[np.int64]:  # fmt: skip
        """Return (rows, COLUMNS) of what is told after the given turns of the given steps.

        ``left_out``: which chorale of the library is this one, and no source for itself.
        """
        leaps = _leaps(chorale)
        own = _Shelf(_walled(leaps), np.zeros(0, np.int64))
        barred = self.library.owner == (-1 if left_out is None else left_out)
        rows = [
            np.concatenate([of_own, of_others], axis=0).ravel()
            for of_own, of_others in zip(
                _found(leaps, steps, turns, own, OWN, None),
                _found(leaps, steps, turns, self.library, LIBRARY, barred),
                strict=True,
            )
        ]
        return np.array(rows, dtype=np.int64).reshape(-1, COLUMNS)


def _found(
    leaps: Grid, steps: NDArray[np.int64], turns: NDArray[np.int64], shelf: _Shelf, many: int,
    barred: NDArray[np.bool_] | None,
) -> list[NDArray[np.int64]]:  # fmt: skip
    """Return for each row the (many, 3, 4) told by its best sources.

    ``barred`` says which steps of the shelf are none; without it the shelf is the chorale itself.
    """
    found: list[NDArray[np.int64]] = []
    common = np.zeros((VOICES, shelf.by_phase[0].shape[1]), np.int16)
    asked: dict[int, list[int]] = {}
    for step, turn in zip(steps.tolist(), turns.tolist(), strict=True):
        asked.setdefault(step, []).append(turn)
    for step in range(leaps.shape[1]):
        phase = step % BEAT
        if phase == 0:
            common = np.roll(common, 1, axis=1)
            common[:, :1] = 0
        now = leaps[:, step, None]
        more = np.minimum(common + (now != 0), MOST)
        newer = np.where((shelf.by_phase[phase] == now) & (now != _WALL), more, 0)
        newer = newer.astype(np.int16)
        if barred is None:
            newer[:, step // BEAT :] = 0
        else:
            newer[:, barred[phase::BEAT]] = 0
        for turn in asked.get(step, ()):
            both = np.vstack([newer[: turn + 1], common[turn + 1 :]])
            if barred is None:
                both[:, step // BEAT :] = 0
            found.append(_best(both, phase, turn, shelf, many, step if barred is None else None))
        common = newer
    return found


def _best(
    common: Grid, phase: int, turn: int, shelf: _Shelf, many: int, until: int | None
) -> NDArray[np.int64]:
    """Return the (many, 3, 4) told by the sources with most in common, the later of equals."""
    told = np.zeros((many, 3, VOICES), dtype=np.int64)
    told[:, 0], told[:, 1] = UNTOLD, UNTOLD_LEAP
    count = common.shape[1]
    score = common.sum(axis=0, dtype=np.int64) * count + np.arange(count)
    best = np.argpartition(score, -many)[-many:] if many < count else np.arange(count)
    best = best[np.argsort(-score[best])]
    best = best[score[best] >= count]
    told[: len(best), :2] = shelf.told(
        best * BEAT + phase, turn, shelf.leaps.shape[1] if until is None else until
    )
    told[: len(best), 2] = common[:, best].T
    return told
