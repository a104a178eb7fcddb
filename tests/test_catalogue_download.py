"""The clothing dataset fetched from a server: with hashes, taken up again, and patient."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pipeline.catalogue import Stopped, clothing_dataset
from pipeline.catalogue import clothing_dataset as module_function
from pipeline.errors import ModelMissing

TABLE = b"image,sender_id,label,kids\na,1,T-Shirt,False\nb,2,Skip,True\n"


def git_hash(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Server:
    """Serves a listing and the files that it names; `refuse` answers so many requests of a path with an error."""

    def __init__(self) -> None:
        self.files = {"images.csv": TABLE, "LICENSE": b"CC0", "images/a.jpg": b"a" * 5000, "images/b.jpg": b"b" * 3000}
        self.listed = {**self.files, "README.md": b"not needed"}
        self.refuse: Counter[str] = Counter()
        self.code = 429
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.lstrip("/")
                outer.asked.append(path)
                if outer.refuse[path] > 0:
                    outer.refuse[path] -= 1
                    self.send_response(outer.code)
                    self.send_header("Retry-After", "0")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                tree = [
                    {"path": name, "type": "blob", "sha": git_hash(content), "size": len(content)}
                    for name, content in outer.listed.items()
                ]
                content = json.dumps({"tree": tree}).encode() if path == "listing" else outer.files[path]
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.http.server_port}"


@pytest.fixture
def server(monkeypatch):
    served = Server()
    monkeypatch.setitem(module_function.__globals__, "LISTING", f"{served.address}/listing")
    monkeypatch.setitem(module_function.__globals__, "FILES", served.address)
    monkeypatch.setitem(module_function.__globals__, "_PAUSE", 0.01)
    yield served
    served.http.shutdown()
    served.http.server_close()


def test_everything_is_fetched_once(server, tmp_path):
    steps = []
    source = clothing_dataset(tmp_path / "set", steps.append)
    assert [(i.id, i.category, i.attributes["kids"]) for i in source.items] == [
        ("a", "t-shirt", "no"), ("b", "", "yes"),
    ]  # fmt: skip
    assert all((source.root / item.image).is_file() for item in source.items)
    assert (steps[-1].done, steps[-1].total) == (4, 4) and "README.md" not in server.asked
    asked = len(server.asked)
    clothing_dataset(tmp_path / "set")
    assert len(server.asked) == asked


def test_a_picture_that_came_damaged_is_fetched_again(server, tmp_path):
    clothing_dataset(tmp_path / "set")
    (tmp_path / "set" / "images" / "a.jpg").write_bytes(b"x" * 5000)
    clothing_dataset(tmp_path / "set")
    assert (tmp_path / "set" / "images" / "a.jpg").read_bytes() == server.files["images/a.jpg"]
    assert server.asked.count("images/a.jpg") == 2 and server.asked.count("images/b.jpg") == 1


def test_another_content_than_listed_is_not_kept(server, tmp_path):
    server.files["images/b.jpg"] = b"B" * 3000
    with pytest.raises(ModelMissing, match=r"b\.jpg.*another content"):
        clothing_dataset(tmp_path / "set")
    assert not (tmp_path / "set" / "images" / "b.jpg").exists()


def test_a_server_that_asks_for_patience_gets_it(server, tmp_path):
    server.refuse.update({"listing": 1, "images/a.jpg": 2})
    assert len(clothing_dataset(tmp_path / "set").items) == 2
    assert server.asked.count("images/a.jpg") == 3


def test_a_server_that_says_no_is_named(server, tmp_path):
    server.code = 404
    server.refuse["images/a.jpg"] = 9
    with pytest.raises(ModelMissing, match="404"):
        clothing_dataset(tmp_path / "set")
    # What came is kept.
    server.refuse.clear()
    assert len(clothing_dataset(tmp_path / "set").items) == 2
    assert server.asked.count("images/b.jpg") == 1


def test_no_network_is_one_sentence(server, tmp_path):
    server.http.shutdown()
    server.http.server_close()
    with pytest.raises(ModelMissing, match="cannot be reached; check the network"):
        clothing_dataset(tmp_path / "set")


def test_fetching_can_be_stopped(server, tmp_path):
    def stop(step):
        if step.what == "Fetching pictures":
            raise Stopped("enough")

    with pytest.raises(Stopped):
        clothing_dataset(tmp_path / "set", stop)
    assert len(clothing_dataset(tmp_path / "set").items) == 2
