"""The piece as a picture: the plan's curves over a piano roll."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from firmware_py.messages.score import STEPS_PER_BAR, Bar, Role
from firmware_py.render.composition import Composition

_ROLE_COLOURS: Final[dict[Role, str]] = {"melody": "#c2477f", "inner": "#5b8fc7", "bass": "#3d5a52"}
_INK, _FAINT = "#333344", "#c8c8d4"
_MOST_MARKS: Final = 32
"""More section marks than this would touch each other; then every second, third... is drawn."""


def write_png(file: BinaryIO, piece: Composition) -> None:
    """Draw ``piece``; the width grows with its minutes, between 14 and 36 inches."""
    figure = Figure(
        figsize=(min(36.0, max(14.0, piece.seconds / 60.0)), 10.0), layout="constrained"
    )
    rows = figure.add_gridspec(4, 1, height_ratios=(1.1, 1.1, 1.5, 5.0))
    roll = figure.add_subplot(rows[3])
    tempo, mode, levels = (figure.add_subplot(rows[row], sharex=roll) for row in range(3))
    edges = _bar_lines(piece.bars)
    _draw_tempo(tempo, piece.bars, edges)
    _draw_mode(mode, piece.bars, edges)
    _draw_levels(levels, piece.bars, edges)
    _draw_roll(roll, piece.bars, edges)
    _mark_sections((tempo, mode, levels, roll), piece.bars, edges)
    for axes in (tempo, mode, levels):
        axes.tick_params(labelbottom=False)
    tempo.set_title(_title(piece), loc="left", color=_INK, fontsize=13)
    FigureCanvasAgg(figure)
    # No version and no date: the same piece is the same file.
    figure.savefig(file, format="png", dpi=100, metadata={"Software": None})


def _title(piece: Composition) -> str:
    mood, plan = piece.plan.mood, piece.plan
    length = round(piece.seconds)
    return (
        f"{mood.label} ({mood.valence:+.2f}, {mood.arousal:+.2f}) to {plan.goal}, "
        f"{length // 60}:{length % 60:02d}, {len(piece.bars)} bars, "
        f"{piece.composer}, seed {piece.seed}"
    )


def _bar_lines(bars: Sequence[Bar]) -> NDArray[np.float64]:
    """Return where the bars begin and the last one ends, seconds, shape (bars + 1,)."""
    return np.cumsum([0.0, *(bar.target.seconds for bar in bars)])


def _targets(bars: Sequence[Bar], name: str) -> NDArray[np.float64]:
    values: list[float] = [getattr(bar.target, name) for bar in bars]
    return np.array([*values, values[-1]])


def _steps(
    axes: Axes, bars: Sequence[Bar], edges: NDArray[np.float64], name: str, colour: str
) -> None:
    axes.step(edges, _targets(bars, name), where="post", color=colour, lw=1.6, label=name)


def _draw_tempo(axes: Axes, bars: Sequence[Bar], edges: NDArray[np.float64]) -> None:
    _steps(axes, bars, edges, "tempo", "#b5651d")
    axes.set_ylabel("tempo, bpm", color="#b5651d")
    density = axes.twinx()
    _steps(density, bars, edges, "density", "#4b7f52")
    density.set_ylabel("density,\nonsets a beat", color="#4b7f52")
    density.set_ylim(0.0, max(2.0, float(_targets(bars, "density").max()) * 1.1))
    density.spines[["top"]].set_visible(False)
    _tidy(axes)


def _draw_mode(axes: Axes, bars: Sequence[Bar], edges: NDArray[np.float64]) -> None:
    _steps(axes, bars, edges, "mode", "#7a4fa3")
    axes.axhline(0.0, color=_FAINT, lw=0.8)
    axes.set_ylim(-1.1, 1.1)
    axes.set_yticks([-1, 0, 1], ["minor", "", "major"])
    axes.set_ylabel("mode", color="#7a4fa3")
    _tidy(axes)


def _draw_levels(axes: Axes, bars: Sequence[Bar], edges: NDArray[np.float64]) -> None:
    swell = _targets(bars, "swell")
    axes.fill_between(edges, swell, step="post", color="#dfe8ef", lw=0, label="swell (breath)")
    for name, colour in (
        ("dynamics", "#c0392b"),
        ("tension", "#7f6a2a"),
        ("brightness", "#e0a100"),
    ):
        _steps(axes, bars, edges, name, colour)
    axes.set_ylim(-0.03, 1.03)
    axes.set_ylabel("0 to 1")
    _legend(axes)
    _tidy(axes)


def _draw_roll(axes: Axes, bars: Sequence[Bar], edges: NDArray[np.float64]) -> None:
    pitches = [note.pitch for bar in bars for note in bar.notes] or [60]
    low, high = min(pitches) - 3, max(pitches) + 3
    for octave in range(0, 128, 12):
        axes.axhline(octave - 0.5, color=_FAINT, lw=0.6, zorder=0)
    for role, colour in _ROLE_COLOURS.items():
        boxes = PolyCollection(_boxes(bars, edges, role), facecolors=colour, lw=0, alpha=0.85)
        boxes.set_label(role)
        axes.add_collection(boxes)
    _steps(axes, bars, edges, "register", "#999999")
    axes.set_xlim(0.0, float(edges[-1]))
    axes.set_ylim(low, high)
    axes.set_yticks(range(12, 128, 12), [f"C{octave}" for octave in range(10)])
    axes.set_ylim(low, high)
    axes.set_ylabel("pitch")
    axes.set_xlabel("minutes:seconds")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=16, steps=[1, 1.5, 3, 6, 10]))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda at, _: f"{int(at) // 60}:{int(at) % 60:02d}")
    )
    _legend(axes)
    _tidy(axes)


def _boxes(
    bars: Sequence[Bar], edges: NDArray[np.float64], role: Role
) -> list[list[tuple[float, float]]]:
    boxes = []
    for bar, begin in zip(bars, edges, strict=False):
        step = bar.target.seconds / STEPS_PER_BAR
        for note in bar.notes:
            if note.role == role:
                left, right = begin + note.start * step, begin + (note.start + note.duration) * step
                low, high = note.pitch - 0.42, note.pitch + 0.42
                boxes.append([(left, low), (right, low), (right, high), (left, high)])
    return boxes


def _mark_sections(panels: Sequence[Axes], bars: Sequence[Bar], edges: NDArray[np.float64]) -> None:
    starts = [index for index, bar in enumerate(bars) if bar.phrase_position == 0.0]
    every = -(-len(starts) // _MOST_MARKS) or 1
    for index in starts[::every]:
        for axes in panels:
            axes.axvline(float(edges[index]), color=_FAINT, lw=0.8, zorder=0)
        panels[-1].text(
            float(edges[index]),
            panels[-1].get_ylim()[1],
            " " + bars[index].section.rstrip("0123456789"),
            va="top",
            fontsize=9,
            color=_INK,
        )


def _legend(axes: Axes) -> None:
    """Put the legend over the panel, where it hides nothing."""
    corner = (1.0, 1.01)
    axes.legend(
        loc="lower right",
        bbox_to_anchor=corner,
        borderaxespad=0.0,
        ncols=4,
        fontsize=9,
        frameon=False,
    )


def _tidy(axes: Axes) -> None:
    axes.spines[["top"]].set_visible(False)
    axes.tick_params(colors=_INK, labelsize=9)
