"""Microphones and speakers by names that stay the same from one start to the next."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

import pyaudio

from device.quiet import quiet_stderr
from firmware_py.messages.errors import MissingError

Kind = Literal["microphone", "speaker"]

_ALSA_NUMBER: Final = re.compile(r"\s*\(hw:\d+,\d+\)$")
"""ALSA numbers cards in the order in which it finds them: not part of a stable name."""


@dataclass(frozen=True, slots=True)
class Device:
    """One sound device in one direction."""

    name: str
    kind: Kind
    channels: int
    rate: int
    """Its own rate, frames a second."""
    default: bool
    index: int
    """PortAudio's number; only valid until PortAudio is opened anew."""


def list_devices() -> tuple[Device, ...]:
    """Return the microphones and speakers there are now, microphones first; maybe none."""
    with quiet_stderr():
        audio = pyaudio.PyAudio()
    try:
        return (*devices_of(audio, "microphone"), *devices_of(audio, "speaker"))
    finally:
        audio.terminate()


def devices_of(audio: pyaudio.PyAudio, kind: Kind) -> tuple[Device, ...]:
    """Return the devices of one kind; a name that occurs again gets `` #2``, `` #3``..."""
    direction = "Input" if kind == "microphone" else "Output"
    default = _default_index(audio, kind)
    devices: list[Device] = []
    seen: dict[str, int] = {}
    for index in range(audio.get_device_count()):
        info = audio.get_device_info_by_index(index)
        channels = int(info[f"max{direction}Channels"])
        if not channels:
            continue
        name = _ALSA_NUMBER.sub("", str(info["name"]))
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            name = f"{name} #{seen[name]}"
        rate = round(float(info["defaultSampleRate"]))
        devices.append(Device(name, kind, channels, rate, index == default, index))
    return tuple(devices)


def find_device(audio: pyaudio.PyAudio, kind: Kind, name: str) -> Device:
    """Return the device called ``name``; ``default`` is the system's choice.

    A part of a name will do if only one device has it. Raises ``MissingError``.
    """
    devices = devices_of(audio, kind)
    if name == "default":
        found = [device for device in devices if device.default]
    else:
        found = [device for device in devices if device.name == name]
        if not found:
            found = [device for device in devices if name.casefold() in device.name.casefold()]
    if len(found) == 1:
        return found[0]
    if not devices:
        raise MissingError(
            f"There is no {kind} on this machine.",
            fix="plug one in, or sudo usermod -aG audio $USER and log in again; see: lull devices",
        )
    what = "Several devices match" if found else "No device matches"
    raise MissingError(
        f"{what} the {kind} {name!r}.", fix="lull devices, then set its name in lull.toml [device]"
    )


def _default_index(audio: pyaudio.PyAudio, kind: Kind) -> int | None:
    try:
        if kind == "microphone":
            return int(audio.get_default_input_device_info()["index"])
        return int(audio.get_default_output_device_info()["index"])
    except OSError:  # PortAudio has no such device
        return None
