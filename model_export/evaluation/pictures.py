"""A self-similarity picture: every bar against every bar, sections along the edge."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from matplotlib.figure import Figure

from model_export.baselines.excerpt import Excerpt
from model_export.evaluation.structure import likeness

_MOST_LABELS: Final = 70


def draw_likeness(
    excerpt: Excerpt, path: Path, title: str, sections: Sequence[str] | None = None
) -> None:
    """Write a PNG, dark where two bars are alike.

    ``sections``: each bar's place in the form as ``Bar.section`` says it (``A'3``); a line and the
    theme's name stand where a phrase begins. Written whole or not at all.
    """
    figure = Figure(figsize=(8.0, 8.4), dpi=72, layout="constrained")
    axes = figure.add_subplot()
    image = axes.imshow(
        likeness(excerpt), cmap="Greys", vmin=0.0, vmax=1.0, interpolation="nearest", origin="lower"
    )
    axes.set(title=title, xlabel="bar", ylabel="bar")
    if sections is not None:
        begins = [at for at, name in enumerate(sections) if _theme(name)[1] == "1"]
        names = [_theme(sections[at])[0] for at in begins]
        every = -(-len(begins) // _MOST_LABELS)
        above = axes.secondary_xaxis("top")
        above.set_xticks(begins[::every], names[::every], fontsize=5)
        beside = axes.secondary_yaxis("right")
        beside.set_yticks(begins[::every], names[::every], fontsize=5)
        for at in begins if len(begins) <= _MOST_LABELS else []:
            axes.axvline(at - 0.5, color="tab:blue", linewidth=0.3)
            axes.axhline(at - 0.5, color="tab:blue", linewidth=0.3)
    figure.colorbar(image, ax=axes, shrink=0.6, label="likeness (notes, rhythm, pitch classes)")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    figure.savefig(temporary, format="png", metadata={"Software": None})
    temporary.replace(path)


def _theme(section: str) -> tuple[str, str]:
    """Return (theme with primes, bar of the phrase) of ``A'3``."""
    digits = len(section) - len(section.rstrip("0123456789"))
    cut_at = len(section) - digits
    return section[:cut_at], section[cut_at:]
