"""Download one file over https into the cache, resuming what was begun."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress

from firmware_py.messages.errors import MissingError

CHUNK: Final = 1 << 18
TIMEOUT_S: Final = 30


def fetch(url: str, target: Path) -> Path:
    """Download ``url`` to ``target`` and return it; a ``.part`` file beside it is continued.

    Raises ``MissingError`` when the network or the server fails; the part stays for next time.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    try:
        _append(url, part)
    except (OSError, HTTPException) as error:  # URLError and timeouts are OSErrors.
        raise MissingError(
            f"{url} could not be downloaded ({error}).",
            fix=f"try again with a network, or put the archive into {target.parent}",
        ) from error
    part.replace(target)
    return target


def _append(url: str, part: Path) -> None:
    have = part.stat().st_size if part.is_file() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})  # noqa: S310 - the addresses are ours and https
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            _copy(answer, part, url, have if answer.status == 206 else 0)
    except urllib.error.HTTPError as error:
        if error.code != 416 or not have:
            raise
        # The file upstream is shorter by now than what we have of it.
        part.unlink()
        _append(url, part)


def _copy(answer: HTTPResponse, part: Path, url: str, have: int) -> None:
    """Append from ``have`` on; 0 starts over, as for archives that are packed on demand."""
    total = int(answer.headers.get("Content-Length", 0)) + have
    with (
        part.open("ab" if have else "wb") as file,
        Progress(console=Console(stderr=True), transient=True) as progress,
    ):
        task = progress.add_task(url.rpartition("/")[2], total=total or None, completed=have)
        while chunk := answer.read(CHUNK):
            file.write(chunk)
            progress.advance(task, len(chunk))
        file.flush()
        os.fsync(file.fileno())
    if total and part.stat().st_size < total:
        raise ConnectionError(f"the connection ended after {part.stat().st_size} of {total} bytes")
