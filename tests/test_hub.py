"""Fetching published models over real HTTP: whole, broken off, tampered with, out of reach; and finding them again."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from pipeline import download as downloading
from pipeline import hub
from pipeline.cli import main
from pipeline.download import digest_of, download
from pipeline.errors import ModelMissing
from pipeline.published import PUBLISHED, Published, RemoteFile, from_hub, published
from pipeline.settings import ROOT
from tests.served import COMMIT, Served, serving

DATA = os.urandom(3 * 2**20 + 17)
SHA = hashlib.sha256(DATA).hexdigest()
CONFIG = b'{"model_cfg": {}}'
REPO = "someone/clip"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("FASHION_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hf"))
    monkeypatch.setattr(downloading, "PAUSE", 0.01)
    return tmp_path / "cache"


@pytest.fixture
def server(monkeypatch):
    files = {
        "releases/net.onnx": DATA,
        f"{REPO}/resolve/{COMMIT}/open_clip_config.json": CONFIG,
        f"{REPO}/resolve/{COMMIT}/open_clip_model.safetensors": DATA,
    }
    with serving(files) as served:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", served.address)
        monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE",
                            served.address + "/{repo_id}/resolve/{revision}/{filename}")  # fmt: skip
        monkeypatch.setenv("FASHION_REMBG_MIRROR", f"{served.address}/releases")
        yield served


def silent(text: str, share: float) -> None:
    assert 0 <= share <= 1


def dead_end() -> str:
    """An address where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def net(digest: str = SHA) -> Published:
    url = f"{hub.REMBG_RELEASES}/net.onnx"
    return Published("cutout", "net", "", "MIT", "u2net", (RemoteFile("net.onnx", len(DATA), digest, url),))


def clip(digest: str = SHA) -> Published:
    files = (RemoteFile("open_clip_config.json", 17), RemoteFile("open_clip_model.safetensors", len(DATA), digest))
    return Published("embeddings", "clip", "", "MIT", "open_clip", files, REPO, COMMIT, 4)


def test_a_download_is_whole_checked_and_shows_progress(server, tmp_path):
    shares = []
    download(f"{server.address}/releases/net.onnx", tmp_path / "x", {"sha256": SHA}, lambda _, s: shares.append(s))
    assert (tmp_path / "x").read_bytes() == DATA and not (tmp_path / "x.part").exists()
    assert shares == sorted(shares) and shares[0] < 0.5 and shares[-1] == 1


def test_what_broke_off_goes_on_where_it_stopped(server, tmp_path):
    server.cut_after = [2**20, 2**20 + 5]
    download(f"{server.address}/releases/net.onnx", tmp_path / "x", {"sha256": SHA}, silent)
    assert (tmp_path / "x").read_bytes() == DATA
    assert server.ranges == ["", f"bytes={2**20}-", f"bytes={2 * 2**20 + 5}-"]


def test_what_broke_off_for_good_goes_on_with_the_next_command(server, tmp_path):
    server.cut_after = [2**20, 0, 0, 0]
    with pytest.raises(ModelMissing, match="broke off; run the same command again"):
        download(f"{server.address}/releases/net.onnx", tmp_path / "x", {"sha256": SHA}, silent)
    assert (tmp_path / "x.part").stat().st_size == 2**20 and not (tmp_path / "x").exists()
    download(f"{server.address}/releases/net.onnx", tmp_path / "x", {"sha256": SHA}, silent)
    assert (tmp_path / "x").read_bytes() == DATA and server.ranges[-1] == f"bytes={2**20}-"


def test_another_content_is_not_kept(server, tmp_path):
    with pytest.raises(ModelMissing, match="another content than the published one, and was not kept"):
        download(f"{server.address}/releases/net.onnx", tmp_path / "x", {"sha256": "0" * 64}, silent)
    assert not list(tmp_path.glob("x*"))


@pytest.mark.parametrize("rest", [b"an older version", DATA + b"and more", b"o" * len(DATA)])
def test_the_rest_of_another_file_is_thrown_away(server, tmp_path, rest):
    (tmp_path / "x.part").write_bytes(rest)
    download(f"{server.address}/releases/net.onnx", tmp_path / "x", {"sha256": SHA}, silent)
    assert (tmp_path / "x").read_bytes() == DATA


