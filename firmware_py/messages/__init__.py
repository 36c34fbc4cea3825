"""Small frozen dataclasses that the stages pass to each other. One file per kind of message."""
