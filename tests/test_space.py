"""The repository as a Hugging Face Space runs it: another user, nothing writable but HOME, no network."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import gradio
import httpx
import pytest
import yaml

from pipeline.published import PREFERRED, published
from pipeline.settings import ROOT
from tests.test_app import free_port

USER = 1000
SHIPPED = ("app.py", "README.md", "requirements.txt", "pipeline", "assets", "index", "docs")
# What a Space sets, seen in its documentation and in gradio's source.
VARIABLES = {
    "SYSTEM": "spaces",
    "SPACE_ID": "somebody/fashion-pieces-matching",
    "SPACE_AUTHOR_NAME": "somebody",
    "SPACE_REPO_NAME": "fashion-pieces-matching",
    "SPACE_TITLE": "Fashion Pieces Matching",
    "SPACE_HOST": "somebody-fashion-pieces-matching.hf.space",
    "SPACE_CREATOR_USER_ID": "0123456789abcdef01234567",
    "ACCELERATOR": "none",
    "CPU_CORES": "2",
    "MEMORY": "16Gi",
    "GRADIO_ALLOW_FLAGGING": "never",
    "GRADIO_NUM_PORTS": "1",
    "GRADIO_SERVER_NAME": "0.0.0.0",
    "GRADIO_THEME": "huggingface",
    "LANG": "C.UTF-8",
}
# Loaded before anything else: whatever wants to leave this machine fails, and is written down.
GUARD = """
import errno, os, sys
def stay(event, arguments):
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if host not in (None, "", "localhost", "0.0.0.0", "::", "::1") and not str(host).startswith("127."):
        with open(os.environ["OUTSIDE"], "a") as file:
            file.write(f"{event} {host}\\n")
        raise OSError(errno.ENETUNREACH, "no network here")
sys.addaudithook(stay)
"""


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that every user may look into; pytest's own are for the one who runs it."""
    folder = Path(tempfile.mkdtemp(prefix="space-"))
    folder.chmod(0o755)
    yield folder
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    shutil.rmtree(folder)


def as_visitor() -> dict[str, object]:
    """Options of `subprocess` that make the process another user's, where this one may do that."""
    return {"user": USER, "group": USER, "extra_groups": []} if os.getuid() == 0 else {}


@pytest.fixture(scope="module")
def interpreter(place: Path) -> tuple[str, dict[str, str]]:
    """A Python with the installed packages that the other user can run, and the variables it needs."""
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    here = {"PYTHONPATH": str(guarded(place))}
    if runs(sys.executable, here):
        return sys.executable, here
    # The interpreter lies in a home that is closed to others: its library is copied, its packages are not.
    copied, version = place / "python", f"python{sys.version_info.major}.{sys.version_info.minor}"
    base = Path(sys.base_prefix)
    left_out = shutil.ignore_patterns(
        "site-packages", "test", "tests", "idlelib", "ensurepip", "__pycache__", "config-*"
    )
    shutil.copytree(base / "lib" / version, copied / "lib" / version, ignore=left_out)
    for library in (base / "lib").glob("libpython*.so*"):
        shutil.copy(library, copied / "lib")
    (copied / "bin").mkdir()
    shutil.copy(Path(sys.executable).resolve(), copied / "bin" / version)
    there = {
        "PYTHONHOME": str(copied),
        "PYTHONPATH": f"{here['PYTHONPATH']}:{packages}",
        "LD_LIBRARY_PATH": str(copied / "lib"),
    }
    executable = str(copied / "bin" / version)
    if not runs(executable, there):
        pytest.skip(f"user {USER} cannot run this Python with the packages in {packages}")
    return executable, there


def guarded(place: Path) -> Path:
    folder = place / "guard"
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(GUARD)
    return folder


def runs(executable: str, variables: dict[str, str]) -> bool:
    variables = {**variables, "OUTSIDE": os.devnull}
    command = [executable, "-c", "import numpy, sitecustomize; assert 'guard' in sitecustomize.__file__"]
    try:
        return subprocess.run(command, env=variables, cwd="/", capture_output=True, **as_visitor()).returncode == 0  # type: ignore[call-overload]
    except PermissionError:
        return False


