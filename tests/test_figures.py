"""What README, docs and model cards quote is what was measured, and no other figure."""

import json

import pytest

from bench import figures
from bench.figures import FIGURES, PARTS, REGISTRY, ROOT
from pipeline.settings import Settings
from pipeline.weights import SLOTS, bundled_model

# Measured by `make report` from the repository alone, on the models as they are.
OF_THESE_MODELS = ("examples", "descriptions", "speed", "oneshot")


def test_the_documents_quote_what_was_measured() -> None:
    assert figures.stale() == [], "run `make figures`"


def test_every_part_is_quoted_and_has_its_file() -> None:
    quoted = {found[2] for page in figures.pages() for found in figures.PART.finditer(page.read_text())}
    assert quoted == set(PARTS)
    assert [path.name for path, _ in PARTS.values() if not path.exists()] == []


def test_a_changed_figure_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    told = json.loads((FIGURES / "examples.json").read_text())
    (tmp_path / "examples.json").write_text(json.dumps(told | {"found": 99}))
    monkeypatch.setitem(PARTS, "examples", (tmp_path / "examples.json", figures.examples))
    assert "README.md" in figures.stale()
    assert "finds 99 at" in figures.filled((ROOT / "README.md").read_text())


def test_a_part_that_was_never_measured_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setitem(PARTS, "speed", (tmp_path / "speed.json", figures.speed))
    said = figures.filled("<!-- figures: speed -->\n<!-- end of figures -->")
    assert "Not measured yet" in said and "make report" in said


@pytest.mark.parametrize("name", OF_THESE_MODELS)
def test_what_the_repository_can_measure_was_measured_with_these_models(name: str) -> None:
    now = {bundled_model(slot, Settings()).name for slot in SLOTS}
    said = json.loads((FIGURES / f"{name}.json").read_text())["models"].values()
    used = {model for entry in said for model in (entry.values() if isinstance(entry, dict) else [entry])}
    assert used <= now, "the models changed: run `make report`"


def test_the_cards_quote_the_registry() -> None:
    registry, models = json.loads(REGISTRY.read_text()), REGISTRY.parent
    embedder = (models / "embedder.md").read_text()
    for part in registry["embeddings"]["figures"].values():
        for name, value in part.items():
            assert f"| {name} | {value} |" in embedder, name
    pieces = (models / "pieces.md").read_text()
    told = registry["pieces"]["figures"]
    for part, name in (("photo", "mAP50"), ("street", "mAP50"), ("street", "mAP50_95"), ("tags", "f1")):
        assert f"| {told[part][name]} |" in pieces, name
    cutout = (models / "cutout.md").read_text()
    for part, row in registry["cutout"]["figures"].items():
        assert f"| {part} | {row['iou']:.3f} |" in cutout, part
