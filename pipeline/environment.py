"""The process-wide environment, set before any vendor library is imported.

Vendor libraries read these variables at import, look things up on the network, or write into folders
that a locked-down host (a Space runs as uid 1000) may not have. What the user has set already stays.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_FIXED = {
    "YOLO_OFFLINE": "1",
    "YOLO_AUTOINSTALL": "False",
    "YOLO_VERBOSE": "False",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    # Threads that spin while they wait starve the other stages on a machine with two cores.
    "OMP_WAIT_POLICY": "PASSIVE",
}
_FOLDERS = {"YOLO_CONFIG_DIR": "yolo", "NUMBA_CACHE_DIR": "numba", "MPLCONFIGDIR": "matplotlib", "REMBG_HOME": "rembg"}


def cache_home() -> Path:
    """The writable folder for everything that may be deleted at any time (`FASHION_CACHE`).

    The platform's cache folder where it can be written, else one in the temporary folder.
    """
    wanted = os.environ.get("FASHION_CACHE")
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    for folder in (Path(wanted) if wanted else Path(home) / "fashion-pieces", _temporary()):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return Path(tempfile.mkdtemp(prefix="fashion-pieces-"))


def _temporary() -> Path:
    user = os.getuid() if hasattr(os, "getuid") else "user"
    return Path(tempfile.gettempdir()) / f"fashion-pieces-{user}"


def prepare() -> None:
    """Set the variables; called once, when the package is imported."""
    for name, value in _FIXED.items():
        os.environ.setdefault(name, value)
    home = cache_home()
    for name, folder in _FOLDERS.items():
        if name not in os.environ:
            (home / folder).mkdir(exist_ok=True)
            os.environ[name] = str(home / folder)