@pytest.fixture(scope="module")
def space(place: Path, interpreter: tuple[str, dict[str, str]]) -> Iterator[httpx.Client]:
    """A client of the running Space."""
    repository, home = place / "app", place / "home"
    repository.mkdir()
    for name in SHIPPED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, repository / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, repository / name)
    for path in [repository, *repository.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    (home / "tmp").mkdir(parents=True)
    if os.getuid() == 0:
        for path in (home, home / "tmp"):
            os.chown(path, USER, USER)
    executable, variables = interpreter
    port = free_port()
    environment = {
        **VARIABLES,
        **variables,
        "GRADIO_SERVER_PORT": str(port),
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "PATH": os.defpath,
        "OUTSIDE": str(home / "outside"),
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": "1",
    }
    log = place / "log"
    with log.open("wb") as written:
        process = subprocess.Popen(  # type: ignore[call-overload]
            [executable, "app.py"], cwd=repository, env=environment, stdout=written, stderr=written, **as_visitor()
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
            until_answered(client, process, log)
            yield client
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
    outside = home / "outside"
    assert not outside.exists(), outside.read_text()


def until_answered(client: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            client.get("/").raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.3)
    raise AssertionError(f"the page does not answer\n{log.read_text()}")


@pytest.mark.slow
def test_the_page_works_as_a_space(space: httpx.Client) -> None:
    assert "Fashion Pieces Matching" in space.get("/").text
    deadline = time.monotonic() + 300
    while (answer := space.get("/api/catalogue?count=0")).status_code == 503 and time.monotonic() < deadline:
        time.sleep(int(answer.headers.get("Retry-After", 1)) / 5)
    assert answer.status_code == 200 and answer.json()["items"] > 200, answer.text
    example = ROOT / "assets" / "examples" / "weekend.jpg"
    found = space.post("/api/match?top=2", files={"photo": (example.name, example.read_bytes())}).json()
    matches = [match for piece in found["pieces"] for match in piece["matches"]]
    assert found["pieces"] and matches
    assert space.get(matches[0]["thumbnail"]).headers["content-type"] == "image/webp"
    assert space.get("/example/0").status_code == 200


def test_the_front_matter_says_what_a_space_needs() -> None:
    matter = yaml.safe_load((ROOT / "README.md").read_text().split("---")[1])
    pins = dict(re.findall(r"^([\w-]+)(?:\[\w+\])?==(\S+)$", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    assert matter["sdk"] == "gradio" and matter["sdk_version"] == pins["gradio"] == gradio.__version__
    assert matter["python_version"] == "3.11" and (ROOT / matter["app_file"]).is_file()
    assert len(matter["short_description"]) <= 60 and matter["license"] == "agpl-3.0"
    colours = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
    assert {matter["colorFrom"], matter["colorTo"]} <= colours
    assert re.fullmatch(r"\d+[mh]", matter["startup_duration_timeout"])
    assert all(re.fullmatch(r"[\w.-]+/[\w.-]+", model) for model in matter["models"])


@pytest.mark.parametrize("document", ["README.md", "docs/deploy.md"])
def test_what_is_preloaded_is_what_the_app_looks_for(document: str) -> None:
    (block,) = re.findall(r"```yaml\n(preload_from_hub:.*?)```", (ROOT / document).read_text(), re.DOTALL)
    (line,) = yaml.safe_load(block)["preload_from_hub"]
    spec = published(PREFERRED)
    assert spec is not None
    assert line.split() == [spec.repository, ",".join(file.path for file in spec.files), spec.revision]


def test_no_file_is_too_large_for_a_space() -> None:
    paths = [path for name in SHIPPED for path in [ROOT / name, *(ROOT / name).rglob("*")] if path.is_file()]
    assert max(path.stat().st_size for path in paths if "__pycache__" not in path.parts) < 10 * 2**20
