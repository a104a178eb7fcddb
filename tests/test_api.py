"""The API as programs meet it: over HTTP and through gradio's client, on a page served with fake models."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

import app
from pipeline.document import match_document
from pipeline.matcher import Matcher
from pipeline.settings import ROOT
from pipeline.ui import uploads
from tests.fakes import make_fake_matcher, photo_of_pieces
from tests.test_app import free_port

CONTRACT = ("id", "category", "title", "similarity", "likeness")


@pytest.fixture(scope="module")
def matcher(tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    return make_fake_matcher(tmp_path_factory.mktemp("api"))


@pytest.fixture(scope="module")
def address(matcher: Matcher) -> Iterator[str]:
    """A served page, without the slash at the end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FASHION_API_RATE", "off")
        patch.setenv("FASHION_API_MEGABYTES", "1")
        page = app.build_app(lambda progress: matcher)
        page.launch(server_name="127.0.0.1", server_port=free_port(), prevent_thread_lock=True)
        page.loader.wait(30)
        yield str(page.local_url).rstrip("/")
        page.close()


@pytest.fixture
def http(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def gradio(address: str) -> Client:
    return Client(address, verbose=False)


@pytest.fixture
def picture(photo: Any, encode: Callable[..., bytes]) -> bytes:
    return encode(photo)


def contract_of(document: dict[str, Any]) -> dict[str, Any]:
    """What the command line promises too, but for the times and for where the pictures lie."""
    pieces = [
        {**piece, "matches": [{key: match[key] for key in CONTRACT} for match in piece["matches"]]}
        for piece in document["pieces"]
    ]
    return {**document, "pieces": pieces, "timings_ms": sorted(document["timings_ms"])}


def test_one_post_with_a_photo_is_answered_with_the_command_lines_document(
    http: httpx.Client, matcher: Matcher, picture: bytes
) -> None:
    form = http.post("/api/match", files={"photo": ("outfit.png", picture)})
    body = http.post("/api/match", content=picture, headers={"Content-Type": "image/png"})
    assert form.status_code == body.status_code == 200
    expected = contract_of(json.loads(json.dumps(match_document("outfit.png", matcher.match(picture), matcher))))
    assert contract_of(form.json()) == expected
    assert contract_of(body.json()) == {**expected, "photo": "photo"}
    assert [piece["label"] for piece in expected["pieces"]] == ["top", "skirt", "bag"]
    match = form.json()["pieces"][0]["matches"][0]
    assert match["colour"] == "red" and match["price"] == 10.0
    for key in ("image", "thumbnail"):
        shown = http.get(match[key])
        assert shown.status_code == 200 and shown.headers["content-type"] == "image/webp"


def test_options_are_heeded(http: httpx.Client, picture: bytes) -> None:
    def matches(options: str) -> list[list[dict[str, Any]]]:
        answer = http.post(f"/api/match?{options}", content=picture)
        assert answer.status_code == 200, answer.text
        return [piece["matches"] for piece in answer.json()["pieces"]]

    assert [len(found) for found in matches("top=2")] == [2, 2, 2]
    assert len(matches("min_score=0.9")) == 1
    assert max(match["price"] for match in matches("max_price=12")[0]) == 12
    assert [len(found) for found in matches("category=bag")] == [0, 0, 8]
    everything = matches("same_kind=false&category=bag&category=T-shirt&colour=yellow")
    assert {match["category"] for found in everything for match in found} == {"bag"}


def test_search_and_catalogue(http: httpx.Client, matcher: Matcher) -> None:
    found = http.get("/api/search", params={"q": "something red", "top": 3, "min_price": 11}).json()
    assert [match["id"] for match in found["matches"]] == ["red-1", "red-2", "red-3"]
    assert found["query"] == "something red" and found["models"] == {"embeddings": "fake-embeddings"}
    pages = [
        http.get("/api/catalogue", params={"colour": "green", "start": start, "count": 6}).json() for start in (0, 6)
    ]
    listed = [item["id"] for page in pages for item in page["page"]]
    assert listed == [f"green-{n}" for n in range(10)]
    assert pages[0]["items"] == len(matcher.index) == 40 and pages[0]["found"] == 10
    assert pages[0]["categories"] == {"t-shirt": 10, "skirt": 10, "jeans": 10, "bag": 10}
    assert http.get(pages[0]["page"][0]["thumbnail"]).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("/api/match", b"no picture", 422, "not a picture"),
        ("/api/match", b"", 422, "empty file"),
        ("/api/match?top=0", b"x", 422, "top: input should be greater"),
        ("/api/match?min_score=1", b"x", 422, "min_score"),
        ("/api/match?max_price=inf", b"x", 422, "max_price"),
        ("/api/match?toppp=3", b"x", 422, "no option “toppp”"),
        ("/api/match?where=fabric", None, 422, "write it as NAME=VALUE"),
        ("/api/match?category=poncho", None, 422, "no category “poncho”"),
        ("/api/search", None, 405, "Method Not Allowed"),
        ("/api/nothing", None, 404, "Not Found"),
    ],
)
def test_what_cannot_be_answered_is_one_sentence(
    http: httpx.Client, picture: bytes, path: str, body: bytes | None, status: int, said: str
) -> None:
    answer = http.post(path, content=picture if body is None else body)
    assert answer.status_code == status
    assert set(answer.json()) == {"error"} and said in answer.json()["error"]
    assert answer.json()["error"].endswith(".") and str(ROOT) not in answer.text


