"""``python -m cloud_sync``: the fleet's side."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from cloud_sync.broker import Broker, tls_context
from cloud_sync.fleet_store import FleetStore
from cloud_sync.ingest import IngestWorker, fleet_link
from firmware_py.config.secret import read_secret
from firmware_py.messages.errors import LullError, UserError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr
    )
    try:
        _ingest(options)
    except LullError as error:
        sys.stderr.write(f"cloud_sync: {error}\n")
        return error.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m cloud_sync", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    ingest = commands.add_parser(
        "ingest",
        help="store the devices' feedback until SIGTERM",
        description="Stores the devices' feedback, each reaction once, and acknowledges it. "
        "Any number of workers share the load. SIGTERM finishes what has arrived and ends.",
    )
    ingest.add_argument("--broker", required=True, metavar="HOST:PORT")
    ingest.add_argument("--database", required=True, type=Path, metavar="FILE", help="SQLite file")
    ingest.add_argument(
        "--ca-file", type=Path, help="authority of the broker's certificate; turns TLS on"
    )
    ingest.add_argument("--username")
    ingest.add_argument(
        "--password-file", type=Path, help="first line: password; $LULL_MQTT_PASSWORD goes before"
    )
    ingest.add_argument(
        "--allow-plaintext", action="store_true", help="no TLS even to another machine"
    )
    return parser


def _ingest(options: argparse.Namespace) -> None:
    host, port = _address(options.broker)
    broker = Broker(
        host,
        port,
        tls=tls_context(options.ca_file) if options.ca_file else None,
        username=options.username,
        password=read_secret("LULL_MQTT_PASSWORD", options.password_file),
        allow_plaintext=options.allow_plaintext,
    )
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    with FleetStore(options.database) as store:
        link = fleet_link(broker)
        link.start()
        try:
            IngestWorker(store, link).run(stop)
        finally:
            link.stop()


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
        raise UserError(f"--broker {text!r} is not HOST:PORT, for example localhost:1883.")
    return host, int(port)


if __name__ == "__main__":
    sys.exit(main())
