"""One file over HTTPS, resumed where an earlier attempt stopped."""

from __future__ import annotations

import http.client
import os
import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from firmware_py.app.fetch.failures import SourceError, is_disk_full
from firmware_py.app.fetch.progress import Progress

TIMEOUT_S: Final = 5.0
"""For connecting and for each read: a source that does not answer costs no more than this."""
_BLOCK: Final = 256 * 1024
_WORTH_RETRYING: Final = _BLOCK
"""A broken transfer that brought at least this many bytes is taken up again at once."""


def download(url: str, target: Path, progress: Progress, *, timeout_s: float = TIMEOUT_S) -> None:
    """Fetch ``url`` to ``target``, which appears only when complete.

    Until then the bytes are in ``<target>.part`` and survive a crash; the next call asks the
    server for the rest only. Raises ``SourceError`` when the server cannot be reached, refuses or
    keeps breaking off, ``OSError`` when the disk cannot be written (a full one keeps no part).
    """
    part = target.with_name(target.name + ".part")
    while True:
        before = _size(part)
        try:
            _fetch_rest(url, part, progress, timeout_s)
            break
        except urllib.error.HTTPError as error:
            if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE and before:
                part.unlink()
                continue
            raise SourceError(f"{_host(url)} answered {error.code} {error.reason}") from error
        except (OSError, http.client.HTTPException) as error:
            if isinstance(error, OSError) and is_disk_full(error):
                part.unlink(missing_ok=True)
                raise
            if _size(part) - before >= _WORTH_RETRYING:
                continue
            raise SourceError(f"{_host(url)}: {_reason(error, timeout_s)}") from error
    part.replace(target)


def _fetch_rest(url: str, part: Path, progress: Progress, timeout_s: float) -> None:
    """Append to ``part`` what the server still has. Raises ``ConnectionError`` when cut short."""
    have = _size(part)
    request = urllib.request.Request(url, headers={"User-Agent": "lull"})  # noqa: S310 -- pinned URL
    if have:
        request.add_header("Range", f"bytes={have}-")
    with urllib.request.urlopen(request, timeout=timeout_s) as response:  # noqa: S310
        have, total = _where_it_starts(response, have)
        with part.open("r+b" if have else "wb") as file:
            file.seek(have)
            while block := response.read(_BLOCK):
                file.write(block)
                have += len(block)
                progress(f"downloading {part.stem} from {_host(url)}", have, total)
            file.flush()
            os.fsync(file.fileno())
    if total is not None and have != total:
        raise ConnectionError(f"broke off after {have} of {total} bytes")


def _where_it_starts(response: http.client.HTTPResponse, asked: int) -> tuple[int, int | None]:
    """Return (offset of the body's first byte in the file, size of the file if known)."""
    if response.status == http.client.PARTIAL_CONTENT:
        span = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", response.headers.get("Content-Range", ""))
        if span is None or int(span[1]) != asked:
            raise ConnectionError("answered with another part of the file than was asked for")
        return asked, int(span[2])
    length = response.headers.get("Content-Length")
    return 0, None if length is None else int(length)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _reason(error: Exception, timeout_s: float) -> str:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, TimeoutError):
        return f"no answer within {timeout_s:g} s"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return str(cause) or type(cause).__name__
