"""The person's settings: one frozen dataclass for each table of ``lull.toml``.

Every key has a default, so no file is needed. ``firmware_py.config.load`` reads one.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Annotated, Literal

from firmware_py.config import rules
from firmware_py.config.accelerator import ACCELERATORS, Accelerator
from firmware_py.config.secret import Secret, read_secret
from firmware_py.messages.heard import LANGUAGES, Language
from firmware_py.messages.plan import GOALS, STRATEGIES, Goal, Strategy

MAX_MINUTES = 720.0
"""The longest session: twelve hours, one night with room to spare."""
MIN_MINUTES = 0.25
"""The shortest session: a quarter of a minute, a handful of bars."""


def host_id() -> str:
    """Return the host's name with everything but ``a-zA-Z0-9_-`` replaced by ``-``."""
    return re.sub(r"[^a-zA-Z0-9_-]+", "-", socket.gethostname()).strip("-")[:64] or "lull"


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """What this device is and what it hears and speaks with."""

    id: Annotated[
        str, rules.matching(r"[a-zA-Z0-9_-]{1,64}", "1 to 64 of the signs a-z A-Z 0-9 _ -")
    ] = field(default_factory=host_id)
    """Name of the device in MQTT topics. Default: the host's name, cleaned."""
    board: Annotated[str, rules.text()] = "auto"
    """Board profile, ``auto`` to detect it."""
    microphone: Annotated[str, rules.text()] = "default"
    """Stable name of the microphone as ``lull devices`` lists it."""
    speaker: Annotated[str, rules.text()] = "default"
    """Stable name of the speaker as ``lull devices`` lists it."""
    accelerator: Annotated[Accelerator, rules.one_of(ACCELERATORS)] = "cpu"
    """What computes the composer's network. Where the others are not there, the CPU does, and
    Lull says so."""


@dataclass(frozen=True, slots=True)
class SpeechSettings:
    """Listening and answering."""

    language: Annotated[Language, rules.one_of(LANGUAGES)] = "en"
    """Language that is spoken to the device."""
    wake: Annotated[tuple[str, ...], rules.texts()] = ("hey lull", "okay lullaby")
    """Phrases that wake the device."""
    answers: Annotated[
        Literal["chime", "spoken", "none"], rules.one_of(("chime", "spoken", "none"))
    ] = "chime"
    """How the device answers."""


@dataclass(frozen=True, slots=True)
class MusicSettings:
    """What is composed when nothing else is asked for."""

    goal: Annotated[Goal, rules.one_of(GOALS)] = "calm"
    """Where the music leads."""
    minutes: Annotated[float, rules.number(MIN_MINUTES, MAX_MINUTES, " minutes")] = 45.0
    """Length of a session."""
    strategy: Annotated[Strategy, rules.one_of(STRATEGIES)] = "match-then-lead"
    """The way from the mood to the goal."""
    soundfont: Annotated[Path | None, rules.file()] = None
    """Soundfont to play with; without it the one that ``lull setup`` found."""


@dataclass(frozen=True, slots=True)
class PlaybackSettings:
    """Loudness and its limits."""

    volume: Annotated[int, rules.whole(0, 100, " (percent)")] = 40
    """Volume at the start of a session."""
    cap_day: Annotated[int, rules.whole(0, 100, " (percent)")] = 80
    """Highest volume by day."""
    cap_night: Annotated[int, rules.whole(0, 100, " (percent)")] = 45
    """Highest volume in the quiet hours."""
    quiet_hours: Annotated[tuple[time, time], rules.clock_span()] = (time(22), time(7))
    """From when to when it is night, local time."""
    fade_minutes: Annotated[float, rules.number(0, 120, " minutes")] = 10.0
    """How long the sleep timer's fade takes."""

    def is_night(self, now: time) -> bool:
        """Return whether ``now``, local time, is in the quiet hours; they may span midnight."""
        start, end = self.quiet_hours
        return start <= now < end if start <= end else now >= start or now < end

    def cap(self, now: time) -> int:
        """Return the highest volume allowed at ``now``, percent."""
        return self.cap_night if self.is_night(now) else self.cap_day


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """The link to a broker; off unless asked for."""

    enabled: Annotated[bool, rules.switch()] = False
    """Whether to connect at all."""
    host: Annotated[str | None, rules.text()] = None
    """Name or address of the broker."""
    port: Annotated[int, rules.whole(1, 65535)] = 8883
    """Port of the broker."""
    tls: Annotated[bool, rules.switch()] = True
    """Whether to speak TLS."""
    ca_file: Annotated[Path | None, rules.file()] = None
    """Certificate authority that signed the broker's certificate."""
    cert_file: Annotated[Path | None, rules.file()] = None
    """This device's certificate."""
    key_file: Annotated[Path | None, rules.file()] = None
    """This device's private key."""
    username: Annotated[str | None, rules.text()] = None
    """User name at the broker."""
    password_file: Annotated[Path | None, rules.file()] = None
    """File whose first line is the password; ``$LULL_MQTT_PASSWORD`` goes before it."""
    allow_plaintext: Annotated[bool, rules.switch()] = False
    """Whether a broker without TLS is accepted; one on this machine always is."""

    def password(self) -> Secret | None:
        """Return the password from the environment or the file, None when neither is set."""
        return read_secret("LULL_MQTT_PASSWORD", self.password_file)


@dataclass(frozen=True, slots=True)
class PrivacySettings:
    """What leaves the device and how long it is kept."""

    distress_event: Annotated[bool, rules.switch()] = False
    """Whether a mood of great distress is told over MQTT, as a code without any words."""
    keep_days: Annotated[int, rules.whole(1, 36500, " days")] = 365
    """How long feedback is kept on the device."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All tables."""

    device: DeviceSettings = field(default_factory=DeviceSettings)
    speech: SpeechSettings = field(default_factory=SpeechSettings)
    music: MusicSettings = field(default_factory=MusicSettings)
    playback: PlaybackSettings = field(default_factory=PlaybackSettings)
    mqtt: MqttSettings = field(default_factory=MqttSettings)
    privacy: PrivacySettings = field(default_factory=PrivacySettings)
    source: Path | None = None
    """The file that was read; None: all defaults."""
