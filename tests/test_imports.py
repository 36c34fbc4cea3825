"""Imports go one way: messages <- ports <- stages <- app; see ARCHITECTURE.md."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("firmware_py", "device", "cloud_sync", "model_export")
STAGES = ("speech", "mood", "plan", "compose", "render", "play", "feedback")

BASE = {"messages", "ports", "config"}
ALLOWED: dict[str, set[str]] = {
    "firmware_py": set(),
    "messages": set(),
    "ports": {"messages"},
    "config": {"firmware_py", "messages"},
    **{stage: {"firmware_py"} | BASE for stage in STAGES},
    "device": {"firmware_py"} | BASE,
    "cloud_sync": {"firmware_py"} | BASE,
    "app": {"firmware_py", "device", "cloud_sync", *BASE, *STAGES},
    "model_export": {"firmware_py", *BASE, *STAGES},
}
"""Part -> the parts that it may import besides itself."""
ON_THE_DEVICE = {part for part in ALLOWED if part != "model_export"}
TRAINING_ONLY = {"torch", "onnx", "onnxscript", "symusic", "model_export"}


def part_of(module: str) -> str:
    """``firmware_py.plan.why`` -> ``plan``; ``device.speaker`` -> ``device``."""
    names = module.split(".")
    return names[1] if names[0] == "firmware_py" and len(names) > 1 else names[0]


def module_name(path: Path) -> str:
    names = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(names[:-1] if names[-1] == "__init__" else names)


MODULES = {
    module_name(path): path for package in PACKAGES for path in (ROOT / package).rglob("*.py")
}


def imports(module: str, nodes: Iterator[ast.AST]) -> set[str]:
    """Return every module that ``nodes`` import, in full names, relative imports resolved."""
    package = module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *filter(None, [node.module])])
            names = {f"{base}.{alias.name}" for alias in node.names}
            found.update(name if name in MODULES else base for name in names)
    return found


def all_imports(module: str) -> set[str]:
    """Include the imports inside functions: lazy is not a way around the rules."""
    return imports(module, ast.walk(ast.parse(MODULES[module].read_text("utf-8"))))


def test_every_part_is_known() -> None:
    assert {part_of(module) for module in MODULES} <= set(ALLOWED)


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_only_what_its_part_may(module: str) -> None:
    part = part_of(module)
    ours = {part_of(name) for name in all_imports(module) if name.split(".")[0] in PACKAGES}
    assert ours - {part} <= ALLOWED[part]


def test_training_libraries_never_reach_the_device() -> None:
    reached = {
        (module, name)
        for module in MODULES
        if part_of(module) in ON_THE_DEVICE
        for name in all_imports(module)
        if name.split(".")[0] in TRAINING_ONLY
    }
    assert reached == set()


def test_no_cycles() -> None:
    graph = {module: all_imports(module) & set(MODULES) - {module} for module in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail("cycle: " + " -> ".join(error.args[1]))


def test_a_forbidden_edge_would_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stray = tmp_path / "stray.py"
    stray.write_text(
        "from ..render import synth\n"
        "def later():\n"
        "    import torch\n"
        "    from firmware_py import app\n"
    )
    monkeypatch.setitem(MODULES, "firmware_py.plan.stray", stray)
    monkeypatch.setitem(MODULES, "firmware_py.render.synth", stray)
    seen = {part_of(name) for name in all_imports("firmware_py.plan.stray")}
    assert seen == {"render", "torch", "app"}
