"""Settings: defaults, the search order, and what is said about a bad key."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from firmware_py.config.load import load_settings, rules_of
from firmware_py.config.settings import (
    DeviceSettings,
    MqttSettings,
    PlaybackSettings,
    Settings,
    host_id,
)
from firmware_py.messages.errors import UserError


@pytest.fixture(autouse=True)
def _nobodys_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("LULL_CONFIG", raising=False)
    monkeypatch.delenv("LULL_MQTT_PASSWORD", raising=False)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_no_file_is_needed() -> None:
    assert load_settings() == Settings()


def test_named_file_goes_before_environment_before_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / ".config/lull/lull.toml", "[playback]\nvolume = 1\n")
    assert load_settings().playback.volume == 1
    monkeypatch.setenv("LULL_CONFIG", str(write(tmp_path / "b.toml", "[playback]\nvolume = 2\n")))
    assert load_settings().playback.volume == 2
    named = write(tmp_path / "c.toml", "[playback]\nvolume = 3\n")
    assert load_settings(named).playback.volume == 3
    assert load_settings(named).source == named


def test_the_mark_that_windows_editors_put_first_is_no_mistake(tmp_path: Path) -> None:
    path = write(tmp_path / "lull.toml", "\ufeff[playback]\nvolume = 3\n")
    assert load_settings(path).playback.volume == 3


def test_every_kind_of_value_is_read(tmp_path: Path) -> None:
    path = write(
        tmp_path / "lull.toml",
        """
        [device]
        id = "bed_1"
        [speech]
        wake = ["hey you"]
        [music]
        minutes = 5
        soundfont = "~/soft.sf2"
        [playback]
        quiet_hours = ["21:30", "06:15"]
        [mqtt]
        enabled = true
        """,
    )
    settings = load_settings(path)
    assert settings.device.id == "bed_1"
    assert settings.speech.wake == ("hey you",)
    assert settings.music.minutes == 5.0
    assert settings.music.soundfont == tmp_path / "soft.sf2"
    assert settings.playback.quiet_hours == (time(21, 30), time(6, 15))
    assert settings.mqtt.enabled is True


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[musik]\n", ["[musik]", "Did you mean music?"]),
        ("music = 3\n", ["music", "[music]"]),
        ('[music]\ngaol = "calm"\n', ["music.gaol", "Did you mean goal?"]),
        ('[music]\ngoal = "slep"\n', ["music.goal", "calm, sleep, focus, lift", "'slep'"]),
        ("[music]\nminutes = nan\n", ["music.minutes", "from 0.25 to 720"]),
        ("[music]\nminutes = 0\n", ["music.minutes"]),
        ("[playback]\nvolume = 101\n", ["playback.volume", "from 0 to 100"]),
        ("[playback]\nvolume = true\n", ["playback.volume"]),
        ('[playback]\nquiet_hours = ["22:00"]\n', ["playback.quiet_hours"]),
        ('[playback]\nquiet_hours = ["22:00", "25:00"]\n', ["playback.quiet_hours"]),
        ('[device]\nid = "a/b"\n', ["device.id", "a-z"]),
        ('[device]\nspeaker = " "\n', ["device.speaker"]),
        ("[speech]\nwake = []\n", ["speech.wake", "list"]),
        ("[mqtt]\nport = 0\n", ["mqtt.port"]),
        ('[mqtt]\npassword = "x"\n', ["mqtt.password", "LULL_MQTT_PASSWORD"]),
        ("[music\n", ["TOML"]),
    ],
)
def test_a_bad_file_is_named_with_its_key(tmp_path: Path, text: str, said: list[str]) -> None:
    path = write(tmp_path / "lull.toml", text)
    with pytest.raises(UserError) as caught:
        load_settings(path)
    for part in [str(path), *said]:
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_secret_in_the_file_is_not_repeated(tmp_path: Path) -> None:
    path = write(tmp_path / "lull.toml", '[mqtt]\npassword = "hunter2"\n')
    with pytest.raises(UserError) as caught:
        load_settings(path)
    assert "hunter2" not in str(caught.value)


def test_a_named_file_that_is_missing_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nowhere\.toml"):
        load_settings(tmp_path / "nowhere.toml")
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match=r"binary\.toml"):
        load_settings(binary)


def test_the_password_comes_from_file_or_environment_and_is_masked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "password", "hunter2\n")
    settings = MqttSettings(password_file=file)
    secret = settings.password()
    assert secret is not None
    assert secret.reveal() == "hunter2"
    assert "hunter2" not in f"{secret} {secret!r} {settings!r}"
    monkeypatch.setenv("LULL_MQTT_PASSWORD", "other")
    secret = settings.password()
    assert secret is not None
    assert secret.reveal() == "other"
    assert MqttSettings().password() is not None
    monkeypatch.delenv("LULL_MQTT_PASSWORD")
    assert MqttSettings().password() is None


def test_a_missing_or_empty_password_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nofile"):
        MqttSettings(password_file=tmp_path / "nofile").password()
    with pytest.raises(UserError, match="empty"):
        MqttSettings(password_file=write(tmp_path / "blank", "\n")).password()


@pytest.mark.parametrize(
    ("hours", "now", "night"),
    [
        ((time(22), time(7)), time(23), True),
        ((time(22), time(7)), time(6, 59), True),
        ((time(22), time(7)), time(7), False),
        ((time(22), time(7)), time(12), False),
        ((time(1), time(5)), time(3), True),
        ((time(1), time(5)), time(23), False),
    ],
)
def test_quiet_hours_may_span_midnight(hours: tuple[time, time], now: time, night: bool) -> None:
    playback = PlaybackSettings(quiet_hours=hours)
    assert playback.is_night(now) is night
    assert playback.cap(now) == (playback.cap_night if night else playback.cap_day)


def test_the_host_name_makes_a_valid_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "Anna's Pi.local")
    assert host_id() == "Anna-s-Pi-local"
    monkeypatch.setattr("socket.gethostname", lambda: "。。")
    assert host_id() == "lull"
    rules_of(DeviceSettings)["id"].read(host_id())
