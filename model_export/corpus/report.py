"""``docs/corpus.md``: what is in a corpus, from its file alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from model_export.corpus import credit, report_contents, report_plots, report_sources, store
from model_export.corpus.piece import Piece
from model_export.shipping import write_whole

_HEAD = """# The corpus

Made by `python -m model_export corpus --report docs` from a corpus file alone; no number
here is typed by hand. Repeats are counted once, as they are written.
"""

_READING = """## What the reader keeps, and what it drops

- Grid: 24 steps a quarter note. Onsets and ends go to the nearest step; a note lasts one at least.
- Kept: onset, duration, sounding pitch and part (staff or voice) of notes; bar lines with the time
  signature; key signatures, with the mode where it is said; tempo marks with a number.
- Ties are joined to one note; a rest or a jump between the two breaks a tie.
- Unisons: of notes with one onset and pitch the longest stays.
- Grace and cue notes are dropped. MIDI plays them before the beat: they are told by their length,
  and the note before gets its time back.
- Repeats are never expanded: first and second endings follow one another as on the page, da capo
  and dal segno are not followed.
- Pickups are a short first bar, as written. MIDI has lost them: they are estimated from where long
  notes stand (`model_export/corpus/pickup.py` says how well).
- Transposing instruments are read as they sound; the key is that of a part that does not transpose.
- Dropped: dynamics, articulation, slurs, ornaments, arpeggios, pedal, words, fingering, fermatas,
  tempo words without a number (they count for "calm"), percussion.
- Not read: parts in different metres at once whose lengths differ; damaged or empty files.
"""


def write(corpus: Path, folder: Path) -> list[Path]:
    """Write ``corpus.md``, ``img/corpus-*.png`` and ``credits-mutopia.md``; return their paths.

    Raises ``MissingError`` where there is no corpus, ``UserError`` where it is damaged.
    """
    pieces, notes = store.load(corpus), store.load_notes(corpus)
    images = folder / "img"
    images.mkdir(parents=True, exist_ok=True)
    plots = report_plots.write(pieces, images)
    page, credits_page = folder / "corpus.md", folder / credit.PAGE
    write_whole(page, text(pieces, notes, [path.name for path in plots]).encode())
    write_whole(credits_page, credit.page(pieces).encode())
    return [page, credits_page, *plots]


def text(pieces: Sequence[Piece], notes: dict[str, Any], plots: Sequence[str]) -> str:
    """Return the page; ``notes``: what ``build`` saved beside the pieces."""
    parts = [
        _HEAD,
        report_sources.sources(pieces),
        report_sources.archives(notes.get("archives", {})),
        report_sources.unread(notes["failures"]),
        report_sources.duplicates(pieces, notes["removed"]),
        report_sources.splits(pieces),
        _READING,
        report_contents.grid(pieces),
        report_contents.textures(pieces),
        report_contents.metres(pieces),
        report_contents.keys(pieces),
        report_contents.tempos(pieces),
        report_contents.lengths(pieces),
        report_contents.composers(pieces),
        "## Pictures\n\n" + "\n\n".join(f"![{name}](img/{name})" for name in plots) + "\n",
    ]
    return "\n".join(parts)
