"""MQTT: topics, payloads, the link, the outbox drain; and the fleet side."""
