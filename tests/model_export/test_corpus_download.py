import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from firmware_py.messages.errors import MissingError
from model_export.corpus.download import fetch

BODY = bytes(range(256)) * 4000


class Server(ThreadingHTTPServer):
    """Serves ``BODY``; can forget ranges and hang up early."""

    ranges = True
    sends = len(BODY)
    body = BODY

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/scores.tar.gz"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        asked = self.headers.get("Range")
        self.server.asked.append(asked)
        first = int(asked[6:-1]) if asked and self.server.ranges else 0
        if first >= len(self.server.body):
            self.send_error(416)
            return
        rest = self.server.body[first:]
        self.send_response(206 if first else 200)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest[: self.server.sends])

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def test_a_file_arrives_whole_and_alone(server, tmp_path):
    target = tmp_path / "new" / "scores.tar.gz"
    assert fetch(server.url, target) == target
    assert target.read_bytes() == BODY
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("ranges", [True, False])
def test_what_was_begun_is_continued_where_the_server_can(server, tmp_path, ranges):
    target = tmp_path / "scores.tar.gz"
    server.sends = 300_000
    with pytest.raises(MissingError, match="300000 of 1024000"):
        fetch(server.url, target)
    assert not target.exists()
    server.sends, server.ranges = len(BODY), ranges
    fetch(server.url, target)
    assert server.asked == [None, "bytes=300000-"]
    assert target.read_bytes() == BODY


def test_a_part_longer_than_the_file_is_begun_anew(server, tmp_path):
    target = tmp_path / "scores.tar.gz"
    target.with_name("scores.tar.gz.part").write_bytes(BODY + b"more")
    fetch(server.url, target)
    assert target.read_bytes() == BODY


def test_offline_says_what_to_do(server, tmp_path):
    url = server.url
    server.server_close()
    with pytest.raises(MissingError, match=r"could not be downloaded.*Fix: ") as caught:
        fetch(url, tmp_path / "scores.tar.gz")
    assert caught.value.exit_code == 3
    assert list(tmp_path.iterdir()) == []
