"""What is in a corpus: a table in Markdown and one page of plots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model_export.corpus.measure import measure
from model_export.corpus.piece import GRID, Piece

KEYBOARD: Final = (21, 108)


def write(pieces: Sequence[Piece], folder: Path) -> None:
    """Write ``corpus.md`` and ``corpus.png`` into ``folder``, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "corpus.md").write_text(table(pieces), encoding="utf-8")
    _plot(pieces, folder / "corpus.png")


def table(pieces: Sequence[Piece]) -> str:
    """Pieces, notes, hours, calm pieces by source and group; splits; coverage of the grid."""
    lines = [*_rows("source", pieces, lambda piece: piece.source), ""]
    lines += [*_rows("group", pieces, lambda piece: piece.group), ""]
    lines += [*_rows("split", pieces, lambda piece: piece.split), ""]
    lines += ["| coverage | share |", "|---|---|"]
    lines += [f"| {name} | {share:.2%} |" for name, share in coverage(pieces).items()]
    return "\n".join(lines) + "\n"


def _rows(heading: str, pieces: Sequence[Piece], label: Callable[[Piece], str]) -> list[str]:
    lines = [
        f"| {heading} | pieces | notes | hours | calm pieces | onsets a second, median |",
        "|---|---|---|---|---|---|",
    ]
    for name in dict.fromkeys(map(label, pieces)):
        own = [piece for piece in pieces if label(piece) == name]
        measures = [measure(piece.score) for piece in own]
        notes = sum(len(piece.score.notes) for piece in own)
        hours = sum(one.seconds for one in measures) / 3600
        calm = sum(piece.slow for piece in own) / len(own)
        density = np.median([one.density for one in measures])
        lines.append(
            f"| {name} | {len(own):,} | {notes:,} | {hours:.1f} | {calm:.0%} | {density:.2f} |"
        )
    return lines


def coverage(pieces: Sequence[Piece]) -> dict[str, float]:
    """Shares that a grid or a vocabulary of some size can hold."""
    notes = np.concatenate([piece.score.notes for piece in pieces])
    into_quarter = notes[:, 0] % GRID
    bars = Counter(tuple(bar) for piece in pieces for bar in piece.score.bars[:, 1:].tolist())
    attacks = np.concatenate([_attacks(piece) for piece in pieces])
    return {
        "onsets on 16ths": float((into_quarter % 6 == 0).mean()),
        "onsets on 16ths or triplet eighths": float(
            ((into_quarter % 6 == 0) | (into_quarter % 8 == 0)).mean()
        ),
        "onsets on a grid of 12": float((into_quarter % 2 == 0).mean()),
        "notes of the 32 commonest durations": _commonest(notes[:, 1], 32),
        "notes of the 48 commonest durations": _commonest(notes[:, 1], 48),
        "pitches of the piano": float(
            ((notes[:, 2] >= KEYBOARD[0]) & (notes[:, 2] <= KEYBOARD[1])).mean()
        ),
        "onsets with at most 8 attacks": float((attacks <= 8).mean()),
        "bars of the 24 commonest metres": sum(n for _, n in bars.most_common(24)) / bars.total(),
        **{f"bars in {n}/{d}": count / bars.total() for (n, d), count in bars.most_common(6)},
    }


def _attacks(piece: Piece) -> NDArray[np.int64]:
    return np.unique(piece.score.notes[:, 0], return_counts=True)[1]


def _commonest(values: NDArray[np.int32], size: int) -> float:
    counts = np.sort(np.unique(values, return_counts=True)[1])[::-1]
    return float(counts[:size].sum() / counts.sum())


def _plot(pieces: Sequence[Piece], path: Path) -> None:
    # Imported here: only reports draw, and matplotlib takes a second to load.
    import matplotlib as mpl  # noqa: PLC0415

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    notes = np.concatenate([piece.score.notes for piece in pieces])
    figure, axes = plt.subplots(2, 3, figsize=(14, 8), layout="constrained")
    _plot_groups(axes[0, 0], pieces)
    density = [measure(piece.score).density for piece in pieces]
    axes[0, 1].hist(np.clip(density, 0, 15), bins=60)
    axes[0, 1].set(title="Pieces by density", xlabel="onsets a second (15: or more)")
    axes[0, 2].hist(notes[:, 2], bins=np.arange(20.5, 110.5))
    axes[0, 2].set(title="Notes by pitch", xlabel="MIDI number")
    places = np.bincount(notes[:, 0] % GRID, minlength=GRID) / len(notes)
    axes[1, 0].bar(range(GRID), places)
    axes[1, 0].set(title="Onsets by step of the quarter", xlabel="step of 24", yscale="log")
    fifths = Counter(int(piece.score.keys[0, 1]) for piece in pieces if len(piece.score.keys))
    axes[1, 1].bar(list(fifths), list(fifths.values()))
    axes[1, 1].set(title="Pieces by first key signature", xlabel="fifths (flats negative)")
    metres = Counter("/".join(map(str, piece.score.bars[0, 1:].tolist())) for piece in pieces)
    names, counts = zip(*metres.most_common(12), strict=True)
    axes[1, 2].bar(names, counts)
    axes[1, 2].set(title="Pieces by first time signature")
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _plot_groups(axis: Any, pieces: Sequence[Piece]) -> None:
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
    axis.legend(fontsize="small")
    axis.tick_params(axis="x", rotation=30)
    axis.set(title="Notes by group and source", ylabel="million notes")
