"""Getting a soundfont where Debian's package is not installed and nobody may install it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import IO

from firmware_py.app.fetch.failures import SourceError
from firmware_py.app.fetch.progress import Progress
from firmware_py.app.fetch.soundfont import DEBIAN_FONTS, DebianFont, is_soundfont
from firmware_py.app.fetch.unpack import sync_folder


def copy_font(folder: Path, models: Path, incoming: Path) -> Path:
    """Copy the best known soundfont from ``folder``. Raises ``SourceError`` if it has none."""
    for font in DEBIAN_FONTS:
        found = folder / font.path.name
        if found.is_file() and is_soundfont(found):
            with found.open("rb") as source:
                return _place(source, font, models, incoming)
    raise SourceError(f"{folder} holds none of {', '.join(f.path.name for f in DEBIAN_FONTS)}")


def fetch_font(models: Path, incoming: Path, progress: Progress) -> tuple[Path, str]:
    """Take a font out of a Debian package that apt fetched and verified; no root is needed.

    Returns the font and where it came from. Raises ``SourceError``.
    """
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise SourceError("apt-get is not on this machine")
    failures = []
    for font in DEBIAN_FONTS:
        progress(f"fetching {font.package} with apt", 0, None)
        try:
            return _from_package(font, models, incoming), f"Debian package {font.package}"
        except SourceError as error:
            failures.append(f"{font.package}: {error}")
    raise SourceError("; ".join(failures))


def _from_package(font: DebianFont, models: Path, incoming: Path) -> Path:
    command = [
        *("apt-get", "download", "--quiet", "-o", "Acquire::Retries=0"),
        *("-o", "Acquire::http::Timeout=10", "-o", "Acquire::https::Timeout=10", font.package),
    ]
    with tempfile.TemporaryDirectory(prefix="apt-", dir=incoming) as folder:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        package = next(Path(folder).glob("*.deb"), None)
        if done.returncode != 0 or package is None:
            reasons = [line for line in done.stderr.splitlines() if line.startswith("E:")]
            raise SourceError(
                (reasons or ["apt-get download failed"])[0].removeprefix("E:").strip()
            )
        return _unpack(package, font, models, incoming)


def _unpack(package: Path, font: DebianFont, models: Path, incoming: Path) -> Path:
    """Copy the font alone out of the package's file tree."""
    command = ["dpkg-deb", "--fsys-tarfile", str(package)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as dpkg:
        assert dpkg.stdout is not None
        try:
            with tarfile.open(fileobj=dpkg.stdout, mode="r|") as tree:
                for member in tree:
                    content = tree.extractfile(member) if member.isreg() else None
                    if content is not None and Path("/", member.name) == font.path:
                        return _place(content, font, models, incoming)
        except tarfile.TarError as error:
            raise SourceError(f"{package.name} cannot be unpacked ({error})") from error
    raise SourceError(f"{package.name} does not hold {font.path.name}")


def _place(source: IO[bytes], font: DebianFont, models: Path, incoming: Path) -> Path:
    """Write the font beside the models under its own name, complete or not at all."""
    staged, target = incoming / font.path.name, models / font.path.name
    with staged.open("wb") as out:
        shutil.copyfileobj(source, out)
        out.flush()
        os.fsync(out.fileno())
    staged.replace(target)
    sync_folder(models)
    return target
