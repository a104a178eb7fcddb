"""The app as a process and as Blocks: light to import, quick to answer, private in its settings."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

import app
from pipeline.matcher import Matcher
from pipeline.settings import ROOT
from pipeline.ui import texts, uploads
from tests.fakes import photo_of_pieces

HEAVY = ("torch", "ultralytics", "rembg", "open_clip", "onnxruntime")


def test_importing_the_app_imports_no_model_library() -> None:
    code = f"import app, sys; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[]", done.stderr


def test_only_the_apis_endpoints_can_be_called_by_name(fake_matcher: Matcher) -> None:
    page = app.build_app(lambda progress: fake_matcher)
    public = {fn.api_name for fn in page.fns.values() if fn.api_visibility != "private"}
    assert public == {"match", "search", "catalogue"}


def test_the_page_is_served_with_its_own_looks_and_limits(
    fake_matcher: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr(gr.Blocks, "launch", lambda self, *args, **options: given.update(options))
    page = app.build_app(lambda progress: fake_matcher)
    page.launch(server_port=1234, prevent_thread_lock=True)
    assert given["server_port"] == 1234
    assert given["run_history"] is False and given["show_error"] is False and given["footer_links"] == []
    assert "fp-card" in given["css"] and "fpShow" in given["head"] and given["theme"] is not None
    assert "http" not in given["css"] and "http" not in given["head"]
    assert page.delete_cache is not None and sum(page.delete_cache) <= 3600
    assert page.analytics_enabled is False
    page.loader.wait(5)
    assert page.loader.status.ready


@pytest.mark.parametrize("meta", [{}, {"meta": {"_type": "another"}}, {"meta": {"_type": "gradio.FileData"}}])
def test_only_uploads_are_read_and_removed(
    fake_matcher: Matcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, meta: dict[str, Any]
) -> None:
    monkeypatch.setattr(uploads, "STAYS", 0.0)
    victim = tmp_path / "private.png"
    photo_of_pieces().save(victim)
    page = app.build_app(lambda progress: fake_matcher)
    page.launch(server_name="127.0.0.1", server_port=free_port(), prevent_thread_lock=True)
    try:
        number = next(n for n, fn in page.fns.items() if fn.name == "on_photo")
        body = {"data": [{"path": str(victim), **meta}], "fn_index": number, "session_hash": "somebody"}
        asked = urllib.request.Request(
            f"{page.local_url}gradio_api/run/predict", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(asked, timeout=10) as response:
                assert texts.GONE in response.read().decode()
        except urllib.error.HTTPError as refused:
            assert str(tmp_path) not in refused.read().decode()
        assert not page.visits.of("somebody").key
        time.sleep(0.2)
        assert victim.exists()
    finally:
        page.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_app_py_answers_at_once_and_cleans_up_when_stopped(tmp_path: Path) -> None:
    port = free_port()
    environment = {**os.environ, "TMPDIR": str(tmp_path), "GRADIO_SERVER_PORT": str(port)}
    environment.pop("GRADIO_TEMP_DIR", None)
    started = time.monotonic()
    # A shell that starts it in the background has it ignore Ctrl+C; it must still stop when asked to.
    process = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    try:
        page = answer(f"http://127.0.0.1:{port}/", process, 30)
        seconds = time.monotonic() - started
        assert "Fashion Pieces Matching" in page
        # Five seconds on an idle machine; the rest is for one that is busy with other tests.
        assert seconds < 12
        assert list(tmp_path.glob("fashion-pieces-page-*"))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    assert not list(tmp_path.glob("fashion-pieces-page-*"))


def test_a_taken_port_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "app.py", "--port", str(taken.getsockname()[1])]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "the port is taken" in done.stderr and "Traceback" not in done.stderr


def answer(url: str, process: subprocess.Popen[bytes], seconds: float) -> str:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                return response.read().decode()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError("the page does not answer")
