"""Every walk in docs/recipes, its commands run as they stand, on tiny sets in the formats that they name.

The commands run in this process, so that libraries and models are loaded once; trainings get the options of TINY added.
"""

from __future__ import annotations

import csv
import json
import re
import shlex
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import app
from pipeline import matcher as matching
from pipeline.cli import main
from pipeline.kinds import CATEGORIES
from pipeline.settings import ROOT
from pipeline.training import embedder, segmenter, segmenter_measure
from pipeline.training.running import command
from tests import training_sets as sets

pytestmark = pytest.mark.slow
RECIPES = ROOT / "docs" / "recipes"
PAGES = sorted(path.name for path in RECIPES.glob("*.md") if path.name != "README.md")
ASSETS = ROOT / "assets"
TINY = {
    "segmenter": "--epochs 1 --batch 4 --size 64 --run-size 384 --share 0.01 --rate 1e-6 --workers 0",
    "embedder": "--epochs 1 --samples 8 --batch 4 --rate 1e-6 --workers 0",
}
TRAININGS: dict[str, Callable[..., None]] = {"segmenter": segmenter.train, "embedder": embedder.train}
PORT = "7860"


def commands(page: Path) -> list[str]:
    """The lines of a page's shell blocks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)
    lines = [line.strip() for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


class Shell:
    """Runs the lines of a recipe in a folder; every one must end well."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._served: list[Any] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = str(probe.getsockname()[1])

    def run(self, line: str) -> None:
        words = shlex.split(line)
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            self._monkeypatch.setenv(name, value)
        elif words[:3] == ["python", "-m", "pipeline"]:
            assert main([*words[3:], "--debug"]) == 0, line
        elif words[:2] == ["python", "-m"] and words[2].startswith("pipeline.training."):
            name = words[2].rpartition(".")[2]
            assert command(TRAININGS[name], [*words[3:], *TINY[name].split(), "--debug"]) == 0, line
        elif words[:2] == ["python", "app.py"] and words[-1] == "&":
            self._serve(words[2:-1])
        else:
            subprocess.run(line.replace(f":{PORT}", f":{self._port}"), shell=True, check=True, timeout=120)

    def _serve(self, words: list[str]) -> None:
        options = dict(zip(words[::2], words[1::2], strict=True))
        assert set(options) <= {"--index", "--port"} and options.get("--port", PORT) == PORT
        page = app.build_app(lambda progress: app.load_matcher(progress, Path(options["--index"])))
        page.launch(server_port=int(self._port), prevent_thread_lock=True)
        self._served.append(page)

    def close(self) -> None:
        for page in self._served:
            page.close()


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """A shell in an empty folder that has the repository's bundled models, and models that stay loaded."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "models").symlink_to(ASSETS / "models")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FASHION_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("YOLO_OFFLINE", "1")
    for name in ("_remover", "_finder", "_embedder"):
        monkeypatch.setattr(matching, name, _kept(name))
    # Three photos at full size and hundreds of made-up ones, twice, would be most of a training's time.
    nothing = {"bus.jpg": "nothing", "large garments": 5, "found with the right kind": 0.0}
    monkeypatch.setattr("pipeline.training.segmenter_export.familiar_pictures", lambda *_: nothing)
    for name in ("group_score", "portrait_score"):
        monkeypatch.setattr(segmenter_measure, name, partial(getattr(segmenter_measure, name), pictures=4))
    opened = Shell(monkeypatch)
    yield opened
    opened.close()


_loads = {name: getattr(matching, name) for name in ("_remover", "_finder", "_embedder")}


@lru_cache
def _kept(name: str) -> Any:
    # Settings differ in the index that they name, and no model depends on that.
    loaded: dict[Any, Any] = {}

    def load(model: Any, settings: Any) -> Any:
        if model not in loaded:
            loaded[model] = _loads[name](model, settings)
        return loaded[model]

    return load


def garments() -> list[dict[str, str]]:
    """Three items of each of some categories of our own catalogue."""
    with (ASSETS / "catalogue" / "items.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    wanted = ("dress", "jeans", "t-shirt", "skirt")
    return [row for name in wanted for row in [r for r in rows if r["category"] == name][:3]]


def small(source: Path, target: Path, side: int = 320) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(source) as picture:
        picture.thumbnail((side, side))
        picture.convert("RGB").save(target)


def prepare_match_pieces() -> None:
    sets.fashionpedia(Path("data/fashionpedia"))
    for row in garments():
        small(ASSETS / "catalogue" / row["image"], Path("data/shop", row["category"], f"{row['id']}.jpg"))
    small(ASSETS / "examples" / "weekend.jpg", Path("photo.jpg"), 640)


def prepare_fashion_map() -> None:
    sets.modanet(Path("data/modanet"))
    for row in garments():
        small(ASSETS / "catalogue" / row["image"], Path("photos", f"{row['id']}.jpg"))
    small(ASSETS / "examples" / "weekend.jpg", Path("photos/weekend.jpg"), 640)


def prepare_clothes_matcher() -> None:
    sets.folders(Path("data/clothes"))
    shutil.rmtree("data/clothes/train/misc")
    shutil.rmtree("data/clothes/val/misc")
    small(ASSETS / "examples" / "weekend.jpg", Path("photo.jpg"), 640)


def prepare_recommend() -> None:
    rows, labels = ["image_name,category_label"], {}
    for row in garments():
        number = labels.setdefault(row["category"], str(CATEGORIES.index(row["category"])))
        small(ASSETS / "catalogue" / row["image"], Path("data/products/images", f"{row['id']}.jpg"))
        rows.append(f"{row['id']},{number}")
    Path("data/products/products.csv").write_text("\n".join(rows) + "\n")
    Path("data/products/labels.json").write_text(json.dumps({number: name for name, number in labels.items()}))
    for name in ("weekend", "autumn"):
        small(ASSETS / "examples" / f"{name}.jpg", Path("photos", f"{name}.jpg"), 640)
    shutil.copy("photos/weekend.jpg", "photo.jpg")


def prepare_one_shot() -> None:
    lines = ["query,reference"]
    for row in garments():
        small(ASSETS / "catalogue" / row["image"], Path("data/references", f"{row['id']}.jpg"))
        small(ASSETS / "drapes" / f"{row['id']}-2.webp", Path("data/queries", f"{row['id']}-2.jpg"))
        lines.append(f"{row['id']}-2,{row['id']}")
    Path("data/pairs.csv").write_text("\n".join(lines) + "\n")


# What a recipe needs, and the files that it must leave behind.
WALKS: dict[str, tuple[Callable[[], None], tuple[str, ...]]] = {
    "match-pieces.md": (
        prepare_match_pieces,
        ("models/pieces.onnx", "models/pieces.md", "reports/segmentation/index.html", "matches.html",
         "reports/classification/index.html", "shop-index/manifest.json"),
    ),
    "fashion-map.md": (prepare_fashion_map, ("map.html", "grid.png", "pieces.html", "pieces-index/manifest.json")),
    "clothes-matcher.md": (
        prepare_clothes_matcher,
        ("models/embedder/image.onnx", "reports/retrieval/index.html", "clothes-index/manifest.json"),
    ),
    "recommend.md": (prepare_recommend, ("products-index/manifest.json", "pieces.csv", "wardrobe.html")),
    "one-shot.md": (
        prepare_one_shot,
        ("work/queries/pictures.csv", "work/queries.npz", "work/matches.csv", "reports/oneshot/index.html"),
    ),
}  # fmt: skip


def test_every_recipe_is_listed_and_walked() -> None:
    listed = re.findall(r"\(([\w-]+\.md)\)", (RECIPES / "README.md").read_text())
    assert sorted(listed) == PAGES == sorted(WALKS)


@pytest.mark.parametrize("recipe", PAGES)
def test_a_walk_runs_from_start_to_end(recipe: str, shell: Shell, tmp_path: Path) -> None:
    prepare, left = WALKS[recipe]
    prepare()
    lines = commands(RECIPES / recipe)
    assert len(lines) >= 4
    if any(line.startswith("curl ") for line in lines) and not shutil.which("curl"):
        pytest.skip("there is no curl")
    for line in lines:
        shell.run(line)
    assert [name for name in left if not (tmp_path / name).stat().st_size] == []
