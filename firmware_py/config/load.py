"""Find and read ``lull.toml``: ``--config``, ``$LULL_CONFIG``, the person's, the machine's."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_type_hints

from firmware_py.config.rules import Rule
from firmware_py.config.settings import Settings
from firmware_py.messages.errors import UserError

PERSON_FILE = Path("~/.config/lull/lull.toml")
MACHINE_FILE = Path("/etc/lull/lull.toml")
_SECRET_KEYS = {"password", "secret", "token", "key"}


def find_settings(named: Path | None) -> Path | None:
    """Return the settings file to read, None when there is none.

    A file that was named, by ``--config`` or ``$LULL_CONFIG``, must be there; ``load_settings``
    says so when it is not.
    """
    if named is not None:
        return named
    if variable := os.environ.get("LULL_CONFIG"):
        return Path(variable).expanduser()
    found = (path.expanduser() for path in (PERSON_FILE, MACHINE_FILE))
    return next((path for path in found if path.is_file()), None)


def load_settings(named: Path | None = None) -> Settings:
    """Return the settings of the first file in the search order, or the defaults.

    Raises ``UserError`` that names the file, the table and the key.
    """
    path = find_settings(named)
    if path is None:
        return Settings()
    try:
        tables = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise UserError(f"Cannot read the settings file {path}: {error.strerror}.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"The settings file {path} is not valid TOML: {error}.") from error
    return settings_from(tables, path)


def settings_from(tables: dict[str, Any], path: Path) -> Settings:
    """Return settings from parsed TOML; ``path`` is named in errors.

    Raises ``UserError`` that names the file, the table and the key.
    """
    known = {f.name: f.default_factory for f in fields(Settings) if f.name != "source"}
    read: dict[str, Any] = {}
    for name, values in tables.items():
        if name not in known:
            raise UserError(f"Unknown table [{name}] in {path}. {_nearest(name, known)}")
        if not isinstance(values, dict):
            raise UserError(f"{name} in {path} must be a table: write [{name}].")
        read[name] = _table(known[name], name, values, path)
    return Settings(**read, source=path)


def rules_of(kind: type) -> dict[str, Rule]:
    """Return the rule of each key of a settings table."""
    hints = get_type_hints(kind, include_extras=True)
    return {key: hint.__metadata__[0] for key, hint in hints.items()}


def _table(kind: Any, table: str, values: dict[str, Any], path: Path) -> Any:
    rules = rules_of(kind)
    read = {}
    for key, value in values.items():
        if key not in rules:
            raise UserError(f"Unknown key {table}.{key} in {path}. {_unknown_key(key, rules)}")
        read[key] = _value(rules[key], f"{table}.{key}", value, path)
    return kind(**read)


def _value(rule: Rule, name: str, value: object, path: Path) -> object:
    try:
        return rule.read(value)
    except ValueError:
        raise UserError(f"{name} in {path} must be {rule.allowed}, not {value!r}.") from None


def _unknown_key(key: str, known: Iterable[str]) -> str:
    if key in _SECRET_KEYS:
        return "Secrets are not written here: use password_file or $LULL_MQTT_PASSWORD."
    return _nearest(key, known)


def _nearest(name: str, known: Iterable[str]) -> str:
    names = list(known)
    near = get_close_matches(name, names, n=1, cutoff=0.5)
    return f"Did you mean {near[0]}?" if near else f"Known: {', '.join(names)}."
