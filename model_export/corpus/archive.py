"""The score files inside an archive, one after the other."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from firmware_py.messages.errors import UserError
from model_export.corpus import abc
from model_export.corpus.damage import TAR_ERRORS
from model_export.corpus.sources import SUFFIXES, Source


@dataclass(frozen=True, slots=True)
class Entry:
    """A score file. ``path``: in the archive, without extension and upstream's top folder."""

    path: str
    data: bytes
    title: str = ""
    composer: str = ""


def entries(source: Source, path: Path) -> Iterator[Entry]:
    """Yield what is to be read of an archive.

    Raises ``UserError`` when the file is damaged or cut short.
    """
    try:
        yield from _tunes(path) if source.format == "abc" else _members(source, path)
    except TAR_ERRORS as error:
        raise UserError(
            f"{path} is damaged or cut short ({error}); delete it or get it again"
        ) from error


def count(source: Source, path: Path) -> int:
    """Files that ``entries`` yields; errors as there."""
    return sum(1 for _ in entries(source, path))


def _tunes(path: Path) -> Iterator[Entry]:
    for tune in abc.tunes(path.read_text(encoding="utf-8")):
        yield Entry(f"{tune.number:03d}", tune.text.encode(), tune.title, tune.composer)


def _members(source: Source, path: Path) -> Iterator[Entry]:
    suffix = SUFFIXES[source.format]
    has_top_folder = path.suffixes[-2:] == [".tar", ".gz"]
    with tarfile.open(path) as archive:
        for member in archive:
            name = member.name.removeprefix("./")
            if has_top_folder:
                name = name.partition("/")[2]
            if not member.isfile() or not name.endswith(suffix):
                continue
            if any(part in name for part in source.left_out):
                continue
            file = archive.extractfile(member)
            if file is not None:
                yield Entry(name.removesuffix(suffix), file.read())
