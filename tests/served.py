"""A folder served over HTTP as the hub, and as rembg's releases, serve theirs: with ranges, cut connections, errors."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Served:
    """What is served, and what happens to it.

    files: content by path; paths like `owner/repo/resolve/COMMIT/file` are also found under `main`.
    cut_after: bytes after which the connection breaks off, for each answer to come; then answers are whole.
    asked: (method, path, Range header) of every request.
    """

    files: dict[str, bytes]
    address: str = ""
    cut_after: list[int] = field(default_factory=list)
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def content(self, path: str) -> bytes | None:
        return self.files.get(path.strip("/").replace("/resolve/main/", f"/resolve/{COMMIT}/"))

    @property
    def ranges(self) -> list[str]:
        """The Range headers of all downloads."""
        return [asked for method, _, asked in self.asked if method == "GET"]


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[Served]:
    """Serve `files` on this machine for the length of the block."""
    served = Served(files)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_HEAD(self) -> None:
            served.asked.append(("HEAD", self.path, ""))
            self._answer(whole=True)

        def do_GET(self) -> None:
            served.asked.append(("GET", self.path, self.headers.get("Range", "")))
            content = self._answer(whole=False)
            if content and served.cut_after:
                self.wfile.write(content[: served.cut_after.pop(0)])
                self.close_connection = True
            else:
                self.wfile.write(content)

        def _answer(self, whole: bool) -> bytes:
            content = served.content(self.path)
            if content is None:
                self._status(404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT, "Content-Length": "0"})
                return b""
            start = int(self.headers.get("Range", "bytes=0-")[6:-1])
            if start and start >= len(content):
                self._status(416, {"Content-Length": "0"})
                return b""
            large = self.path.endswith((".safetensors", ".onnx", ".pt"))
            git = hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()
            etag = hashlib.sha256(content).hexdigest() if large else git
            self._status(
                206 if start else 200,
                {"X-Repo-Commit": COMMIT, "ETag": f'"{etag}"', "Content-Length": str(len(content) - start)},
            )
            return b"" if whole else content[start:]

        def _status(self, code: int, headers: dict[str, str]) -> None:
            self.send_response(code)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
