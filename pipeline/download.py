"""One file over HTTP: resumed where it broke off, checked before it gets its name."""

from __future__ import annotations

import errno
import hashlib
import http.client
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from pipeline.errors import ModelMissing

Progress = Callable[[str, float], None]
TIMEOUT = 30.0
CHUNK = 2**20
# A download that broke off is taken up again; this many tries in a row that bring nothing end it.
FRUITLESS = 3
PAUSE = 1.0


def digest_of(path: Path, kind: str) -> str:
    """The digest of a file, in hex. kind: sha256, md5, or git (how git names a file's content)."""
    with path.open("rb") as file:
        if kind != "git":
            return hashlib.file_digest(file, kind).hexdigest()
        named = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
        while block := file.read(CHUNK):
            named.update(block)
        return named.hexdigest()


def download(
    url: str,
    target: Path,
    digests: Mapping[str, str],
    tell: Progress,
    size: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Fetch `url` into `target`; what arrived is kept in `target`.part until it is whole, and taken up again.

    Args:
        digests: by kind (see `digest_of`), each in hex; the file is kept only if all of them agree.
        tell: called with what is being fetched and the share (0..1) that is there.
        size: bytes, where known beforehand: too little space on the disk is then said at once, and what arrived whole
            is not asked for again.
        headers: sent along, an authorization for example.

    Raises:
        ModelMissing: the server cannot be reached or refuses, the connection keeps breaking off, the disk is full, or
            the content is another one than promised.
    """
    part = target.with_name(f"{target.name}.part")
    resumed = part.exists()
    if size is not None and shutil.disk_usage(target.parent).free < size - _length(part):
        raise ModelMissing(
            f"“{target.name}” takes {size / 1e6:.0f} MB and the disk has less; make space and try again."
        )
    if _length(part) != size:
        _receive(url, part, tell, dict(headers or {}))
    tell(f"{target.name}, checking", 1.0)
    if any(digest_of(part, kind) != expected for kind, expected in digests.items()):
        part.unlink()
        if resumed:
            # The first part may have come from an older version of the file.
            return download(url, target, digests, tell, size, headers)
        raise ModelMissing(
            f"“{target.name}” came with another content than the published one, and was not kept; try again later."
        )
    part.replace(target)


def _receive(url: str, part: Path, tell: Progress, headers: dict[str, str]) -> None:
    fruitless, began = 0, _length(part)
    while True:
        before = _length(part)
        try:
            return _append(url, part, tell, headers)
        except HTTPError as error:
            if error.code != 416 or not before:
                raise ModelMissing(
                    f"The server refused “{_name(part)}” ({error.code} {error.reason}); try again later."
                ) from error
            # There is nothing after what is there: it is not a beginning of this file.
            part.unlink()
        except (OSError, http.client.HTTPException) as error:
            if isinstance(error, OSError) and (error.filename or error.errno == errno.ENOSPC):
                # The disk's, not the network's.
                raise
            fruitless = 0 if _length(part) > before else fruitless + 1
            if _length(part) == began:
                raise ModelMissing(
                    f"“{_name(part)}” cannot be fetched: {_host(url)} cannot be reached; "
                    "check the network connection and try again."
                ) from error
            if fruitless >= FRUITLESS:
                raise ModelMissing(
                    f"The download of “{_name(part)}” broke off; run the same command again, it goes on from there."
                ) from error
            time.sleep(PAUSE)


def _append(url: str, part: Path, tell: Progress, headers: dict[str, str]) -> None:
    have = _length(part)
    asked = {**headers, "Range": f"bytes={have}-"} if have else headers
    with urlopen(Request(url, headers={"User-Agent": "fashion-pieces", **asked}), timeout=TIMEOUT) as answer:
        if answer.status != 206:
            have = 0
        rest = answer.headers.get("Content-Length")
        whole = have + int(rest) if rest else None
        with part.open("ab" if have else "wb") as file:
            while block := answer.read(CHUNK):
                file.write(block)
                have += len(block)
                tell(f"{_name(part)}, {have / 1e6:.0f} MB", have / whole if whole else 0.0)
    if whole is not None and have < whole:
        raise ConnectionError("the connection broke off")


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _name(part: Path) -> str:
    return part.name.removesuffix(".part")


def _host(url: str) -> str:
    return url.split("/")[2]
