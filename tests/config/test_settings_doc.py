"""docs/settings.md says what the code says: each key, its default, what it accepts and means."""

from __future__ import annotations

import ast
import json
from dataclasses import fields
from datetime import time
from pathlib import Path

import firmware_py.config.settings as module
from firmware_py.config.load import rules_of
from firmware_py.config.settings import Settings, host_id

DOC = Path(__file__).resolve().parents[2] / "docs" / "settings.md"


def field_docstrings() -> dict[str, dict[str, str]]:
    """Class name -> field name -> the docstring under the field."""
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    docs: dict[str, dict[str, str]] = {}
    for cls in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        docs[cls.name] = {
            field.target.id: " ".join(doc.value.value.split())
            for field, doc in zip(cls.body, cls.body[1:], strict=False)
            if isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(doc, ast.Expr)
            and isinstance(doc.value, ast.Constant)
        }
    return docs


def as_toml(value: object) -> str:
    if value is None:
        return "none"
    if value == host_id():
        return "the host's name"
    if isinstance(value, float):
        return f"`{value:g}`"
    if isinstance(value, tuple):
        items = [f"{v:%H:%M}" if isinstance(v, time) else v for v in value]
        return f"`{json.dumps(items)}`"
    return f"`{json.dumps(value)}`"


def expected_tables() -> str:
    docs = field_docstrings()
    lines: list[str] = []
    for table in (f for f in fields(Settings) if f.name != "source"):
        cls = table.default_factory
        assert isinstance(cls, type)
        lines += ["", f"## `[{table.name}]`", "", "| key | default | accepts | meaning |"]
        lines += ["|---|---|---|---|"]
        default = cls()
        for key, rule in rules_of(cls).items():
            meaning = docs[cls.__name__][key].replace("``", "`")
            value = as_toml(getattr(default, key))
            lines.append(f"| `{key}` | {value} | {rule.allowed} | {meaning} |")
    return "\n".join(lines) + "\n"


def test_the_document_has_exactly_the_tables_of_the_code() -> None:
    text = DOC.read_text("utf-8")
    assert text[text.index("\n## `[") :] == expected_tables()
