from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from cloud_sync.broker import Broker, broker_of, tls_context
from firmware_py.config.settings import MqttSettings
from firmware_py.messages.errors import UserError


def test_plain_text_stays_on_this_machine() -> None:
    with pytest.raises(UserError, match="tls is off"):
        Broker("broker.example", 1883)
    with pytest.raises(UserError, match="tls is off"):
        broker_of(MqttSettings(host="192.0.2.1", tls=False))
    for host in ("localhost", "127.0.0.1", "::1"):
        Broker(host, 1883)
    Broker("192.0.2.1", 1883, allow_plaintext=True)


def test_tls_verifies_and_is_recent() -> None:
    tls = broker_of(MqttSettings(host="broker.example")).tls
    assert tls is not None
    assert tls.verify_mode is ssl.CERT_REQUIRED
    assert tls.check_hostname
    assert tls.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_the_password_does_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LULL_MQTT_PASSWORD", "hunter2")
    broker = broker_of(MqttSettings(host="broker.example", username="bed"))
    assert broker.password is not None
    assert broker.password.reveal() == "hunter2"
    assert "hunter2" not in repr(broker)


def test_a_broken_certificate_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    for content in (None, "not a certificate"):
        if content is not None:
            file.write_text(content)
        with pytest.raises(UserError, match=str(file)):
            tls_context(file)


def test_a_link_without_a_host_is_refused() -> None:
    with pytest.raises(UserError, match=r"mqtt\.host"):
        broker_of(MqttSettings(enabled=True))
