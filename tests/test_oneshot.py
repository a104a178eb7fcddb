"""One-shot retrieval: known vectors have known ranks, figures, bounds and cosines."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.evaluation import ranking
from pipeline.evaluation.bootstrap import mean_interval, written
from pipeline.evaluation.oneshot import Task, by_group, cosines, figures, guessed_categories, worst
from pipeline.evaluation.oneshot_report import document, page
from pipeline.evaluation.ranking import Pairs, pair_cosines, rank
from pipeline.evaluation.report import Interval


def at(*cosines):
    """(N, 2) unit vectors whose cosine with (1, 0) is as given."""
    x = np.array(cosines, np.float32)
    return np.stack([x, np.sqrt(1 - x**2)], axis=1)


QUERY = at(1.0)


def right(*places):
    return [np.array(own) for own in places]


def test_ranks_and_average_precision_are_exact():
    # By cosine: 2, 0, 4, 1, 3.
    found = rank(QUERY, at(0.8, 0.4, 0.9, 0.1, 0.6), right([0, 1]), top=3)
    assert found.rank.tolist() == [2] and found.best.tolist() == [0]
    assert found.precision[0] == pytest.approx((1 / 2 + 2 / 4) / 2)
    assert found.reciprocal.tolist() == [0.5]
    assert [found.within(k)[0] for k in (1, 2)] == [0.0, 1.0]
    assert found.top.tolist() == [[2, 0, 4]]
    assert found.cosines[0] == pytest.approx([0.9, 0.8, 0.6])


def test_a_wrong_reference_as_near_as_the_right_one_stands_before_it():
    same = at(0.7, 0.7, 0.7)
    assert rank(QUERY, same, right([1])).rank.tolist() == [3]
    # Two right ones do not stand in each other's way.
    assert rank(QUERY, same, right([0, 1, 2])).precision.tolist() == [1.0]


def test_a_filter_leaves_only_the_query_s_category():
    categories = np.array(["skirt"]), np.array(["bag", "skirt", "skirt"])
    found = rank(QUERY, at(0.9, 0.5, 0.6), right([1]), categories, top=3)
    assert found.rank.tolist() == [2] and found.top.tolist() == [[2, 1, -1]]
    assert found.cosines[0, 2] == -np.inf


def test_a_right_reference_that_the_filter_drops_is_never_found():
    categories = np.array(["skirt"]), np.array(["bag", "skirt", "skirt"])
    found = rank(QUERY, at(0.9, 0.5, 0.6), right([0]), categories)
    assert found.rank.tolist() == [0] and found.precision.tolist() == [0.0] and found.reciprocal.tolist() == [0.0]
    assert found.within(10).tolist() == [0.0]
    half = rank(QUERY, at(0.9, 0.7, 0.6), right([0, 1]), categories)
    assert half.rank.tolist() == [1] and half.precision.tolist() == [0.5]


def test_many_queries_are_ranked_as_each_alone(monkeypatch):
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(40, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    queries, references = vectors[:10], vectors[10:]
    wanted = right(*([n] for n in range(10)))
    monkeypatch.setattr(ranking, "CHUNK", 3)
    together = rank(queries, references, wanted)
    alone = [rank(queries[n : n + 1], references, wanted[n : n + 1]).rank[0] for n in range(10)]
    assert together.rank.tolist() == alone and len(set(alone)) > 3


@pytest.mark.parametrize(
    ("queries", "wanted"), [(at(1.0)[:, :1], right([0])), (QUERY, right([])), (QUERY, right([0], [0]))]
)
def test_what_does_not_fit_together_is_refused(queries, wanted):
    with pytest.raises(ValueError):
        rank(queries, at(0.5), wanted)


def test_true_and_false_pairs_are_told_apart():
    pairs = pair_cosines(np.concatenate([QUERY, at(0.0)]), at(0.8, 0.2), right([0], [0, 1]))
    assert sorted(pairs.true.tolist()) == pytest.approx(sorted([0.8, 0.6, (1 - 0.2**2) ** 0.5]))
    assert pairs.false.tolist() == pytest.approx([0.2])


def test_false_pairs_are_bounded_by_a_fixed_choice(monkeypatch):
    monkeypatch.setattr(ranking, "MOST_FALSE", 6)
    queries = np.repeat(QUERY, 2, axis=0)
    pairs = [pair_cosines(queries, at(*np.linspace(0, 0.9, 50)), right([0], [0])) for _ in range(2)]
    assert len(pairs[0].true) == 2 and 4 <= len(pairs[0].false) <= 6
    assert pairs[0].false.tolist() == pairs[1].false.tolist()


def test_the_chance_that_a_true_pair_is_nearer_counts_ties_half():
    told = cosines(Pairs(np.array([0.9, 0.5], np.float32), np.array([0.5, 0.1], np.float32)))
    assert told["auc"] == pytest.approx((1 + 1 + 0.5 + 1) / 4)
    assert told["true"]["pairs"] == 2 and sum(told["false"]["histogram"]) == pytest.approx(1)
    assert told["edges"][0] <= 0.1 and told["edges"][-1] == 1


def test_no_false_pairs_is_no_error():
    told = cosines(Pairs(np.array([0.9], np.float32), np.empty(0, np.float32)))
    assert "auc" not in told and "false" not in told


def test_bounds_are_those_of_whole_articles():
    # Ten photos each of two articles, one always found and one never: single photos would promise far too much.
    values, articles = np.repeat([1.0, 0.0], 10), np.repeat([7, 8], 10)
    found = mean_interval(values, articles)
    assert isinstance(found, Interval) and (found.value, found.low, found.high) == (0.5, 0.0, 1.0)
    single = mean_interval(values, np.arange(20))
    assert isinstance(single, Interval) and 0.2 < single.low < single.high < 0.8


def test_articles_count_by_their_photos():
    found = mean_interval(np.array([1.0, 1.0, 1.0, 0.0]), np.array([1, 1, 1, 2]))
    assert isinstance(found, Interval) and found.value == 0.75


def test_bounds_are_the_same_at_every_call_and_absent_for_one_article():
    values, articles = np.random.default_rng(1).uniform(size=30), np.arange(30) % 11
    assert mean_interval(values, articles) == mean_interval(values, articles)
    alone = mean_interval(values, np.zeros(30))
    assert alone == pytest.approx(values.mean()) and written(alone) == {"value": round(float(alone), 4)}


@pytest.fixture
def task():
    """Two articles in three photos."""
    return Task(
        ["a1", "b1", "b2"], ["a", "b", "c"], right([0], [1], [1]), ["bag", "skirt", "skirt"], ["bag", "skirt", "bag"],
        ["plain", "plain", "blur"],
    )  # fmt: skip


@pytest.fixture
def vectors():
    """Queries that find a first; b second; b last."""
    references = at(1.0, 0.8, 0.3)
    return np.stack([references[0], at(0.98)[0], -references[1]]), references


def test_figures_of_a_task(task, vectors):
    found = figures(rank(*vectors, task.right), task.articles)
    values = {name: getattr(figure, "value", figure) for name, figure in found.items()}
    assert values == pytest.approx({
        "top1": 1 / 3, "top5": 1, "top10": 1, "mrr": (1 + 1 / 2 + 1 / 3) / 3, "map": (1 + 1 / 2 + 1 / 3) / 3,
    })  # fmt: skip


def test_groups_are_told_by_name_and_nothing_is_no_group(task, vectors):
    told = by_group(rank(*vectors, task.right), task.articles, ["x", "", "x"])
    assert [(row["name"], row["queries"], row["articles"]) for row in told] == [("x", 2, 2)]
    assert told[0]["figures"]["mrr"]["value"] == pytest.approx((1 + 1 / 3) / 2, abs=1e-4)


def test_the_worst_failures_come_first_one_an_article(task, vectors):
    found = rank(*vectors, task.right, (np.array(["bag", "skirt", "bag"]), np.array(["bag", "skirt", "bag"])))
    (failure,) = worst(found, task)
    assert failure["query"] == "b2" and failure["rank"] is None and failure["reference"] == "b"
    assert [near["reference"] for near in failure["top"]] == ["a", "c"]
    assert worst(rank(*vectors, task.right), task, 0) == []


def test_the_document_and_the_page_tell_everything(task, vectors, tmp_path):
    choices = {"models": {"embeddings": {"bundled": "mini@1"}}, "embeddings": "bundled", "filter": "none"}
    rows = [
        {"cutout": "bundled", "pieces": None, "embeddings": "bundled", "filter": "none",
         "figures": document("", "", task, rank(*vectors, task.right), vectors, choices, [])["figures"]},
        {"cutout": "u2net", "pieces": None, "embeddings": "bundled", "filter": "none", "missing": "not fetched"},
    ]  # fmt: skip
    about = {"plain": "on one colour", "blur": "out of focus"}
    told = document(
        "set", "Three photos.", task, rank(*vectors, task.right), vectors, choices, ["“x” is gone."], rows, about
    )
    assert (told["queries"], told["references"], told["articles"]) == (3, 3, 2)
    assert [(row["name"], row["about"], row["example"]) for row in told["conditions"]] == [
        ("plain", "on one colour", "a1"), ("blur", "out of focus", "b2"),
    ]  # fmt: skip
    assert [row["name"] for row in told["categories"]] == ["bag", "skirt"]
    asked = []

    def show(side, name):
        asked.append((side, name))
        return np.full((4, 4, 3), 90, np.uint8)

    text = page(told, show).write(tmp_path).read_text()
    for word in ("Three photos.", "out of focus", "not fetched", "“x” is gone.", "mini@1", "The right one has rank 3"):
        assert word in text
    assert ("query", "a1") in asked and ("embedded", "b2") in asked and ("reference", "b") in asked
    # Without pictures the failures are a table.
    assert "right reference" in page(told).write(tmp_path).read_text()


class Votes:
    """An embedder whose words say nothing, so that the neighbours decide."""

    def embed_words(self, texts):
        return np.zeros((len(texts), 2), np.float32)


def test_categories_are_guessed_by_the_references_that_have_one():
    references = at(1.0, 0.99, 0.0, 0.05)
    queries, filled = guessed_categories(at(0.98, 0.1), references, ["bag", "", "skirt", "skirt"], Votes())
    assert queries == ["bag", "skirt"] and filled == ["bag", "bag", "skirt", "skirt"]