@pytest.mark.parametrize("form", [{"data": {"top": "3"}}, {"files": [("a", b"1"), ("b", b"2")]}, {"files": {}}])
def test_a_form_holds_one_photo_and_nothing_else(http: httpx.Client, form: dict[str, Any]) -> None:
    form = form if form.get("files") else {**form, "headers": {"Content-Type": "multipart/form-data; boundary=x"}}
    answer = http.post("/api/match", **form)
    assert answer.status_code == 422 and "one photo" in answer.json()["error"]


def test_a_photo_that_is_too_large_is_said_to_be(http: httpx.Client, picture: bytes) -> None:
    large = picture + bytes(2**20)
    chunks = (large[n : n + 50_000] for n in range(0, len(large), 50_000))
    for sent in ({"content": large * 3}, {"content": chunks}, {"files": {"photo": large}}):
        answer = http.post("/api/match", **sent)  # type: ignore[arg-type]
        assert answer.status_code == 413 and "larger than 1 MB" in answer.json()["error"]


def test_a_photo_is_never_written_to_the_disk(
    http: httpx.Client, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[object] = []
    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", written.append)
    # Beyond a megabyte, forms are put into a file unless told otherwise; what follows a PNG's end is ignored.
    answer = http.post("/api/match", files={"photo": picture + bytes(2**20 - len(picture))})
    assert answer.status_code == 200 and len(answer.json()["pieces"]) == 3
    assert not written


def test_the_description_and_the_documentation_need_nothing_from_outside(http: httpx.Client) -> None:
    described = http.get("/api/openapi.json").json()
    assert {path: set(verbs) for path, verbs in described["paths"].items()} == {
        "/match": {"post"},
        "/search": {"get"},
        "/catalogue": {"get"},
    }
    assert described["servers"] == [{"url": "/api"}]
    assert set(described["paths"]["/match"]["post"]["responses"]) == {"200", "413", "422", "429", "503"}
    page = http.get("/api").text
    assert "POST /api/match" in page and "href='api/openapi.json'" in page
    assert not re.findall(r"(?:src|href)=[\"'](?:https?:)?//", page) and "<script" not in page


def test_pages_of_this_machine_only_may_call_a_server_on_it(http: httpx.Client) -> None:
    for origin, allowed in (("http://localhost:3000", "http://localhost:3000"), ("https://shop.example", None)):
        answer = http.get("/api/catalogue?count=0", headers={"Origin": origin})
        assert answer.headers.get("access-control-allow-origin") == allowed


def test_gradios_client_finds_three_endpoints_and_no_more(gradio: Client, address: str) -> None:
    described = gradio.view_api(return_format="dict", print_info=False)
    assert set(described["named_endpoints"]) == {"/match", "/search", "/catalogue"}
    assert not described["unnamed_endpoints"]
    photo, *options = described["named_endpoints"]["/match"]["parameters"]
    assert not photo["parameter_has_default"] and all(option["parameter_has_default"] for option in options)
    returned = described["named_endpoints"]["/match"]["returns"][0]["type"]["properties"]
    assert set(returned) == {"photo", "size", "models", "pieces", "timings_ms"}
    events = httpx.get(f"{address}/config").json()["dependencies"]
    assert {event["api_name"] for event in events if event["api_visibility"] != "private"} == {
        "match",
        "search",
        "catalogue",
    }


def test_gradios_client_gets_the_same_answers(
    gradio: Client, http: httpx.Client, tmp_path: Path, picture: bytes
) -> None:
    path = tmp_path / "outfit.png"
    path.write_bytes(picture)
    expected = http.post("/api/match?top=2", files={"photo": ("outfit.png", picture)}).json()
    uploaded = gradio.predict(photo=handle_file(str(path)), top=2, api_name="/match")
    assert {**uploaded, "timings_ms": {}} == {**expected, "timings_ms": {}}
    text = base64.b64encode(picture).decode()
    for photo in (text, f"data:image/png;base64,{text}"):
        told = gradio.predict(photo=photo, top=2, api_name="/match")
        assert told["pieces"] == expected["pieces"]
    found = gradio.predict(q="red", top=1, colour=["red"], api_name="/search")
    assert [match["id"] for match in found["matches"]] == ["red-0"]
    assert gradio.predict(count=2, api_name="/catalogue") == http.get("/api/catalogue?count=2").json()


def test_gradios_client_is_told_what_is_wrong(gradio: Client) -> None:
    for options, said in (
        ({"photo": "no base64"}, "must be an uploaded file"),
        ({"photo": 3}, "must be an uploaded file"),
        ({"photo": base64.b64encode(b"no picture").decode()}, "not a picture"),
        ({"photo": "", "top": 0}, "top: input should be greater"),
        ({"photo": handle_file("https://example.com/photo.jpg")}, "nothing is fetched"),
    ):
        with pytest.raises(AppError, match=said):
            gradio.predict(**options, api_name="/match")
    with pytest.raises(AppError, match="no colour “mauve”"):
        gradio.predict(q="top", colour=["mauve"], api_name="/search")


def test_an_upload_is_removed_from_the_disk(
    gradio: Client, tmp_path: Path, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[Path] = []
    monkeypatch.setattr(uploads, "_remove", lambda path, seen: (taken.append(path), path.unlink()))
    monkeypatch.setattr(uploads, "STAYS", 0.0)
    path = tmp_path / "outfit.png"
    path.write_bytes(picture)
    gradio.predict(photo=handle_file(str(path)), api_name="/match")
    assert len(taken) == 1 and not taken[0].exists()


def readme_example(language: str, about: str) -> str:
    blocks = re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    (found,) = [block for block in blocks if about in block]
    return found


@pytest.mark.parametrize(
    ("language", "about", "command"),
    [("sh", "curl", ["sh", "-euc"]), ("python", "gradio_client", [sys.executable, "-c"])],
)
def test_the_readmes_examples_run(address: str, tmp_path: Path, language: str, about: str, command: list[str]) -> None:
    photo_of_pieces((720, 960)).save(tmp_path / "photo.jpg")
    example = readme_example(language, about)
    assert "http://localhost:7860" in example
    done = subprocess.run(
        [*command, example.replace("http://localhost:7860", address)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "Red t-shirt no. 0" in done.stdout and "skirt" in done.stdout