def test_what_arrived_whole_is_not_fetched_again(server, tmp_path):
    (tmp_path / "x.part").write_bytes(DATA)
    download(f"{server.address}/releases/net.onnx", tmp_path / "x", {"sha256": SHA}, silent, size=len(DATA))
    assert (tmp_path / "x").read_bytes() == DATA and server.ranges == []


def test_no_route_and_no_such_file_are_one_sentence(server, tmp_path):
    with pytest.raises(ModelMissing, match="cannot be reached; check the network connection"):
        download(f"{dead_end()}/net.onnx", tmp_path / "x", {}, silent)
    with pytest.raises(ModelMissing, match=r"The server refused “x” \(404"):
        download(f"{server.address}/releases/none.onnx", tmp_path / "x", {}, silent)
    with pytest.raises(ModelMissing, match="the disk has less; make space"):
        download(f"{server.address}/releases/net.onnx", tmp_path / "x", {}, silent, size=2**60)
    assert not list(tmp_path.glob("x*"))


def test_a_model_of_rembgs_is_fetched_found_and_checked(server, cache):
    assert hub.find(net()) is None
    held = hub.fetch(net(), silent)
    assert held == hub.find(net()) and held.path == cache / "models" / "net" / "net.onnx" and held.form == "u2net"
    hub.check(net(), held)
    lock = json.loads((held.folder / "lock.json").read_text())
    assert lock["files"] == {"net.onnx": {"sha256": SHA, "bytes": len(DATA)}}
    held.path.write_bytes(b"x" * len(DATA))
    with pytest.raises(ModelMissing, match="“net.onnx” of net is damaged .*models fetch net"):
        hub.check(net(), held)
    hub.fetch(net(), silent)
    hub.check(net(), held)
    held.path.write_bytes(b"cut off")
    assert hub.find(net()) is None


def test_a_model_of_the_hub_is_pinned_and_recorded(server, cache):
    held = hub.fetch(clip(), silent)
    assert held.path == cache / "models" / "clip" and held.revision == COMMIT
    assert (held.path / "open_clip_config.json").read_bytes() == CONFIG
    assert held.digests == {
        "open_clip_config.json": hashlib.sha256(CONFIG).hexdigest(), "open_clip_model.safetensors": SHA,
    }  # fmt: skip
    gets = len(server.ranges)
    hub.fetch(clip(), silent)
    assert len(server.ranges) == gets, "what is here and sound was fetched again"


def test_weights_that_are_not_the_pinned_ones_are_refused_before_they_come(server):
    with pytest.raises(ModelMissing, match="offers another “open_clip_model.safetensors” of clip"):
        hub.fetch(clip("f" * 64), silent)
    assert server.ranges == []
    hub.fetch(clip(), silent)
    assert hub.find(clip("f" * 64)) is None, "a fetched model passes for one with other weights"


def test_what_came_first_must_come_again(server, cache):
    anything = from_hub(f"hf-hub:{REPO}")
    held = hub.fetch(anything, silent)
    assert held.form == "open_clip" and held.digests["open_clip_model.safetensors"] == SHA
    assert hub.fetched_names() == [f"hf-hub:{REPO}"]
    server.files[f"{REPO}/resolve/{COMMIT}/open_clip_model.safetensors"] = DATA[::-1]
    (held.folder / "open_clip_model.safetensors").unlink()
    with pytest.raises(ModelMissing, match="another content"):
        hub.fetch(anything, silent)


def test_a_repository_in_hugging_faces_form_and_one_that_is_no_embedder(server):
    server.files = {
        f"{REPO}/resolve/{COMMIT}/config.json": CONFIG,
        f"{REPO}/resolve/{COMMIT}/model.safetensors": DATA,
    }
    held = hub.fetch(from_hub(f"hf-hub:{REPO}@main"), silent)
    assert held.form == "huggingface" and set(held.digests) == {"config.json", "model.safetensors"}
    with pytest.raises(ModelMissing, match="no embedder"):
        hub.fetch(from_hub("hf-hub:someone/cats"), silent)
    with pytest.raises(ModelMissing, match="has no file “best.onnx”"):
        hub.fetch(from_hub(f"hf-hub:{REPO}/best.onnx"), silent)


def test_the_hub_out_of_reach_is_one_sentence(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE",
                        dead_end() + "/{repo_id}/resolve/{revision}/{filename}")  # fmt: skip
    with pytest.raises(ModelMissing, match="“clip” cannot be fetched: .* check the network connection"):
        hub.fetch(clip(), silent)


