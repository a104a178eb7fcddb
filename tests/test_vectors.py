"""Vectors by id: exact search, filters, changes, files."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from pipeline.errors import IndexMissing
from pipeline.vectors import Vectors, lists, store

DIMENSION = 32


def unit(count: int, seed: int = 0, dimension: int = DIMENSION) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def clustered(count: int, seed: int = 0) -> np.ndarray:
    """Vectors around 200 centres, as those of garments are."""
    centres = unit(200)
    rng = np.random.default_rng(seed)
    vectors = centres[rng.integers(0, 200, count)] + 0.1 * rng.normal(size=(count, DIMENSION))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def recall(found: np.ndarray, truth: np.ndarray) -> float:
    return float(np.mean([len(set(a) & set(b)) / len(b) for a, b in zip(found.tolist(), truth.tolist(), strict=True)]))


@pytest.fixture(scope="module")
def listed(tmp_path_factory):
    """20,000 vectors in lists, opened as saved; and the same ones, flat."""
    vectors, ids = clustered(20_000), np.random.default_rng(0).permutation(30_000)[:20_000]
    folder = tmp_path_factory.mktemp("listed")
    names = Vectors.build(vectors, ids, "ivf").save(folder, "vectors")
    return Vectors.open([folder / name for name in names], "ivf"), Vectors.build(vectors, ids, "flat")


@pytest.fixture
def few_exact(monkeypatch):
    """Filters are left to the lists from 1,000 rows on."""
    monkeypatch.setattr(store, "EXACT_UP_TO", 1_000)


def brute(vectors: np.ndarray, ids: np.ndarray, query: np.ndarray, top: int) -> np.ndarray:
    return ids[np.argsort(-(vectors @ query), kind="stable")[:top]]


@pytest.mark.parametrize("order", ["ascending", "shuffled", "far apart"])
@pytest.mark.parametrize("share", [None, 0.02, 0.5, 1.0])
def test_flat_is_exact(order, share):
    vectors, ids = unit(500), np.arange(500) * 3 + 7
    if order == "shuffled":
        ids = np.random.default_rng(1).permutation(ids)
    elif order == "far apart":
        ids = np.random.default_rng(1).permutation(ids) * 10**12
    allowed = None if share is None else np.random.default_rng(2).choice(ids, int(share * 500), replace=False)
    index = Vectors.build(vectors, ids)
    similarities, found = index.search(queries := unit(5, 3), 8, allowed)
    among = np.ones(500, bool) if allowed is None else np.isin(ids, allowed)
    for query, row, cosines in zip(queries, found, similarities, strict=True):
        assert row.tolist() == brute(vectors[among], ids[among], query, 8).tolist()
        assert cosines == pytest.approx(index.reconstruct(row) @ query, abs=1e-6)


def test_fewer_than_asked_for_are_padded():
    index = Vectors.build(unit(10), np.arange(10))
    for allowed, count in ((None, 10), (np.array([3, 99, 3, 5]), 2), (np.array([99]), 0)):
        similarities, found = index.search(unit(2, 1), 12, allowed)
        assert ((found >= 0).sum(1) == count).all() and (similarities[found < 0] == -np.inf).all()
    empty = Vectors.build(unit(0), np.arange(0))
    assert (empty.search(unit(1), 3)[1] == -1).all()


def test_add_and_remove_equal_a_rebuild(tmp_path):
    vectors, ids = unit(300), np.random.default_rng(0).permutation(300)
    index = Vectors.build(vectors[:200], ids[:200])
    index = Vectors.open([tmp_path / name for name in index.save(tmp_path, "vectors")])
    index.add(vectors[200:], ids[200:])
    index.remove(ids[50:150])
    rest = np.r_[0:50, 150:300]
    fresh = Vectors.build(vectors[rest], ids[rest])
    assert index.ids.tolist() == fresh.ids.tolist()
    for mine, theirs in zip(index.search(unit(4, 5), 9), fresh.search(unit(4, 5), 9), strict=True):
        assert np.array_equal(mine, theirs)


@pytest.mark.parametrize("ids", [[3, 3], [0, 20], [-1, 20]])
def test_ids_must_be_new(ids):
    index = Vectors.build(unit(10), np.arange(10))
    with pytest.raises(ValueError, match="ids must be new"):
        index.add(unit(2), np.array(ids))
    assert len(index) == 10


def test_unknown_ids_are_named():
    index = Vectors.build(unit(10), np.arange(10))
    for call in (index.remove, index.reconstruct):
        with pytest.raises(KeyError, match="77"):
            call(np.array([2, 77]))
    assert len(index) == 10


def test_saved_and_opened(tmp_path):
    index = Vectors.build(unit(50), np.arange(50))
    names = index.save(tmp_path, "vectors")
    assert index.save(tmp_path, "vectors") == names
    opened = Vectors.open([tmp_path / name for name in names])
    assert (len(opened), opened.kind, opened.dimension) == (50, "Flat", DIMENSION)
    assert np.array_equal(opened.reconstruct(opened.ids), unit(50))
    opened.remove(np.array([4]))
    assert opened.save(tmp_path, "vectors") != names
    assert len(Vectors.open([tmp_path / name for name in names])) == 50


@pytest.mark.parametrize("keep", [0, 3, 60, 2000, -8])
def test_a_file_cut_short(tmp_path, keep):
    (name,) = Vectors.build(unit(50), np.arange(50)).save(tmp_path, "vectors")
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:keep])
    with pytest.raises(IndexMissing, match="cut short"):
        Vectors.open([tmp_path / name])


def test_lists_find_what_flat_finds(listed):
    lists_, flat = listed
    assert (lists_.kind, flat.kind) == ("IVF512,SQ8", "Flat")
    queries = clustered(100, 9)
    truth = flat.search(queries, 10)
    similarities, found = lists_.search(queries, 10)
    assert recall(found, truth[1]) >= 0.98
    # The ranking is exact: what both found has the very same cosine.
    same = found == truth[1]
    assert similarities[same] == pytest.approx(truth[0][same], abs=1e-6)


@pytest.mark.parametrize("share", [0.0005, 0.01, 0.04, 0.1, 0.3, 0.9])
def test_filtered_lists_find_what_flat_finds(listed, few_exact, share):
    lists_, flat = listed
    queries, allowed = clustered(40, 9), np.random.default_rng(3).choice(flat.ids, int(share * 20_000), replace=False)
    found = lists_.search(queries, 10, allowed)[1]
    assert (found >= 0).all() and np.isin(found, allowed).all()
    assert recall(found, flat.search(queries, 10, allowed)[1]) >= 0.98


@pytest.mark.parametrize("share", [0.01, 0.06, 0.3])
def test_a_filter_at_odds_with_the_query(listed, few_exact, share):
    lists_, flat = listed
    recalls = []
    for query in clustered(12, 9):
        cosines = flat.reconstruct(flat.ids) @ query
        farthest = flat.ids[np.argsort(cosines)[: int(share * 20_000)]]
        found = lists_.search(query[None], 10, farthest)[1]
        recalls.append(recall(found, flat.search(query[None], 10, farthest)[1]))
    # 0.5 where the lists near the query are all that is looked into.
    assert np.mean(recalls) >= 0.9


def test_as_many_as_there_are(listed, few_exact):
    lists_, flat = listed
    for top in (1, 3_000, 20_000, 20_001):
        for allowed in (None, flat.ids[::2]):
            count = min(top, 20_000 if allowed is None else 10_000)
            assert (lists_.search(clustered(1, 9), top, allowed)[1] >= 0).sum() == count


def test_a_remembered_filter_is_forgotten_with_a_change(few_exact):
    index = Vectors.build(clustered(3_000), np.arange(3_000), "ivf")
    allowed = np.arange(0, 3_000, 2)
    allowed.flags.writeable = False
    first = index.search(query := clustered(1, 9), 5, allowed)[1]
    assert np.array_equal(index.search(query, 5, allowed)[1], first)
    index.remove(first[0])
    after = index.search(query, 5, allowed)[1]
    assert (after >= 0).all() and not np.isin(after, first).any()


@pytest.mark.parametrize("kind", ["flat", "ivf"])
@pytest.mark.parametrize("seed", range(3))
def test_any_changes_equal_a_rebuild(kind, seed, tmp_path, few_exact):
    """Adds, removals, saves and openings at random, against a dictionary."""
    rng = np.random.default_rng(seed)
    index, model = Vectors.build(unit(0), np.arange(0), kind), {}
    for step in range(25):
        action = rng.choice(["add", "add", "remove", "reopen"])
        if action == "add":
            ids = np.setdiff1d(rng.integers(0, 9_000, rng.integers(0, 900)), list(model))
            vectors = clustered(len(ids), 100 * seed + step)
            index.add(vectors, ids)
            model |= dict(zip(ids.tolist(), vectors, strict=True))
        elif action == "remove":
            ids = rng.permutation(np.array(list(model), np.int64))[: rng.integers(0, 600)]
            index.remove(ids)
            for number in ids.tolist():
                del model[number]
        else:
            index = Vectors.open([tmp_path / name for name in index.save(tmp_path, "vectors")], kind)
        assert index.ids.tolist() == sorted(model)
        if not model:
            continue
        vectors, ids = np.stack(list(model.values())), np.array(list(model))
        assert np.array_equal(index.reconstruct(ids), vectors)
        query = clustered(20, step)
        for allowed in (None, ids[: len(ids) // 2 + 1]):
            among = np.ones(len(ids), bool) if allowed is None else np.isin(ids, allowed)
            truth = np.stack([brute(vectors[among], ids[among], q, 5) for q in query])
            found = index.search(query, truth.shape[1], allowed)[1]
            assert recall(found, truth) >= (0.85 if kind == "ivf" else 1.0)


def test_lists_come_with_size_and_grow(monkeypatch):
    monkeypatch.setattr(store, "FLAT_UP_TO", 400)
    index = Vectors.build(clustered(400), np.arange(400))
    assert index.kind == "Flat"
    index.add(clustered(1, 1), np.array([400]))
    assert index.kind == "IVF64,SQ8"
    index.add(clustered(9_000, 2), np.arange(401, 9_401))
    assert index.kind == "IVF512,SQ8"
    assert index.search(clustered(1, 2), 1)[1][0, 0] >= 0


def test_lists_of_few_changes_are_not_learnt_anew(listed, monkeypatch, tmp_path):
    index = Vectors.open([tmp_path / name for name in listed[0].save(tmp_path, "vectors")], "ivf")
    monkeypatch.setattr(lists.Lists, "train", None)
    before = {name: (tmp_path / name).read_bytes() for name in index.save(tmp_path, "vectors")}
    index.add(clustered(3, 5), np.array([30_000, 30_001, 30_002]))
    index.remove(index.ids[:1_000])
    assert len(index) == 19_003 and index.kind == "IVF512,SQ8"
    assert index.search(clustered(3, 5), 1)[1][:, 0].tolist() == [30_000, 30_001, 30_002]
    # The files that it was opened from are as they were.
    assert {name: (tmp_path / name).read_bytes() for name in before} == before


def test_threads_read_at_once(listed, few_exact):
    lists_, _ = listed
    allowed = [None, lists_.ids[::7], lists_.ids[::3]]
    for some in allowed[1:]:
        some.flags.writeable = False
    asked = [(clustered(1, n), allowed[n % 3]) for n in range(90)]
    alone = [lists_.search(query, 8, some)[1].tolist() for query, some in asked]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda job: lists_.search(job[0], 8, job[1])[1].tolist(), asked)) == alone


def test_a_full_disk(tmp_path):
    resource = pytest.importorskip("resource")
    index = Vectors.build(unit(2_000), np.arange(2_000))
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            index.save(tmp_path, "vectors")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert not list(tmp_path.iterdir())


def test_files_that_do_not_belong_together(tmp_path):
    one = Vectors.build(clustered(300), np.arange(300), "ivf").save(tmp_path, "one")
    two = Vectors.build(clustered(301), np.arange(301), "ivf").save(tmp_path, "two")
    for names in ((one[0], two[1]), (one[1],)):
        with pytest.raises(IndexMissing, match="no vectors that"):
            Vectors.open([tmp_path / name for name in names])
    (tmp_path / one[1]).write_bytes((tmp_path / one[1]).read_bytes()[:-8])
    with pytest.raises(IndexMissing, match="cut short"):
        Vectors.open([tmp_path / name for name in one])


def test_kinds_are_known_ones():
    with pytest.raises(ValueError, match="auto, flat, ivf"):
        Vectors.build(unit(3), np.arange(3), "hnsw")
