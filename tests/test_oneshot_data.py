"""What one-shot evaluation reads: names, ground truths, embeddings, folders; each bad one is one clear sentence."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.errors import IndexMismatch, UsageError
from pipeline.evaluation import oneshot_runs
from pipeline.evaluation.names import Names
from pipeline.evaluation.retrieving import Embedded, check_models, read_embedded, retrieve
from pipeline.evaluation.tables import read_categories, read_truth
from pipeline.evaluation.tasks import read_asked
from pipeline.settings import Settings
from tests.test_catalogue import picture


def one_sentence(error):
    text = str(error.value)
    assert text.endswith(".") and "\n" not in text and len(text) < 220
    return text


@pytest.fixture
def write(tmp_path):
    def call(name, text, encoding="utf-8"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode(encoding))
        return path

    return call


def test_a_picture_is_found_by_any_part_of_its_path_that_is_its_own():
    names = Names(["a/1", "b/1", "b/2", "x.y", "a", "c/a"], "the set")
    asked = ["a/1", "a/1.JPG", "./b/2.webp", "b\\2.png", "2", "far/away/b/2.jpg", "x.y", "3", "c/1.jpg", "a.jpg", "c/a"]
    assert [names.find(name) for name in asked] == [0, 0, 2, 2, 2, 2, 3, None, None, 4, 5]
    with pytest.raises(UsageError) as error:
        names.find("1.jpg")
    assert "“1.jpg” can be 2 pictures of the set" in one_sentence(error)


def test_a_path_that_is_longer_than_an_id_finds_it():
    assert Names(["1", "2"], "it").find("photos/2.jpg") == 1


def test_the_same_id_twice_is_refused():
    with pytest.raises(UsageError) as error:
        Names(["a", "b", "a"], "“q.npz”")
    assert "“q.npz” has “a” more than once" in one_sentence(error)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_ground_truth(write, delimiter):
    lines = ["\ufeffReference,query ,Category,by", "r1.jpg,q1.jpg,Skirt,me", "", ",,,"]
    lines += ["r2.jpg,q1.jpg,,me", "r1.jpg,q1.jpg,,", "r2.jpg,q2.jpg"]
    truth = read_truth(write("t.csv", "\n".join(lines).replace(",", delimiter)))
    assert truth.right == {"q1.jpg": ("r1.jpg", "r2.jpg"), "q2.jpg": ("r2.jpg",)}
    assert truth.category == {"q1.jpg": "skirt"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("query,ref\na,b\n", "“t.csv” has no column “reference”"),
        ("", "has no column “query”"),
        ("query,reference\n", "has no line below its columns"),
        ("query,reference\na,b\n,c\n", "“t.csv” line 3 names no query"),
        ("query,reference\na,\n", "line 2 names no reference"),
        ("query,reference,category\na,b,bag\na,c,skirt\n", "“a” is “skirt” here and “bag” before"),
    ],
)
def test_a_ground_truth_that_makes_no_sense(write, text, says):
    with pytest.raises(UsageError) as error:
        read_truth(write("t.csv", text))
    assert says in one_sentence(error)


def test_a_ground_truth_that_is_none(write, tmp_path):
    with pytest.raises(UsageError) as error:
        read_truth(tmp_path / "none.csv")
    assert "There is no file" in one_sentence(error)
    with pytest.raises(UsageError) as error:
        read_truth(write("t.csv", "query,reference\nä,b\n", "latin-1"))
    assert "not in UTF-8" in one_sentence(error)


def test_categories_by_any_name(write):
    table = write("pictures.csv", "id,image,category,predicted,source\nskirt/a,skirt/a.webp,Skirt,,\nb,b.webp,bag,,\n")
    assert read_categories(table).of(["a", "b", "c"]) == ["skirt", "bag", ""]
    with pytest.raises(UsageError) as error:
        read_categories(write("p.csv", "id,image\na,a.webp\n"))
    assert "no column “category”" in one_sentence(error)


@pytest.fixture
def save(tmp_path):
    def call(name, ids, vectors, model="mini@1"):
        path = tmp_path / name
        np.savez(path, ids=np.array(ids, str), embeddings=np.array(vectors, np.float32), model=np.array(model))
        return path

    return call


def test_embeddings_come_at_unit_length(save):
    read = read_embedded(save("q.npz", ["a"], [[3, 4]]))
    assert np.allclose(read.vectors, [[0.6, 0.8]])
    assert (read.ids, read.model, read.name) == (("a",), "mini@1", "q.npz")


@pytest.mark.parametrize(
    ("ids", "vectors", "says"),
    [
        ([], np.empty((0, 2)), "holds no pictures"),
        (["a"], [[1, 0], [0, 1]], "holds no embeddings"),
        (["a"], [1.0], "holds no embeddings"),
        (["a"], [[0, 0]], "empty or not a number"),
        (["a"], [[np.nan, 1]], "empty or not a number"),
    ],
)
def test_embeddings_that_make_no_sense(save, ids, vectors, says):
    with pytest.raises(UsageError) as error:
        read_embedded(save("q.npz", ids, vectors))
    assert says in one_sentence(error)


def test_embeddings_that_are_none(write, tmp_path):
    for path in (write("q.npz", "no numbers"), write("empty.npz", "")):
        with pytest.raises(UsageError) as error:
            read_embedded(path)
        assert "holds no embeddings" in one_sentence(error)
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    with pytest.raises(UsageError):
        read_embedded(tmp_path / "other.npz")
    with pytest.raises(UsageError) as error:
        read_embedded(tmp_path / "none.npz")
    assert "There is no file" in one_sentence(error)


def test_two_models_are_not_compared():
    one = Embedded("q.npz", ("a",), np.ones((1, 2), np.float32), "mini@1")
    other = Embedded("r.npz", ("a",), np.ones((1, 2), np.float32), "mini@2")
    with pytest.raises(IndexMismatch) as error:
        check_models(one, other)
    assert "mini@1" in one_sentence(error) and error.value.exit_code == 4
    check_models(one, one)


def test_retrieve_finds_the_nearest_first_and_only_of_the_category():
    references = np.eye(3, dtype=np.float32)
    queries = np.array([[0.9, 0.4, 0.1], [0.1, 0.2, 0.9]], np.float32)
    found, near = retrieve(queries, references, 5)
    assert found.tolist() == [[0, 1, 2, -1, -1], [2, 1, 0, -1, -1]]
    assert near[0, :3] == pytest.approx([0.9, 0.4, 0.1])
    told = []
    found, _ = retrieve(queries, references, 2, (["bag", "hat"], ["skirt", "bag", "bag"]), lambda *n: told.append(n))
    assert found.tolist() == [[1, 2], [-1, -1]] and told[-1] == (2, 2)


def test_embeddings_are_evaluated(save, write):
    query, reference = save("q.npz", ["q1", "q2"], [[1, 0], [0, 1]]), save("r.npz", ["a", "b"], [[1, 0], [0.6, 0.8]])
    truth = write("t.csv", "query,reference,category\nphotos/q1.jpg,a.webp,bag\nq2,b,skirt\nq2,gone\nq3,a\n")
    run = oneshot_runs.run_embeddings(truth, query, reference)
    assert run.told["figures"]["top1"]["value"] == 1 and run.told["queries"] == 2
    assert run.left_out == ["“gone” is not among the references.", "“q3” is not among the queries."]
    tables = write("qc.csv", "id,category\nq1,bag\nq2,bag\n"), write("rc.csv", "id,category\na,bag\nb,skirt\n")
    filtered = oneshot_runs.run_embeddings(truth, query, reference, tables, same_category=True)
    assert filtered.told["figures"]["top10"]["value"] == 0.5 and filtered.told["filter"] == "category by the tables"


def test_a_ground_truth_of_other_pictures_is_refused(save, write):
    query, reference = save("q.npz", ["q1"], [[1, 0]]), save("r.npz", ["a"], [[1, 0]])
    with pytest.raises(UsageError) as error:
        oneshot_runs.run_embeddings(write("t.csv", "query,reference\nx,y\n"), query, reference)
    assert "No query of “t.csv” is there with a right reference" in one_sentence(error)
    with pytest.raises(UsageError) as error:
        oneshot_runs.run_embeddings(write("t.csv", "query,reference\nq1,a\n"), query, reference, same_category=True)
    assert "add --categories" in one_sentence(error)


def test_a_folder_with_two_sides(write, tmp_path):
    write("set/truth.csv", "query,reference\nq.png,a.png\n7.png,bag/7.png\n")
    write("set/notes.csv", "who,what\nme,this\n")
    for name in ("query/q", "query/7", "reference/skirt/a", "reference/bag/7", "reference/bag/c"):
        picture(tmp_path / "set" / f"{name}.png", "red")
    asked = read_asked(tmp_path / "set", Settings())
    assert asked.task.queries == ["query/q", "query/7"]
    assert asked.task.references == ["reference/bag/7", "reference/bag/c", "reference/skirt/a"]
    assert asked.task.reference_categories == ["bag", "bag", "skirt"] and asked.task.categories == ["skirt", "bag"]
    assert [own.tolist() for own in asked.task.right] == [[2], [0]] and asked.left_out == []
    assert len(asked.references) == 3 and asked.queries[0]().photo.size == (60, 60)


def test_a_folder_without_sides_searches_what_the_ground_truth_names(write, tmp_path):
    truth = write("set/truth.csv", "query,reference,category\nq.png,a.png,bag\ngone.png,a\n")
    for name in ("q", "a", "other"):
        picture(tmp_path / "set" / f"{name}.png", "red")
    for data in (tmp_path / "set", truth):
        asked = read_asked(data, Settings())
        assert asked.task.references == ["a"] and asked.task.reference_categories == ["bag"]
        assert asked.left_out == ["“gone.png” is not among the queries."]


def test_a_folder_without_one_ground_truth(write, tmp_path):
    picture(tmp_path / "set" / "a.png", "red")
    with pytest.raises(UsageError) as error:
        read_asked(tmp_path / "set", Settings())
    assert "holds no CSV with the columns query and reference" in one_sentence(error)
    for name in ("one", "two"):
        write(f"set/{name}.csv", "query,reference\na,a\n")
    with pytest.raises(UsageError) as error:
        read_asked(tmp_path / "set", Settings())
    assert "several ground truths (“one.csv”, “two.csv”)" in one_sentence(error)
    with pytest.raises(UsageError) as error:
        read_asked(tmp_path / "set" / "a.png", Settings())
    assert "neither a folder nor a CSV" in one_sentence(error)
