"""Uploaded files on their short way through the disk: taken into memory, then removed."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import tempfile
import threading
from pathlib import Path
from typing import Any

import gradio as gr
from gradio_client.utils import is_file_obj_with_meta, is_http_url_like, traverse

from pipeline.errors import UnreadablePhoto
from pipeline.ui import texts

# Seconds. Not removed at once, because the browser shows what it uploaded until the photo takes its place.
STAYS = 5.0
# Bytes of a photo's file. Uploads for the catalogue may be larger, and come another way.
MAX_PHOTO = 64 * 2**20
# No browser sends this; a program is told so in English.
NO_ADDRESS = "Send the photo itself: nothing is fetched from an address here."
_VARIABLE = "GRADIO_TEMP_DIR"


def use_own_folder() -> None:
    """Have uploads pass through a folder of this process, which goes when the process goes."""
    if _VARIABLE not in os.environ:
        folder = tempfile.mkdtemp(prefix="fashion-pieces-page-")
        os.environ[_VARIABLE] = folder
        atexit.register(shutil.rmtree, folder, ignore_errors=True)


def take(file: Any) -> bytes:
    """The bytes of an uploaded file, which is removed from the disk shortly.

    Args:
        file: what the browser says was uploaded. Anybody can send anything here, so only a file that lies in the
            folder of uploads is believed.

    Raises:
        UnreadablePhoto: there is no such upload, or it is too large for a photo.
    """
    try:
        path = Path(file["path"]).resolve(strict=True)
        if not path.is_relative_to(Path(os.environ[_VARIABLE]).resolve(strict=True)):
            raise PermissionError(path)
        if path.stat().st_size > MAX_PHOTO:
            path.unlink()
            raise UnreadablePhoto(texts.TOO_LARGE)
        data, seen = path.read_bytes(), path.stat().st_ctime_ns
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise UnreadablePhoto(texts.GONE) from error
    timer = threading.Timer(STAYS, _remove, (path, seen))
    timer.daemon = True
    timer.start()
    return data


def refuse_addresses(data: Any) -> None:
    """Raise where a file is named by an address, which gradio would have this machine fetch.

    Raises:
        gr.Error: with what to do instead.
    """

    def refuse(file: dict[str, Any]) -> dict[str, Any]:
        if is_http_url_like(str(file.get("path", ""))):
            raise gr.Error(NO_ADDRESS, print_exception=False)
        return file

    traverse(data, refuse, is_file_obj_with_meta)


def _remove(path: Path, seen: int) -> None:
    with contextlib.suppress(OSError):
        # Gradio names uploads by their content: the same picture may just have come from another visitor, too.
        if path.stat().st_ctime_ns == seen:
            path.unlink()
            path.parent.rmdir()
