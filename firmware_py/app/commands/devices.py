"""``lull devices``: microphones and speakers by stable name."""

from __future__ import annotations

import argparse

from firmware_py.app.arguments import Subparsers, common_options
from firmware_py.app.output import Output
from firmware_py.config.load import load_settings


def register(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "devices",
        parents=[common_options()],
        help="list microphones and speakers",
        description="Lists microphones and speakers by the names that lull.toml takes.",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, output: Output) -> int:
    """List the devices that are there now."""
    load_settings(args.config)  # nothing in it matters here, but a mistake in it is told
    from device.listing import list_devices  # noqa: PLC0415 - opens PortAudio

    devices = list_devices()
    for device in devices:
        default = " (default)" if device.default else ""
        output.say(f"{device.kind}: {device.name}{default}")
    if not devices:
        output.say("No microphone and no speaker is here.")
    views = [
        {
            "name": device.name,
            "kind": device.kind,
            "channels": device.channels,
            "rate": device.rate,
            "default": device.default,
        }
        for device in devices
    ]
    output.result({"devices": views})
    return 0
