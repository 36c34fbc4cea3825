"""A real mosquitto on loopback, and what tests do with it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cloud_sync.broker import Broker
from cloud_sync.connection import Arrived
from cloud_sync.link import Link, LinkDown, LinkEvent, LinkUp

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/bin")


class Mosquitto:
    """A broker process that can be killed and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def broker(self) -> Broker:
        return Broker("127.0.0.1", self.port)

    def start(self, acl: str | None = None) -> None:
        assert MOSQUITTO is not None, "apt install mosquitto"
        # "user root" only matters for root: mosquitto would otherwise give up reading tmp_path.
        lines = [f"listener {self.port} 127.0.0.1", "allow_anonymous true", "user root"]
        if acl is not None:
            (self.folder / "acl").write_text(acl)
            (self.folder / "acl").chmod(0o600)
            lines.append(f"acl_file {self.folder / 'acl'}")
        config = self.folder / "mosquitto.conf"
        config.write_text("\n".join(lines) + "\n")
        with (self.folder / "mosquitto.log").open("ab") as log:
            self.process = subprocess.Popen([MOSQUITTO, "-c", str(config)], stdout=log, stderr=log)
        wait_until(self._answers, 10.0)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def wait_until(true: Callable[[], bool], timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline, f"not within {timeout_s} s"
        time.sleep(0.02)


def next_event(link: Link, kind: type[LinkEvent], timeout_s: float = 10.0) -> LinkEvent:
    """Return the next event of a kind; others before it are passed over."""
    deadline = time.monotonic() + timeout_s
    while True:
        event = link.inbox.get(timeout=max(0.0, deadline - time.monotonic()))
        if isinstance(event, kind):
            return event


def next_message(link: Link, timeout_s: float = 10.0) -> Arrived:
    event = next_event(link, Arrived, timeout_s)
    assert isinstance(event, Arrived)
    return event


def wait_up(link: Link, timeout_s: float = 10.0) -> None:
    next_event(link, LinkUp, timeout_s)


def wait_down(link: Link, timeout_s: float = 10.0) -> None:
    next_event(link, LinkDown, timeout_s)


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    broker = Mosquitto(folder)
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
def links() -> Iterator[Callable[..., Link]]:
    """Return a maker of started links that ends them all."""
    made: list[Link] = []

    def make(broker: Broker, client_id: str, **options: object) -> Link:
        link = Link(broker, client_id, **options)  # type: ignore[arg-type]
        made.append(link)
        link.start()
        return link

    yield make
    for link in made:
        link.stop()
