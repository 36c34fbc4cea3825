"""Reads the public data sets from their archives (README of ``shared/text``)."""

from __future__ import annotations

import csv
import io
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

import numpy as np

from firmware_py.messages.errors import MissingError, UserError
from firmware_py.messages.heard import Language
from firmware_py.mood.features import clean, split_units
from model_export.mood.label_map import shares
from model_export.mood.rows import Row

Split = Literal["train", "dev", "test"]
Splits = dict[Split, list[Row]]


@dataclass(frozen=True, slots=True)
class Archive:
    """One archive: what it is, where it came from, and the bytes that were used."""

    file: str
    title: str
    upstream: str
    licence: str
    sha256: str


EMPATHETIC: Final = Archive(
    "empathetic-dialogues.tar.xz",
    "EmpatheticDialogues (Rashkin et al., ACL 2019), situations and first utterances",
    "https://github.com/facebookresearch/EmpatheticDialogues",
    "CC BY 4.0",
    "2a8a668945ae83483d888bf618d05d1791c51bb7d9d32b94ac0f2c209676a60d",
)
GOEMOTIONS: Final = Archive(
    "goemotions.tar.xz",
    "GoEmotions (Demszky et al., ACL 2020)",
    "https://github.com/google-research/google-research/tree/master/goemotions",
    "CC BY 4.0",
    "67dde8842865b020b3501cc3c207130996e8bb4c17b7a48b143067ad4e988d27",
)
BRIGHTER: Final = Archive(
    "brighter-en-zh.tar.xz",
    "BRIGHTER / SemEval-2025 task 11 (Muhammad et al., ACL 2025), English and Chinese",
    "https://github.com/emotion-analysis-project/SemEval2025-Task11",
    "CC BY 4.0",
    "8331b47f9740354e3add81754e4dbdd88bf8144333867658e1ca4168c3971df0",
)
VADER: Final = Archive(
    "vader-lexicon.tar.xz",
    "VADER lexicon (Hutto and Gilbert, ICWSM 2014); a baseline only, not trained on",
    "https://github.com/cjhutto/vaderSentiment",
    "MIT",
    "bcaef4f9b74d9fc9d352015570b9b78476a3d33b97f9936536e82ed42f75aed6",
)
TRAINING_ARCHIVES: Final = (EMPATHETIC, GOEMOTIONS, BRIGHTER)

_SPLITS: Final[tuple[Split, ...]] = ("train", "dev", "test")
_BRIGHTER_STRONGEST = 3.0


def read_archive(folder: Path, archive: Archive, wanted: Callable[[str], bool]) -> dict[str, str]:
    """Return the texts of an archive's wanted files by name.

    Raises ``MissingError`` when the archive is not there, ``UserError`` when it is another file.
    """
    path = folder / archive.file
    if not path.is_file():
        fix = f"put {archive.file} there (packed from {archive.upstream}), or name --text FOLDER"
        raise MissingError(f"{path} is not there.", fix=fix)
    data = path.read_bytes()
    if sha256(data).hexdigest() != archive.sha256:
        raise UserError(f"{path} is not the archive that Lull knows (SHA-256 differs).")
    texts: dict[str, str] = {}
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:xz") as tar:
        for member in tar:
            stream = tar.extractfile(member) if wanted(member.name) else None
            if stream is not None:
                texts[member.name] = stream.read().decode("utf-8")
    return texts


def read_empathetic(folder: Path, seed: int) -> Splits:
    """Return EmpatheticDialogues: 15% of the situations of each emotion as test, 5% as dev.

    The first utterance of a conversation tells the situation again; it joins the training rows
    only, and only when its situation does.
    """
    files = read_archive(folder, EMPATHETIC, lambda name: "unannotated/" in name)
    splits: Splits = {split: [] for split in _SPLITS}
    generator = np.random.default_rng(seed)
    for name in sorted(files):
        emotion = Path(name).stem
        told = _conversations(files[name])
        order = generator.permutation(len(told))
        test, dev = round(0.15 * len(told)), round(0.05 * len(told))
        for rank, index in enumerate(order):
            split: Split = "test" if rank < test else "dev" if rank < test + dev else "train"
            texts = told[index] if split == "train" else told[index][:1]
            splits[split] += [_empathetic_row(text, emotion) for text in texts]
    return without_leaks(splits)


