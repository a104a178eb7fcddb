"""The published index: right answers, and nothing lost whatever happens to its files."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3

import numpy as np
import pytest

from pipeline.errors import IndexMismatch, IndexMissing, IndexUnwritable, UsageError
from pipeline.index import MANIFEST, Index, editing, publish
from pipeline.types import Filters, Item

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
    found = Index.open(folder).search(vectors[:1], 8, kinds=["top"], filters=Filters(categories=("Polo", "bag")))[0]
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
    assert len([path for path in folder.iterdir() if path.name != ".lock"]) == 3


@pytest.mark.parametrize("moment", ["write_index", "replace_manifest"])
def test_interrupted_publishing_leaves_the_last_index(published, tmp_path, monkeypatch, moment):
    folder, _ = published

    def fail(*args, **kwargs):
        raise OSError(28, "No space left on device")

    if moment == "write_index":
        monkeypatch.setattr("pipeline.vectors.store.faiss.write_index", fail)
    else:
        real = os.replace
        monkeypatch.setattr(os, "replace", lambda a, b: fail() if str(b).endswith(MANIFEST) else real(a, b))
    with pytest.raises(IndexUnwritable, match="No space"):
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


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(categories=("BAG",)), lambda n: n % 5 == 3),
        (Filters(colours=("Red",), max_price=20), lambda n: n <= 20),
        (Filters(min_price=190), lambda n: n >= 190),
        (Filters(attributes=(("N", "7"), ("n", "8"))), lambda n: n in (7, 8)),
        (Filters(categories=("bag", "polo"), min_price=10, max_price=30), lambda n: n % 5 in (2, 3) and 10 <= n <= 30),
        (Filters(categories=("bag",), attributes=(("n", "7"),)), lambda n: False),
    ],
)
def test_filters_act_inside_the_search(published, filters, expected):
    folder, vectors = published
    index = Index.open(folder)
    wanted = [n for n in range(200) if expected(n)]
    assert [item.id for item in index.select(filters)] == [f"i{n}" for n in wanted]
    found = index.search(vectors[:1], 500, filters=filters)[0]
    best = sorted(wanted, key=lambda n: -float(vectors[n] @ vectors[0]))
    assert [match.item.id for match in found] == [f"i{n}" for n in best]


@pytest.mark.parametrize(
    ("filters", "says"),
    [
        (Filters(categories=("kilt",)), "no category “kilt”; it has: bag, dress, jeans, polo, t-shirt"),
        (Filters(colours=("mauve",)), "no colour “mauve”; it has: red"),
        (Filters(attributes=(("fabric", "silk"),)), "no attribute “fabric”; it has: n"),
        (Filters(attributes=(("n", "x"),)), "no n “x”; it has: 0, 1"),
        (Filters(min_price=5, max_price=1), "exchange the two"),
    ],
)
def test_filters_that_name_what_there_is_not(published, filters, says):
    with pytest.raises(UsageError, match=says):
        Index.open(published[0]).search(unit(1), 3, filters=filters)


def test_what_there_is_to_filter_by(published):
    facets = Index.open(published[0]).facets
    assert facets.categories == {"bag": 40, "dress": 40, "jeans": 40, "polo": 40, "t-shirt": 40}
    assert facets.colours == {"red": 200} and facets.prices == (0.0, 199.0) and facets.attributes["n"]["7"] == 1


def test_a_new_publication_is_noticed(published, tmp_path):
    folder, _ = published
    index = Index.open(folder, "model-a")
    assert not index.is_stale() and index.current() is index
    publish(folder, items(3), unit(3), "model-a", tmp_path / "pictures")
    assert index.is_stale() and len(index.current()) == 3
    publish(folder, items(4), unit(4), "model-b", tmp_path / "pictures")
    assert index.current() is index, "one that cannot be searched with this embedder does not replace it"


def first_release(folder, count):
    """An index as the first release wrote it."""
    import faiss

    folder.mkdir()
    vectors = unit(count)
    flat = faiss.IndexIDMap2(faiss.IndexFlatIP(16))
    flat.add_with_ids(vectors, np.arange(count, dtype=np.int64))
    faiss.write_index(flat, str(folder / "vectors-0.faiss"))
    with sqlite3.connect(folder / "items-0.sqlite") as database:
        database.execute(
            "CREATE TABLE items (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, image TEXT NOT NULL, "
            "category TEXT NOT NULL, colour TEXT NOT NULL, title TEXT NOT NULL, price REAL, url TEXT NOT NULL, "
            "attributes TEXT NOT NULL)"
        )
        for row, i in enumerate(items(count)):
            values = (row, i.id, i.image, i.category, i.colour, i.title, i.price, i.url, json.dumps(dict(i.attributes)))
            database.execute("INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    names = ("vectors-0.faiss", "items-0.sqlite")
    manifest = {
        "embedder": "model-a", "dimension": 16, "count": count, "index_type": "Flat", "pictures": "../pictures",
        "vectors": names[0], "items": names[1], "created": "2026-11-20T19:09:07+00:00", "schema": 1,
        "checksums": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names},
    }  # fmt: skip
    (folder / MANIFEST).write_text(json.dumps(manifest))
    return vectors


def test_an_index_of_the_first_release_opens_and_grows(tmp_path):
    vectors = first_release(tmp_path / "index", 10)
    index = Index.open(tmp_path / "index", "model-a")
    assert index.items == tuple(items(10)) and np.allclose(index.vectors(range(10)), vectors)
    assert [m.item.id for m in index.search(vectors[3:4], 2, kinds=["bag"])[0]][0] == "i3"
    assert [item.id for item in index.select(Filters(attributes=(("n", "4"),)))] == ["i4"]
    with editing(tmp_path / "index", "model-a", 16, tmp_path) as draft:
        draft.put([Item("new", "new.png", "hat")], unit(1))
        draft.remove(["i0"])
        manifest = draft.publish()
    grown = Index.open(tmp_path / "index", "model-a")
    assert manifest.schema == 2 and manifest.pictures == "../pictures"
    assert [item.id for item in grown.items] == [*(f"i{n}" for n in range(1, 10)), "new"]
    assert len(list((tmp_path / "index").glob("[!.]*"))) == 3


@pytest.mark.parametrize(
    "text",
    ["", "[]", '"a"', "{}", '{"schema": "x"}', '{"vectors": 5, "items": "../../x", "checksums": {}}'],
)
def test_a_foreign_manifest_is_damaged(published, text):
    (published[0] / MANIFEST).write_text(text)
    with pytest.raises(IndexMissing, match="is damaged; make it again with"):
        Index.open(published[0])


def test_an_index_of_a_newer_version_says_so(published):
    facts = json.loads((published[0] / MANIFEST).read_text())
    (published[0] / MANIFEST).write_text(json.dumps({**facts, "schema": 99, "new": True}))
    with pytest.raises(IndexMissing, match="newer version of this program"):
        Index.open(published[0])


@pytest.mark.parametrize("part", ["vectors-*", "items-*"])
@pytest.mark.parametrize("content", [b"", b"nonsense" * 500, None])
def test_truncated_and_foreign_files_are_damaged(published, part, content):
    (path,) = published[0].glob(part)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2] if content is None else content)
    with pytest.raises(IndexMissing, match="damaged"):
        Index.open(published[0])
    with pytest.raises(IndexMissing, match="damaged"), editing(published[0], "model-a", 16, published[0]):
        pass
    publish(published[0], items(2), unit(2), "model-a", published[0])
    assert len(Index.open(published[0])) == 2


def test_attributes_follow_their_item(published):
    with editing(published[0], "model-a", 16, published[0]) as draft:
        draft.update([Item("i7", "7.png", "bag", attributes={"fabric": "silk"})])
        draft.remove(["i8"])
        draft.publish()
    attributes = Index.open(published[0]).facets.attributes
    assert attributes["fabric"] == {"silk": 1} and not {"7", "8"} & set(attributes["n"]) and "9" in attributes["n"]
