"""The published index among real processes: killed, starved of disk, two at once, read while written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from PIL import Image

from pipeline import catalogue
from pipeline.errors import IndexUnwritable
from pipeline.index import Index, editing, publish
from pipeline.index import publishing as publishing_module
from tests.fakes import FakeEmbedder, FakeRemover
from tests.index_worker import DIMENSION, items, stages, unit

ROOT = Path(__file__).resolve().parent.parent


def start(*words: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.index_worker", *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@contextmanager
def running(*words: object) -> Iterator[subprocess.Popen[str]]:
    process = start(*words)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def rest(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout
    return process.stdout.read().split("\n")[:-1]


def test_killed_at_any_moment_the_last_index_opens(tmp_path):
    folder = tmp_path / "index"
    for moment in (0.0, 0.002, 0.005, 0.01, 0.02, 0.05):
        with running("keep-publishing", folder) as process:
            last = int(line(process))
            time.sleep(moment)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            last = int((rest(process) or [last])[-1])
        index = Index.open(folder, "model-a")
        # What was said to be published is; what was being published may be.
        assert len(index) in (last, last + 1)
        assert index.search(unit(1), 3)[0][0].item in index.items
    publish(folder, items(5), unit(5), "model-a", folder)
    names = {path.name for path in folder.iterdir()}
    assert len(Index.open(folder)) == 5 and len(names - {".lock"}) == 3


def pictures(folder: Path, count: int) -> Path:
    folder.mkdir()
    for n in range(count):
        image = Image.new("RGB", (64, 64), (90, 90, 90))
        # Each at a place of its own, so that none is a near duplicate.
        image.paste((200, 30 + n % 10, 40), (4 * (n % 12), 4 * (n // 12), 4 * (n % 12) + 12, 4 * (n // 12) + 8))
        image.save(folder / f"{n:03}.png")
    return folder


def test_adding_goes_on_where_it_was_killed(tmp_path):
    source, folder = pictures(tmp_path / "shop", 150), tmp_path / "index"
    with running("add", folder, source) as process:
        while line(process) != "Pictures 100":
            assert process.poll() is None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert not (folder / "manifest.json").exists()
    remover, seen = FakeRemover(), []
    done = catalogue.add(
        source, folder, stages(remover), keep_duplicates=True, progress=lambda step: seen.append(step.done)
    )
    # A batch of 64 pictures was finished; those begun after it are looked at again.
    assert done.added == 150 and remover.calls == 150 - 64 and 64 in seen
    assert not list(folder.glob(".journal*"))


def test_two_writers_take_turns(tmp_path):
    folder = tmp_path / "index"
    with running("join", folder, "a") as one, running("join", folder, "b") as other:
        said = [*rest(one), *rest(other)]
        assert one.wait() == other.wait() == 0
    index = Index.open(folder)
    assert len(index) == 200 and {item.id[0] for item in index.items} == {"a", "b"}
    assert set(said) <= {"ready", "waiting"}


def test_a_writer_that_hangs_is_named(tmp_path, monkeypatch):
    folder, waited = tmp_path / "index", []
    monkeypatch.setattr(publishing_module, "PATIENCE", 0.3)
    with running("hold", folder) as process:
        assert line(process) == "ready"
        turn = editing(folder, "model-a", DIMENSION, folder, waiting=lambda: waited.append(True))
        with pytest.raises(IndexUnwritable, match="Another process") as caught, turn:
            pass
        assert waited == [True] and "\n" not in str(caught.value)
    # Killed, it holds nothing any more.
    publish(folder, items(3), unit(3), "model-a", folder)


def test_readers_never_see_half_an_index(tmp_path):
    folder = tmp_path / "index"
    with running("keep-publishing", folder) as process:
        first = int(line(process))
        index = Index.open(folder)
        for _ in range(60):
            opened = Index.open(folder)
            assert len(opened) == opened.manifest.count >= first
            assert opened.search(unit(1), 5)[0]
        assert process.poll() is None
    assert index.search(unit(1), 1) and index.is_stale() and len(index.current()) > len(index)


@contextmanager
def small_disk(folder: Path) -> Iterator[int]:
    """A folder on a disk of 1 MiB; yields 0, or where none may be mounted the size in bytes to limit files to."""
    folder.mkdir()
    mounted = (
        os.geteuid() == 0
        and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, check=False
        ).returncode
        == 0
    )
    try:
        yield 0 if mounted else 200_000
    finally:
        if mounted:
            # Lazily: the index that was opened there is still mapped.
            subprocess.run(["umount", "--lazy", folder], check=False)


@pytest.mark.parametrize("verb", ["publish", "grow", "add"])
def test_a_full_disk_loses_nothing(tmp_path, verb):
    source = pictures(tmp_path / "shop", 130)
    with small_disk(tmp_path / "disk") as limit:
        folder = tmp_path / "disk" / "index"
        publish(folder, items(50), unit(50), FakeEmbedder.name if verb == "add" else "model-a", folder)
        before = sorted(path.name for path in folder.iterdir())
        if verb != "publish" and not limit:
            # Next to nothing is left for the journal, or for the copy that a change works on.
            free = os.statvfs(folder)
            (tmp_path / "disk" / "ballast").write_bytes(bytes(free.f_bavail * free.f_frsize - 20_000))
        with running("starve", folder, min(limit, 20_000) if verb == "add" else limit, verb, source) as process:
            (said,) = rest(process)
        assert any(reason in said for reason in ("full", "No space", "disk I/O", "File too large", "write error"))
        assert said.startswith("IndexUnwritable The index in “index” could not be written") and "untouched" in said
        with suppress(OSError):
            (tmp_path / "disk" / "ballast").unlink()
        assert len(Index.open(folder)) == 50
        assert [name for name in sorted(p.name for p in folder.iterdir()) if ".journal" not in name] == before
