"""The app as a process and as Blocks: light to import, quick to answer, private in its settings."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import types
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


def test_on_zerogpu_the_app_asks_for_a_gpu_and_elsewhere_it_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    spaces = types.ModuleType("spaces")
    spaces.GPU = asked.append  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "spaces", spaces)
    monkeypatch.delenv("SPACES_ZERO_GPU", raising=False)
    assert not app.ask_for_gpu() and not asked
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    assert app.ask_for_gpu() and len(asked) == 1
    monkeypatch.setitem(sys.modules, "spaces", None)
    assert not app.ask_for_gpu()


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
            with urllib.request.urlopen(asked, timeout=60) as response:
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
    # A shell that starts it in the background has it ignore Ctrl+C; it must still stop when asked to.
    process = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    try:
        page = answer(f"http://127.0.0.1:{port}/", process, 120)
        seconds = processor_seconds(process)
        assert "Fashion Pieces Matching" in page
        # It takes about five; the models take more than that, and are to be loaded afterwards.
        assert seconds < 12
        assert list(tmp_path.glob("fashion-pieces-page-*"))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    assert not list(tmp_path.glob("fashion-pieces-page-*"))


@pytest.mark.parametrize("way", ["option", "variable"])
def test_a_taken_port_is_one_sentence(way: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        asked = {"option": ["--port", port], "variable": []}[way]
        environment = {**os.environ, **({"GRADIO_SERVER_PORT": port} if way == "variable" else {})}
        command = [sys.executable, "app.py", *asked]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Port {port} is taken") and len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("port", ["abc", "70000", "-1"])
def test_a_port_that_is_none_is_one_sentence(port: str) -> None:
    environment = {**os.environ, "GRADIO_SERVER_PORT": port}
    command = [sys.executable, "app.py"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert done.stderr.startswith(f"GRADIO_SERVER_PORT is “{port}”") and len(done.stderr.splitlines()) == 1


def test_an_empty_port_is_none_at_all() -> None:
    environment = {**os.environ, "GRADIO_SERVER_PORT": ""}
    command = [sys.executable, "-c", "import app; print(app._port_of_environment())"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.stdout == "None\n", done.stderr


def test_another_port_than_usual_is_said(
    fake_matcher: Matcher, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = app.build_app(lambda progress: fake_matcher)
    monkeypatch.setattr(app, "demo", page)
    monkeypatch.setattr(app.signal, "signal", lambda *_: None)
    monkeypatch.delenv("GRADIO_SERVER_PORT", raising=False)
    monkeypatch.setattr(page, "block_thread", lambda: None)
    with socket.socket() as taken:
        # Taken by this test, or by whatever else runs on this machine.
        with contextlib.suppress(OSError):
            taken.bind(("127.0.0.1", app.PORT))
            taken.listen()
        app.main([])
    page.close()
    said = capsys.readouterr().out
    assert f"Port {app.PORT} is taken" in said and f"Open http://localhost:{page.server_port}/" in said


def processor_seconds(process: subprocess.Popen[bytes]) -> float:
    """What a process has used of the processor so far, however busy the machine is with others; 0 if unknown."""
    stat = Path(f"/proc/{process.pid}/stat")
    if not stat.exists():
        return 0.0
    times = stat.read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


def answer(url: str, process: subprocess.Popen[bytes], seconds: float) -> str:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=60) as response:
                return response.read().decode()
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the page does not answer")
