"""A small piece for the tests: arpeggios, a tune and a bass over I vi IV V, four bars a phrase."""

from __future__ import annotations

from firmware_py.messages.plan import BarTarget
from firmware_py.messages.score import Bar, Chord, ChordQuality, Key, Note

_PROGRESSION: tuple[tuple[int, ChordQuality], ...] = (
    (0, "maj"),
    (9, "min"),
    (5, "maj"),
    (7, "dom7"),
)
_TUNE = ((72, 76), (74, 72), (69, 72), (71, 74))


def make_bars(
    count: int,
    *,
    tempo: float = 72.0,
    dynamics: float = 0.4,
    brightness: float = 0.5,
    brightness_step: float = 0.0,
) -> tuple[Bar, ...]:
    """Return ``count`` bars; ``brightness`` moves by ``brightness_step`` a bar."""
    bars: list[Bar] = []
    start_s = 0.0
    for index in range(count):
        target = BarTarget(
            bar=index,
            start_s=start_s,
            tempo=tempo + 0.37 * (index % 5),
            density=1.5,
            register=62.0,
            dynamics=dynamics,
            mode=0.5,
            tension=0.2,
            brightness=min(1.0, max(0.0, brightness + brightness_step * index)),
            swell=0.5 + 0.5 * ((index % 3) - 1),
        )
        start_s += target.seconds
        bars.append(_bar(index, target))
    return tuple(bars)


def _bar(index: int, target: BarTarget) -> Bar:
    place = index % 4
    root, quality = _PROGRESSION[place]
    third = 4 if quality != "min" else 3
    arpeggio = (48 + root, 48 + root + third, 48 + root + 7, 48 + root + third)
    notes = [
        Note(0, 96, 36 + root, 60, "bass"),
        Note(0, 48, _TUNE[place][0], 70, "melody"),
        Note(48, 60, _TUNE[place][1], 66, "melody"),
    ]
    notes += [Note(24 * i, 30, pitch, 55, "inner") for i, pitch in enumerate(arpeggio)]
    notes += [Note(0, 40, pitch, 50, "inner") for pitch in (60, 64)]
    return Bar(
        index=index,
        key=Key(0, "major"),
        chords=(Chord(0, root, quality),),
        notes=tuple(sorted(notes, key=lambda note: (note.start, note.pitch))),
        target=target,
        section=f"A{place + 1}",
        phrase_position=place / 4,
        is_cadence=place == 3,
    )
