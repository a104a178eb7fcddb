"""Imports go one way, and importing the package stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# Lower layers first; a module imports only from layers below its own.
LAYERS: tuple[frozenset[str], ...] = tuple(
    frozenset(names.split())
    for names in (
        "errors types kinds colours drafts environment outlining views",
        "settings towers draw edges doubles query naming published calibration clip_keys yolo download",
        "weights photo vectors hub",
        "choice",
        "cutout pieces embeddings outline index",
        "catalogue",
        "demo",
        "seeking",
        "matcher",
        "document",
        "sheet outfit training wardrobe fashionmap",
        "evaluation",
        "commands ui",
        "cli",
        "__main__",
    )
)
STAGES = {"cutout", "pieces", "embeddings", "outline", "index"}
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}


def modules() -> list[tuple[str, Path]]:
    found = []
    for path in sorted((ROOT / "pipeline").rglob("*.py")):
        parts = path.relative_to(ROOT / "pipeline").with_suffix("").parts
        if parts != ("__init__",):
            found.append((parts[0], path))
    return found


def imported(path: Path) -> set[str]:
    """First-level names below `pipeline` that a file imports, and other top-level packages."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def first_level(name: str) -> str | None:
    parts = name.split(".")
    return parts[1] if parts[0] == "pipeline" and len(parts) > 1 and parts[1] in LEVEL else None


@pytest.mark.parametrize(("module", "path"), modules(), ids=lambda v: v.name if isinstance(v, Path) else v)
def test_imports_point_down(module, path):
    assert module in LEVEL, f"{module} has no layer yet: give it one in tests/test_layers.py"
    for name in imported(path):
        target = first_level(name)
        if target and target != module:
            assert LEVEL[target] < LEVEL[module], f"{path.name} imports {target}, which is not below {module}"
            assert not (module in STAGES and target in STAGES), f"the stage {module} imports the stage {target}"


@pytest.mark.parametrize(("module", "path"), modules(), ids=lambda v: v.name if isinstance(v, Path) else v)
def test_only_the_page_knows_gradio(module, path):
    if module != "ui":
        assert not any(name.split(".")[0] == "gradio" for name in imported(path))


def test_importing_the_package_brings_no_model_library():
    heavy = {"torch", "ultralytics", "rembg", "open_clip", "faiss", "gradio"}
    code = f"import sys, pipeline; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