def read_goemotions(folder: Path) -> Splits:
    """Return GoEmotions with its official splits."""
    files = read_archive(folder, GOEMOTIONS, lambda name: "data/original/" in name)
    by_name = {Path(name).name: text for name, text in files.items()}
    names = by_name["labels.txt"].split()
    splits: Splits = {split: [] for split in _SPLITS}
    for split in _SPLITS:
        for line in by_name[f"{split}.tsv"].splitlines():
            text, indices, _ = line.split("\t")
            labels = {names[int(index)]: 1.0 for index in indices.split(",")}
            moods = shares("goemotions", labels)
            splits[split].append(Row(text, "en", "goemotions", moods, own_labels=labels))
    return without_leaks(splits)


def read_brighter(folder: Path, language: Language) -> Splits:
    """Return BRIGHTER, track B (with intensities 0 to 3), official splits."""
    code = {"en": "eng", "zh": "chn"}[language]
    files = read_archive(
        folder, BRIGHTER, lambda name: "/track_b/" in name and name.endswith(f"/{code}.csv")
    )
    splits: Splits = {split: [] for split in _SPLITS}
    for name, text in files.items():
        split = Path(name).parent.name
        for record in csv.DictReader(io.StringIO(text)):
            splits[_split(split)].append(_brighter_row(record, language))
    return without_leaks(splits)


def without_leaks(splits: Splits) -> Splits:
    """Drop training rows whose text (case and punctuation aside) also stands in dev or test."""
    held_out = {spoken(row.text) for split in ("dev", "test") for row in splits[_split(split)]}
    kept = [row for row in splits["train"] if spoken(row.text) not in held_out]
    return {**splits, "train": kept}


def spoken(text: str) -> str:
    """Return the text as speech recognition would write it: units only."""
    return " ".join(unit.key for unit in split_units(clean(text)))


def _split(name: str) -> Split:
    for split in _SPLITS:
        if split == name:
            return split
    raise ValueError(name)


def _conversations(text: str) -> list[list[str]]:
    """Return per conversation: the situation and the speaker's first utterance."""
    told: dict[str, list[str]] = {}
    for record in csv.DictReader(io.StringIO(text)):
        lines = told.setdefault(record["Dialog_ID"], [])
        is_first = record["Actor"] == "speaker" and len(lines) == 1
        if record["Type"] == "situation" or is_first:
            lines.append(record["Text"].replace("_comma_", ","))
    return list(_distinct(told))


def _distinct(told: Mapping[str, list[str]]) -> Iterator[list[str]]:
    """Yield conversations with different situations: two of one situation would leak."""
    seen: set[str] = set()
    for lines in told.values():
        key = spoken(lines[0]) if lines else ""
        if key and key not in seen:
            seen.add(key)
            yield lines


def _empathetic_row(text: str, emotion: str) -> Row:
    labels = {emotion: 1.0}
    return Row(text, "en", "empathetic", shares("empathetic", labels), own_labels=labels)


def _brighter_row(record: Mapping[str, str], language: Language) -> Row:
    strengths = {
        name: float(value)
        for name, value in record.items()
        if name not in ("id", "text") and float(value) > 0
    }
    moods = shares("brighter", strengths or {"neutral": 1.0})
    strength = max(strengths.values(), default=_BRIGHTER_STRONGEST) / _BRIGHTER_STRONGEST
    labels = dict.fromkeys(strengths, 1.0)
    scale = 0.4 + 0.7 * strength
    return Row(record["text"], language, "brighter", moods, scale, own_labels=labels)
