"""One MQTT 5 connection from CONNECT to its end; ``link`` makes a fresh one each time.

A fresh paho client for each connection means that nothing is ever queued in memory behind our
back: what the broker has not taken when a connection ends has failed, and the caller knows.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final

from paho.mqtt.client import (
    MQTT_ERR_SUCCESS,
    Client,
    ConnectFlags,
    DisconnectFlags,
    MQTTMessage,
    MQTTv5,
)
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from cloud_sync.broker import Broker

KEEPALIVE_S: Final = 15
CONNECT_TIMEOUT_S: Final = 4.0
"""For the TCP and TLS handshake, and again for CONNACK and SUBACK."""
MAX_PACKET: Final = 131_072
"""Bytes; the broker does not send us longer ones."""

_log = logging.getLogger(__name__)


class NotSentError(Exception):
    """The broker did not take a publish: no connection, or it ended first, or it refused."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message from the broker."""

    topic: str
    payload: bytes
    retained: bool
    mid: int
    """For ``settle``."""
    origin: object
    """The connection it came by."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a connection is opened with."""

    broker: Broker
    client_id: str
    subscriptions: Sequence[str]
    presence: str | None
    """Topic that says ``online`` while connected and, by the last will, ``offline`` after."""
    receive_maximum: int
    """Messages that the broker may send before they are settled."""


class Connection:
    """Serves one connection; the callbacks run on the network thread and only hand over."""

    def __init__(
        self,
        profile: Profile,
        *,
        on_up: Callable[[Connection], None],
        on_message: Callable[[Connection, Arrived], None],
        manual_ack: bool,
    ) -> None:
        self._profile = profile
        self._on_up = on_up
        self._on_message = on_message
        self._mutex = threading.Lock()  # never held while paho is called: paho holds locks too
        self._waiting: dict[int, Future[None]] = {}
        self._early: dict[int, ReasonCode] = {}
        self._ended = False
        self._up = False
        self.reason = "the connection ended"
        """Why it ended, for the log."""
        self._client = self._new_client(manual_ack=manual_ack)

    def open(self) -> None:
        """Connect the socket. Raises ``OSError`` or ``ValueError`` when that fails."""
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.MaximumPacketSize = MAX_PACKET
        properties.ReceiveMaximum = self._profile.receive_maximum
        broker = self._profile.broker
        self._client.connect(
            broker.host, broker.port, keepalive=KEEPALIVE_S, clean_start=True, properties=properties
        )

    def serve(self) -> None:
        """Process the network until the connection ends; runs in a thread of its own."""
        deadline = time.monotonic() + CONNECT_TIMEOUT_S
        while self._client.loop(timeout=1.0) == MQTT_ERR_SUCCESS:
            if not self._up and time.monotonic() > deadline:
                self.reason = "the broker did not answer in time"
                break

    def finish(self) -> None:
        """Close the socket, fail what the broker has not taken, and let the client be freed."""
        with self._mutex:
            self._ended = True
            waiting = list(self._waiting.values())
            self._waiting.clear()
        client = self._client
        socket = client.socket()
        if socket is not None:
            socket.close()
        # The callbacks tie client and connection in a cycle, which would keep sockets open.
        client.on_connect = client.on_subscribe = client.on_disconnect = None
        client.on_publish = client.on_message = None
        for future in waiting:
            future.set_exception(NotSentError(self.reason))

    def close(self) -> None:
        """Say goodbye to the broker; ``serve`` then returns."""
        self._client.disconnect()

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> Future[None]:
        """Send with QoS 1; the future is done at PUBACK, or fails with ``NotSentError``."""
        future: Future[None] = Future()
        info = self._client.publish(topic, payload, qos=1, retain=retain)
        if info.rc != MQTT_ERR_SUCCESS:
            future.set_exception(NotSentError(f"the connection takes no message ({info.rc.name})"))
            return future
        with self._mutex:
            early = self._early.pop(info.mid, None)
            ended = self._ended
            if early is None and not ended:
                self._waiting[info.mid] = future
        if early is not None:
            _settle(future, early)
        elif ended:
            future.set_exception(NotSentError(self.reason))
        return future

    def settle(self, arrived: Arrived) -> None:
        """Send PUBACK for a message, with ``manual_ack``."""
        self._client.ack(arrived.mid, 1)

    def _new_client(self, *, manual_ack: bool) -> Client:
        broker, presence = self._profile.broker, self._profile.presence
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._profile.client_id,
            protocol=MQTTv5,
            reconnect_on_failure=False,
            manual_ack=manual_ack,
        )
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.username = broker.username
        client.password = None if broker.password is None else broker.password.reveal()
        if broker.tls is not None:
            client.tls_set_context(broker.tls)
        if presence is not None:
            client.will_set(presence, b"offline", qos=1, retain=True)
        client.on_connect = self._connected
        client.on_subscribe = self._subscribed
        client.on_disconnect = self._disconnected
        client.on_publish = self._published
        client.on_message = self._arrived
        # Without it paho would write to the socket from whatever thread calls publish.
        client.on_socket_register_write = _leave_writing_to_the_loop
        return client

    def _connected(
        self,
        client: Client,
        _data: Any,
        _flags: ConnectFlags,
        code: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if code.is_failure:
            self.reason = f"the broker refused the connection: {code}"
        elif self._profile.subscriptions:
            options = SubscribeOptions(qos=1)
            client.subscribe([(topic, options) for topic in self._profile.subscriptions])
        else:
            self._announce()

    def _subscribed(
        self,
        _client: Client,
        _data: Any,
        _mid: int,
        codes: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        for topic, code in zip(self._profile.subscriptions, codes, strict=False):
            if code.is_failure:
                _log.warning("The broker refused the subscription %s: %s.", topic, code)
        self._announce()

    def _announce(self) -> None:
        self._up = True
        if self._profile.presence is not None:
            self.publish(self._profile.presence, b"online", retain=True)
        self._on_up(self)

    def _disconnected(
        self,
        _client: Client,
        _data: Any,
        _flags: DisconnectFlags,
        code: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if self._up:
            self.reason = f"the connection ended: {code}"

    def _published(
        self,
        _client: Client,
        _data: Any,
        mid: int,
        code: ReasonCode,
        _properties: Properties,
    ) -> None:
        with self._mutex:
            future = self._waiting.pop(mid, None)
            if future is None:
                self._early[mid] = code  # PUBACK came before publish() returned
        if future is not None:
            _settle(future, code)

    def _arrived(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            return
        payload = bytes(message.payload)
        self._on_message(self, Arrived(topic, payload, message.retain, message.mid, self))


def _settle(future: Future[None], code: ReasonCode) -> None:
    if code.is_failure:
        future.set_exception(NotSentError(f"the broker refused it: {code}"))
    else:
        future.set_result(None)


def _leave_writing_to_the_loop(_client: Client, _data: Any, _socket: Any) -> None:
    pass
