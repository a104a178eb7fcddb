"""The published index: right answers, and nothing lost whatever happens to its files."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest

from pipeline.errors import IndexMismatch, IndexMissing
from pipeline.index import MANIFEST, Index, publish
from pipeline.types import Item

RNG = np.random.default_rng(0)


def unit(count: int, dimension: int = 16) -> np.ndarray:
    rows = RNG.normal(size=(count, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def items(count: int) -> list[Item]:
    names = ["t-shirt", "jeans", "polo", "bag", "dress"]
    return [
        Item(f"i{n}", f"{n}.png", names[n % 5], "red", f"No. {n}", float(n), "", {"n": str(n)}) for n in range(count)
    ]


@pytest.fixture
def published(tmp_path):
    vectors = unit(200)
    publish(tmp_path / "index", items(200), vectors, "model-a", tmp_path / "pictures")
    return tmp_path / "index", vectors


def test_what_was_published_comes_back(published, tmp_path):
    folder, vectors = published
    index = Index.open(folder, "model-a")
    assert index.items == tuple(items(200))
    assert np.allclose(index.vectors([3, 150]), vectors[[3, 150]])
    assert index.picture(index.item("i7")) == tmp_path / "pictures" / "7.png"


def test_search_agrees_with_plain_numpy(published):
    folder, vectors = published
    queries = unit(5)
    found = Index.open(folder).search(queries, 8)
    for query, matches in zip(queries, found, strict=True):
        expected = np.argsort(vectors @ query)[::-1][:8]
        assert [m.item.id for m in matches] == [f"i{n}" for n in expected]
        assert np.allclose([m.similarity for m in matches], np.sort(vectors @ query)[::-1][:8], atol=1e-5)


def test_the_kind_filters_inside_the_search(published):
    folder, vectors = published
    # The query is a pair of jeans' own vector: filtering after the search would leave few tops, or none.
    tops = Index.open(folder).search(vectors[1:2], 40, kinds=["top"])[0]
    assert len(tops) == 40 and {m.item.category for m in tops} == {"t-shirt", "polo"}
    assert len(Index.open(folder).search(vectors[1:2], 500, kinds=["bag"])[0]) == 40
    assert Index.open(folder).search(vectors[1:2], 8, kinds=["glasses"]) == [()]


def test_categories_and_kinds_together(published):
    folder, vectors = published
    found = Index.open(folder).search(vectors[:1], 8, kinds=["top"], categories=["polo", "bag"])[0]
    assert len(found) == 8 and {m.item.category for m in found} == {"polo"}


def test_the_floor_hides_what_is_far(published):
    folder, vectors = published
    found = Index.open(folder).search(vectors[:1], 8, floor=0.999)[0]
    assert [m.item.id for m in found] == ["i0"]


def test_no_queries_no_answers(published):
    assert Index.open(published[0]).search(np.empty((0, 16), np.float32), 8) == []


def test_another_embedder_is_a_mismatch(published):
    with pytest.raises(IndexMismatch, match="made with model-a and model-b is in use"):
        Index.open(published[0], "model-b")


def test_no_index_and_damaged_ones(published, tmp_path):
    with pytest.raises(IndexMissing, match="There is no index in “nowhere”"):
        Index.open(tmp_path / "nowhere")
    folder, _ = published
    vectors = next(folder.glob("vectors-*"))
    vectors.write_bytes(vectors.read_bytes()[:-40])
    with pytest.raises(IndexMissing, match="damaged"):
        Index.open(folder)
    (folder / MANIFEST).write_text("{")
    with pytest.raises(IndexMissing, match="damaged"):
        Index.open(folder)


def test_publishing_again_replaces_and_cleans_up(published, tmp_path):
    folder, _ = published
    publish(folder, items(3), unit(3), "model-a", tmp_path / "pictures")
    assert len(Index.open(folder)) == 3
    assert len(list(folder.iterdir())) == 3


@pytest.mark.parametrize("moment", ["write_index", "replace_manifest"])
def test_interrupted_publishing_leaves_the_last_index(published, tmp_path, monkeypatch, moment):
    folder, _ = published

    def fail(*args, **kwargs):
        raise OSError(28, "No space left on device")

    if moment == "write_index":
        monkeypatch.setattr("pipeline.index.faiss.write_index", fail)
    else:
        real = os.replace
        monkeypatch.setattr(os, "replace", lambda a, b: fail() if str(b).endswith(MANIFEST) else real(a, b))
    with pytest.raises(OSError, match="No space"):
        publish(folder, items(3), unit(3), "model-a", tmp_path / "pictures")
    monkeypatch.undo()
    assert len(Index.open(folder)) == 200


def test_an_open_index_survives_a_new_publication(published, tmp_path):
    folder, vectors = published
    index = Index.open(folder)
    publish(folder, items(3), unit(3), "model-a", tmp_path / "pictures")
    assert index.search(vectors[:1], 1)[0][0].item.id == "i0"


def test_a_read_only_folder_opens(published):
    folder, _ = published
    paths = [folder, *folder.iterdir()]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        assert len(Index.open(folder)) == 200
    finally:
        folder.chmod(0o755)


def test_the_manifest_names_the_embedder(published):
    manifest = json.loads((published[0] / MANIFEST).read_text())
    assert manifest["embedder"] == "model-a" and manifest["count"] == 200 and manifest["dimension"] == 16


def test_an_index_behind_a_link_finds_its_pictures(published, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "link").symlink_to(published[0])
    index = Index.open(tmp_path / "elsewhere" / "link")
    assert index.picture(index.item("i7")) == tmp_path / "pictures" / "7.png"


def test_the_advice_names_the_index_that_is_damaged(tmp_path):
    with pytest.raises(IndexMissing, match="FOLDER_OR_CSV --replace --index mine"):
        Index.open(tmp_path / "mine")
