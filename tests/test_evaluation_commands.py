"""`evaluate` as scripts and people meet it: JSON alone on stdout, reports, exit codes, one-line errors."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from pipeline.cli import main
from pipeline.evaluation import plots, stages
from pipeline.evaluation.report import Column, Interval, Picture, Report, report_folder
from pipeline.evaluation.stages import Embedders
from pipeline.kinds import KINDS
from pipeline.settings import ROOT
from pipeline.training.segmenter_score import Finding
from pipeline.types import Cutout, Photo
from tests import training_sets as sets
from tests.fakes import FakeEmbedder, FakeRemover

MODELS = {"cutout": "fake-cutout", "pieces": "fake-pieces", "embeddings": "fake-embeddings"}


class FakeFinders:
    """Finds a top in the upper half and nothing else."""

    def cut(self, photo: Photo) -> Cutout:
        return FakeRemover()(photo)

    def chain(self, cutout: Cutout) -> list[Finding]:
        return self.alone(cutout.photo.pixels)

    def alone(self, rgb: np.ndarray) -> list[Finding]:
        mask = np.zeros(rgb.shape[:2], bool)
        mask[24:64, 28:68] = True
        return [(KINDS.index("top"), 0.8, mask)]


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The commands load fake stages, and keep what they decode here."""
    monkeypatch.setenv("FASHION_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(stages, "load_finders", lambda settings, tell: (FakeFinders(), MODELS))
    pair = {name: MODELS[name] for name in ("cutout", "embeddings")}
    monkeypatch.setattr(stages, "load_embedders", lambda *_: (Embedders(FakeRemover(), FakeEmbedder()), pair))


def outside(page: str) -> list[str]:
    """Addresses in a page that are not in the page itself."""
    found = re.findall(r"""(?:src|href|action|data)=["']([^"']+)|url\(["']?([^)"']+)""", page)
    return [a or b for a, b in found if not (a or b).startswith(("data:image/", "#"))]


def test_segmentation(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data, report = sets.fashionpedia(tmp_path / "set"), tmp_path / "reports" / "one"
    assert main(["evaluate", "segmentation", str(data), "--json", "--report", str(report)]) == 0
    out, err = capfd.readouterr()
    told = json.loads(out)
    assert told["task"] == "segmentation" and told["photos"] == 2 and told["models"] == MODELS
    assert (
        told["as_run"]["by_kind"]["top"]["mask_ap50"] == 0.995 and told["as_run"]["by_kind"]["shoes"]["mask_ap50"] == 0
    )
    assert told["as_run"]["recall"] == round(1 / 3, 4) and told["as_run"]["precision"] == 1
    assert json.loads((report / "figures.json").read_text()) == told and "index.html" in err
    page = (report / "index.html").read_text()
    assert outside(page) == [] and page.count("<svg") == 4 and page.count("<img") == 2
    assert "trousers" in page and "1 of 3 found rightly" in page
    assert main(["evaluate", "segmentation", str(data), "--split", "all", "--limit", "3"]) == 0
    assert "3 photos, 9 pieces" in capfd.readouterr().out


def test_classification_and_retrieval(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data = sets.folders(tmp_path / "set")
    for verb, figure in (("classification", "neighbours"), ("retrieval", "same_label")):
        report = tmp_path / verb
        assert main(["evaluate", verb, str(data), "--split", "all", "--json", "--report", str(report)]) == 0
        told = json.loads(capfd.readouterr().out)
        assert told["garments"] == 18 and told["formats"] == ["folders"] and told["gallery"] == "each other"
        assert figure in told and json.loads((report / "figures.json").read_text()) == told
        page = (report / "index.html").read_text()
        assert outside(page) == [] and "T-Shirt" in page and "<svg" in page and "<img" in page
        assert main(["evaluate", verb, str(data), "--gallery", "rest"]) == 0
        assert "12 garments that are not held out" in capfd.readouterr().out


@pytest.mark.parametrize("verb", ["classification", "retrieval"])
def test_garments_come_out_of_photos_with_masks(verb: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data = sets.modanet(tmp_path / "set")
    assert main(["evaluate", verb, str(data), "--split", "all", "--limit", "20", "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert told["garments"] == 20 and told["formats"] == ["modanet"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["segmentation", "nowhere"], 3, "no folder “nowhere”"),
        (["segmentation", "empty"], 3, "holds no data set"),
        (["segmentation", "set"], 3, "labels but no masks"),
        (["segmentation", "set", "--format", "modanet"], 3, "modanet2018_instances_train.json"),
        (["segmentation", "set", "--format", "coco"], 2, "--format"),
        (["retrieval", "set", "--limit", "0"], 2, "--limit"),
        (["retrieval", "set", "--split", "some"], 2, "--split"),
        (["retrieval", "set", "--split", "all", "--gallery", "rest"], 2, "--split held-out"),
        (["retrieval", "set", "--split", "all", "--limit", "1"], 2, "--gallery rest"),
        (["classification", "set", "--split", "all", "--limit", "1"], 2, "--gallery rest"),
        (["classification", "unsplit"], 3, "--split all"),
        (["classification", "set", "--report", "file"], 2, "is a file"),
        (["classification", "set", "--report", "site"], 2, "no report of ours"),
        ([], 2, "ommand"),
    ],
)
def test_a_wrong_request_ends_with_one_line(
    words: list[str], code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    sets.folders(tmp_path / "set")
    (tmp_path / "empty").mkdir()
    # A single picture that the hash does not hold out.
    sets.photo(tmp_path / "unsplit" / "dress" / "1.png", [sets.TOP], 1)
    (tmp_path / "file").touch()
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").touch()
    assert main(["evaluate", *words]) == code
    out, err = capfd.readouterr()
    errors = [line for line in err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1 and said in errors[0] and not out.strip()
    assert "Traceback" not in err


def test_cells_are_written_by_their_column() -> None:
    assert Column("n", "count").written(12345) == "12,345"
    assert Column("n", "figure").written(0.4632) == "0.463" and Column("n", "percent").written(0.4632) == "46.3%"
    assert Column("n", "figure").written(Interval(0.5, 0.41, 0.59)) == "0.500 (0.410 to 0.590)"
    assert Column("n").written("dress") == Column("n", "figure").written("dress") == "dress"
    assert Column("n", "figure").written(None) == "–"


def test_a_page_escapes_what_it_is_given_and_its_plots_share_no_id(tmp_path: Path) -> None:
    report = Report("<b>A & B</b>", "lead", {"Data": "<script>"}, {"figure": 1})
    section = report.section("S", "<i>")
    section.table([Column("<a>")], [["<td>"]])
    section.pictures([Picture(np.zeros((30, 900, 3), np.uint8), '"><script>alert(1)</script>')])
    section.pictures([])
    for _ in range(2):
        section.plot(plots.bars({"dress": 0.5, "<skirt>": 1.0}, "share"), 'a "plot" of <skirts>')
    page = report.write(tmp_path / "new" / "folder").read_text()
    assert "<script" not in page and "<b>" not in page and "<skirt" not in page and page.count("<ul class") == 1
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert ids and len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(ids)
    assert "var(--ink)" in page and "#010203" not in page
    assert json.loads((tmp_path / "new" / "folder" / "figures.json").read_text()) == {"figure": 1}
    assert report_folder(tmp_path / "new" / "folder").is_dir()


def test_a_row_of_another_length_is_refused() -> None:
    section = Report("A", "", {}, {}).section("S")
    with pytest.raises(ValueError):
        section.table([Column("a"), Column("b")], [["one"]])


@pytest.mark.slow
def test_the_bundled_models_through_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("FASHION_MODELS", "bundled")
    catalogue = tmp_path / "shop"
    for category, article in (("hat", "beanie"), ("belt", "belt")):
        (catalogue / category).mkdir(parents=True)
        for n in (1, 2, 3):
            name = f"{article}-{n:02}.webp"
            (catalogue / category / name).write_bytes((ROOT / "assets" / "catalogue" / name).read_bytes())
    assert main(["evaluate", "retrieval", str(catalogue), "--split", "all", "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    # Beanies and belts are nothing alike.
    assert told["same_label"]["p1"]["value"] == told["same_label"]["map"]["value"] == 1
    assert told["models"]["cutout"].startswith("matte") and "@" in told["models"]["embeddings"]
    photos = sets.fashionpedia(tmp_path / "photos")
    words = ["evaluate", "segmentation", str(photos), "--cache", str(tmp_path / "cache"), "--json"]
    assert main(words) == 0
    told = json.loads(capfd.readouterr().out)
    assert told["pieces"] == 6 and 0 <= told["as_run"]["mask"]["map50"] <= 0.995
