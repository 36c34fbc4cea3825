"""Whose music it is: the table behind ``CREDITS.md`` and the model card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from model_export.corpus.markdown import table

GITHUB: Final = "https://github.com"


@dataclass(frozen=True, slots=True)
class Rights:
    """Licence and credit of one source. ``home`` is where people find it."""

    source: str
    title: str
    licence: str
    credit: str
    """Empty where the licence asks for none."""
    home: str


_TABLE: Final = (
    Rights(
        "openscore-lieder",
        "OpenScore Lieder Corpus",
        "CC0 1.0",
        "",
        f"{GITHUB}/OpenScore/Lieder",
    ),
    Rights(
        "openscore-quartets",
        "OpenScore String Quartets",
        "CC0 1.0",
        "",
        f"{GITHUB}/OpenScore/StringQuartets",
    ),
    Rights(
        "open-hymnal",
        "Open Hymnal Project",
        "Public domain (stated for each tune)",
        "",
        f"{GITHUB}/jclements3/HarpHymnal",
    ),
    Rights(
        "chopin-first-editions",
        "Humdrum digital scores of Chopin first editions",
        "CC BY 4.0",
        "The Fryderyk Chopin Institute (https://chopinscores.org)",
        f"{GITHUB}/pl-wnifc/humdrum-chopin-first-editions",
    ),
    Rights(
        "polish-scores",
        "Humdrum digital scores of Polish music",
        "CC BY 4.0",
        "The Fryderyk Chopin Institute (https://polishscores.org)",
        f"{GITHUB}/pl-wnifc/humdrum-polish-scores",
    ),
    Rights(
        "mutopia",
        "The Mutopia Project (its public domain and CC BY scores)",
        "Public domain or CC BY (stated for each score)",
        "The typesetters of the Mutopia Project, named in each score (https://www.mutopiaproject.org)",
        f"{GITHUB}/MutopiaProject/MutopiaProject",
    ),
)


def rights() -> tuple[Rights, ...]:
    """Return every source that the shipped models learn from, in the order of trust."""
    return _TABLE


def credits_table() -> str:
    """Return the table of ``CREDITS.md``, in Markdown."""
    rows = [[f"[{r.title}]({r.home})", r.licence, r.credit or "none asked"] for r in rights()]
    return table(["source", "licence", "credit"], rows)