def test_two_do_not_fetch_the_same_model_at_once(server, cache):
    (cache / "models" / "net").mkdir(parents=True)
    with (
        FileLock(cache / "models" / "net" / ".fetching"),
        pytest.raises(ModelMissing, match="being fetched by another process"),
    ):
        hub.fetch(net(), silent)


def test_what_a_space_preloaded_is_found(server, tmp_path):
    """The hub's own library fills its cache, as it does before a Space starts."""
    from huggingface_hub import hf_hub_download

    for file in clip().files:
        hf_hub_download(REPO, file.path, cache_dir=tmp_path / "hf", endpoint=server.address)
    held = hub.find(replace(clip(), revision="f" * 40))
    assert held and held.revision == COMMIT and held.path.parent.name == "snapshots"
    hub.check(clip(), held)
    assert hub.find(clip("f" * 64)) is None


def test_digests(tmp_path):
    (tmp_path / "x").write_bytes(b"what is up, doc?")
    # The example of git's own book.
    assert digest_of(tmp_path / "x", "git") == "bd9dbf5aae1a3862dd1526723246b20206e5fc37"
    assert digest_of(tmp_path / "x", "md5") == hashlib.md5(b"what is up, doc?").hexdigest()


def test_every_published_model_is_pinned():
    assert len({p.name for p in PUBLISHED}) == len(PUBLISHED)
    for spec in PUBLISHED:
        assert len(spec.weights.digest) == 64 and spec.weights.size == max(f.size for f in spec.files)
        assert (len(spec.revision) == 40) == bool(spec.repository)
        assert spec.pickled == (spec.name == "deepfashion2-yolov8s")


def test_names_of_published_models():
    assert (
        published("hf-hub:Marqo/marqo-fashionCLIP") is published("fashionclip") is published("Marqo/marqo-fashionclip")
    )
    assert published("nothing") is None and from_hub("nothing") is None and from_hub("hf-hub:nobody") is None
    spec = from_hub("hf-hub:o/r/weights/best.onnx@v2")
    assert spec and (spec.repository, spec.revision, spec.files[0].path) == ("o/r", "v2", "weights/best.onnx")


def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pipeline", "models", *words]
    environment = {**os.environ, **variables}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


def test_the_command_line_fetches_lists_and_checks(server: Served, cache: Path):
    variables = {"HF_ENDPOINT": server.address, "FASHION_REMBG_MIRROR": f"{server.address}/releases"}
    fetched = run("fetch", f"hf-hub:{REPO}", "--json", **variables)
    assert fetched.returncode == 0, fetched.stderr
    document = json.loads(fetched.stdout)
    assert document["revision"] == COMMIT and document["sha256"]["open_clip_model.safetensors"] == SHA
    rows = {row["name"]: row for row in json.loads(run("list", "--json").stdout)}
    assert rows[f"hf-hub:{REPO}"]["cached"] and not rows["u2netp"]["cached"]
    assert run("check").returncode == 0
    Path(document["path"], "open_clip_model.safetensors").write_bytes(b"x" * len(DATA))
    broken = run("check")
    assert broken.returncode == 4 and broken.stderr.count("\n") == 1 and "damaged" in broken.stderr


def test_the_command_line_refuses_in_one_sentence(server: Served, monkeypatch, capsys):
    server.files["releases/u2netp.onnx"] = b"something else"
    for words, code, sentence in (
        (("fetch", "u2netp"), 4, "“u2netp.onnx” came with another content"),
        (("fetch", "u2net"), 4, "The server refused “u2net.onnx” (404"),
        (("fetch", "nonsense"), 2, "There is no published model “nonsense”"),
        (("fetch", "deepfashion2-yolov8s"), 2, "add --allow-pickle"),
    ):
        assert main(["models", *words]) == code
        said = capsys.readouterr()
        assert said.out == "" and sentence in said.err and said.err.count("\n") == 1, said.err
    offline = run("fetch", "fashionclip", HF_ENDPOINT=dead_end())
    assert offline.returncode == 4 and offline.stdout == "" and offline.stderr.count("\n") == 1
    assert "check the network connection" in offline.stderr


def test_the_list_fits_a_terminal_of_80_columns():
    lines = run("list", COLUMNS="80").stdout.splitlines()
    assert all(len(line) <= 80 for line in lines)
    for spec in PUBLISHED:
        assert any(spec.name in line.split() for line in lines), f"{spec.name} was cut off"
