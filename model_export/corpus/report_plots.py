"""Of the report: the pictures."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from model_export.corpus import keys
from model_export.corpus.measure import measure
from model_export.corpus.piece import GRID, Piece
from model_export.shipping import write_whole

_DPI: Final = 80
_METRES: Final = 12


def write(pieces: Sequence[Piece], folder: Path) -> list[Path]:
    """Write ``corpus-*.png`` into ``folder``; return their paths."""
    # Imported here: only reports draw, and matplotlib takes a second to load.
    import matplotlib as mpl  # noqa: PLC0415

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    pages: dict[str, list[Callable[[Any, Sequence[Piece]], None]]] = {
        "corpus-sources.png": [_textures, _lengths],
        "corpus-time.png": [_metres, _steps, _durations, _tempos],
        "corpus-pitch.png": [_pitches, _signatures, _modes, _density],
    }
    paths = []
    for name, plots in pages.items():
        figure, axes = plt.subplots(
            len(plots) // 2, 2, figsize=(11, 2.0 + 2.0 * len(plots)), layout="constrained"
        )
        for axis, plot in zip(np.ravel(axes), plots, strict=True):
            plot(axis, pieces)
        buffer = io.BytesIO()
        # Without the version of the library, the same corpus gives the same bytes.
        figure.savefig(buffer, dpi=_DPI, format="png", metadata={"Software": None})
        plt.close(figure)
        write_whole(folder / name, buffer.getvalue())
        paths.append(folder / name)
    return paths


def _notes(pieces: Sequence[Piece], column: int) -> Any:
    return np.concatenate([piece.score.notes[:, column] for piece in pieces])


def _textures(axis: Any, pieces: Sequence[Piece]) -> None:
    groups = sorted({piece.group for piece in pieces})
    bottom = np.zeros(len(groups))
    for source in dict.fromkeys(piece.source for piece in pieces):
        notes = Counter[str]()
        for piece in pieces:
            if piece.source == source:
                notes[piece.group] += len(piece.score.notes)
        heights = np.array([notes[group] / 1e6 for group in groups])
        axis.bar(groups, heights, bottom=bottom, label=source)
        bottom += heights
    axis.set_ylim(0, 1.05 * bottom.max())
    axis.legend(fontsize="small")
    axis.tick_params(axis="x", rotation=30)
    axis.set(title="Notes by texture and source", ylabel="million notes")


def _lengths(axis: Any, pieces: Sequence[Piece]) -> None:
    bars = [len(piece.score.bars) for piece in pieces]
    axis.hist(bars, bins=np.geomspace(1, max(*bars, 2), 50))
    axis.set(title="Pieces by length", xlabel="bars", xscale="log")


def _metres(axis: Any, pieces: Sequence[Piece]) -> None:
    names = Counter(f"{n}/{d}" for piece in pieces for _, n, d in piece.score.bars.tolist())
    shown = names.most_common(_METRES)
    axis.bar([name for name, _ in shown], [n / names.total() for _, n in shown])
    axis.tick_params(axis="x", rotation=60)
    axis.set(title="Bars by metre", ylabel="share")


def _steps(axis: Any, pieces: Sequence[Piece]) -> None:
    places = np.bincount(_notes(pieces, 0) % GRID, minlength=GRID)
    axis.bar(range(GRID), places / places.sum())
    axis.set(title="Onsets by step of the quarter", xlabel="step of 24", yscale="log")


def _durations(axis: Any, pieces: Sequence[Piece]) -> None:
    found = Counter(_notes(pieces, 1).tolist()).most_common(_METRES)
    total = sum(len(piece.score.notes) for piece in pieces)
    axis.bar([f"{d / GRID:.3g}" for d, _ in found], [n / total for _, n in found])
    axis.set(title="Notes by duration, commonest", xlabel="quarters", ylabel="share")


def _tempos(axis: Any, pieces: Sequence[Piece]) -> None:
    tempos = [measure(piece.score).tempo for piece in pieces if len(piece.score.tempos)]
    axis.hist(np.clip(tempos, 20, 240), bins=np.arange(20, 245, 5))
    axis.set(title="Pieces by tempo, where one is named", xlabel="quarters a minute (240: or more)")


def _pitches(axis: Any, pieces: Sequence[Piece]) -> None:
    axis.hist(_notes(pieces, 2), bins=np.arange(20.5, 110.5))
    axis.set(title="Notes by pitch", xlabel="MIDI number")


def _signatures(axis: Any, pieces: Sequence[Piece]) -> None:
    bottom = np.zeros(15)
    firsts = [int(keys.fifths_at(p.score, p.score.notes[:1, 0])[0]) for p in pieces]
    modes = [keys.mode(piece.score) for piece in pieces]
    for mode in ("major", "minor", "unclear"):
        counts = Counter(f for f, m in zip(firsts, modes, strict=True) if m == mode)
        heights = np.array([counts[fifths] for fifths in range(-7, 8)])
        axis.bar(range(-7, 8), heights, bottom=bottom, label=mode)
        bottom += heights
    axis.legend(fontsize="small")
    axis.set(title="Pieces by first signature", xlabel="fifths (flats negative)")


def _modes(axis: Any, pieces: Sequence[Piece]) -> None:
    axis.hist([keys.brightness(piece.score) for piece in pieces], bins=40, range=(-1, 1))
    axis.set(title="Pieces by mode, as measured", xlabel="-1 minor to 1 major")


def _density(axis: Any, pieces: Sequence[Piece]) -> None:
    density = [measure(piece.score).density for piece in pieces]
    axis.hist(np.clip(density, 0, 15), bins=60)
    axis.set(title="Pieces by density", xlabel="onsets a second (15: or more)")
