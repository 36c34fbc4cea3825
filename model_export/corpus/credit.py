"""Who is to be credited for the pieces of Mutopia, score by score.

``mutopia.json`` holds what the Mutopia Project says of its CC BY scores: folder, licence and
typesetter (``maintainer``), copied as facts from its catalogue of 2016 (GitHub
``MutopiaProject/musite``, ``mutopia/fixtures``, commit ``7fbdbb2``: scores 1 to 2131) and, for two
newer ones, from the headers of their LilyPond files (GitHub ``MutopiaProject/MutopiaProject``).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from firmware_py.messages.errors import UserError
from model_export.corpus.markdown import table
from model_export.corpus.piece import Piece

PAGE: Final = "credits-mutopia.md"
SOURCE: Final = "mutopia"
FTP: Final = "https://www.mutopiaproject.org/ftp"
DEEDS: Final = {
    "CC BY 2.5": "https://creativecommons.org/licenses/by/2.5/",
    "CC BY 3.0": "https://creativecommons.org/licenses/by/3.0/",
    "CC BY 4.0": "https://creativecommons.org/licenses/by/4.0/",
}
"""The licences that ask for credit and nothing else."""
_FILE: Final = Path(__file__).with_name("mutopia.json")
_HEAD: Final = """# Credits of the Mutopia Project's scores

Made by `python -m model_export corpus --report docs`. These scores of the part of the corpus that
models learn from are under Creative Commons Attribution; the people named here typeset them. Each
was changed: read into notes on a grid, without its text and marks.
"""
_REST: Final = """
The other {rest:,} pieces of Mutopia in that part are not listed: they are public domain by the same
catalogue, or newer than it (its last score is number 2131, of August 2016). Of the newer ones we
know only what our archive says of all its files, "public domain or CC BY"; those that we looked up
one by one were public domain, or are in the table. Each score names its typesetter at
[mutopiaproject.org](https://www.mutopiaproject.org). Scores under CC BY-SA are not in the archive.
"""


@dataclass(frozen=True, slots=True)
class Credit:
    """``folder``: ``<composer>/<opus>/<piece>`` of Mutopia's tree; ``licence``: of ``DEEDS``."""

    folder: str
    licence: str
    typesetter: str


def page(pieces: Sequence[Piece]) -> str:
    """Return ``credits-mutopia.md`` for the training part of ``pieces``.

    Raises ``UserError`` where a licence asks for more than credit, or a typesetter is missing.
    """
    own = [p for p in pieces if p.source == SOURCE and p.split == "train"]
    used = {folder_of(piece) for piece in own}
    named = [credit for folder, credit in credits_by_folder().items() if folder in used]
    for credit in named:
        if credit.licence not in DEEDS or not credit.typesetter:
            raise UserError(f"{credit.folder}: cannot be used under {credit.licence!r}")
    rest = sum(folder_of(piece) not in credits_by_folder() for piece in own)
    deeds = "".join(f"- {name}: <{address}>\n" for name, address in DEEDS.items())
    rows = [
        [f"[{credit.folder}]({FTP}/{credit.folder}/)", credit.licence, credit.typesetter]
        for credit in named
    ]
    scores = table(["score", "licence", "typesetter"], rows)
    return f"{_HEAD}\n{deeds}\n{scores}{_REST.format(rest=rest)}"


@functools.cache
def credits_by_folder() -> dict[str, Credit]:
    """Return the known CC BY scores, in the order of their folders."""
    known: dict[str, tuple[str, str]] = json.loads(_FILE.read_text(encoding="utf-8"))
    return {folder: Credit(folder, *rest) for folder, rest in known.items()}


def folder_of(piece: Piece) -> str:
    """Folder in Mutopia's tree: the file's name without its last part, ``__`` for ``/``."""
    name = piece.id.rpartition("/")[2]
    return "/".join(name.split("__")[:-1])
