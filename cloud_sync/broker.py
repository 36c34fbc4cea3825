"""Where the broker is and how to speak to it safely."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

from firmware_py.config.secret import Secret
from firmware_py.config.settings import MqttSettings
from firmware_py.messages.errors import UserError


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker. Raises ``UserError`` for one without TLS that is not on this machine.

    ``allow_plaintext`` takes that guard away.
    """

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    username: str | None = None
    password: Secret | None = None
    allow_plaintext: bool = False

    def __post_init__(self) -> None:
        if self.tls is None and not self.allow_plaintext and not _is_loopback(self.host):
            raise UserError(
                f"The broker {self.host} is not on this machine and tls is off: anyone on the way "
                "could read along. Turn tls on, or allow plain text on purpose (allow_plaintext)."
            )


def broker_of(settings: MqttSettings) -> Broker:
    """Return the broker of ``[mqtt]``. Raises ``UserError`` when a key or file is wrong."""
    if settings.host is None:
        raise UserError("mqtt.enabled is true but mqtt.host is not set: name the broker.")
    tls = None
    if settings.tls:
        tls = tls_context(settings.ca_file, settings.cert_file, settings.key_file)
    return Broker(
        settings.host,
        settings.port,
        tls=tls,
        username=settings.username,
        password=settings.password(),
        allow_plaintext=settings.allow_plaintext,
    )


def tls_context(
    ca: Path | None, cert: Path | None = None, key: Path | None = None
) -> ssl.SSLContext:
    """Return TLS 1.2 or newer that verifies the broker's certificate and name.

    ``ca`` None: the system's authorities. Raises ``UserError`` when a file cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if cert is not None:
            context.load_cert_chain(cert, key)
    except OSError as error:  # ssl.SSLError is one
        names = ", ".join(str(file) for file in (ca, cert, key) if file is not None)
        raise UserError(f"Cannot use the TLS files {names}: {error}.") from error
    return context


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
