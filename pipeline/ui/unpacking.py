"""What was uploaded for the catalogue -> a folder or a CSV on the disk that `catalogue.add` can read."""

from __future__ import annotations

import lzma
import shutil
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from pipeline.errors import UsageError
from pipeline.photo import SUFFIXES

TABLES = (".csv", ".tsv")
# A ZIP beyond either of these is refused before a byte of it is unpacked.
MAX_FILES, MAX_BYTES = 20_000, 4 * 2**30
# Of one file in it; and no file may be this many times larger than it is packed, beyond the first megabyte.
MAX_FILE, MAX_RATIO = 256 * 2**20, 200
# A RuntimeError is zipfile's word for a password, and for a compression that it does not know.
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, EOFError)


def source_of(files: Sequence[Path], into: Path) -> Path:
    """Lay uploaded files out in a folder.

    Args:
        files: pictures, ZIPs and CSVs. into: an empty folder.

    Returns:
        the CSV where there is one, else the folder.

    Raises:
        UsageError: something else was uploaded, a ZIP is damaged or too large, or there is more than one CSV.
    """
    for path in files:
        ending = path.suffix.lower()
        if ending == ".zip":
            _unpack(path, into)
        elif ending in SUFFIXES or ending in TABLES:
            shutil.copyfile(path, into / path.name)
        else:
            raise UsageError(f"“{path.name}” is neither a picture nor a ZIP nor a CSV; leave it out.")
    tables = sorted(path for path in into.rglob("*") if path.suffix.lower() in TABLES and path.is_file())
    if len(tables) > 1:
        raise UsageError(f"There is more than one CSV: “{tables[0].name}” and “{tables[1].name}”; add one at a time.")
    return tables[0] if tables else into


def _unpack(path: Path, into: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if _is_wanted(info)]
            if len(members) > MAX_FILES or sum(info.file_size for info in members) > MAX_BYTES:
                raise UsageError(f"“{path.name}” holds more than fits here; split it, or use the command line.")
            for info in members:
                if info.file_size > MAX_FILE or info.file_size > 2**20 + MAX_RATIO * info.compress_size:
                    raise UsageError(f"“{path.name}” holds a file that is too large: “{info.filename}”.")
                _extract(archive, info, into)
    except (*_DAMAGED, OSError) as error:
        # bz2 tells damage by an OSError without a number; one with a number is about this machine, not about the file.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise UsageError(f"“{path.name}” cannot be unpacked; pack it again without a password.") from error


def _is_wanted(info: zipfile.ZipInfo) -> bool:
    name = PurePosixPath(info.filename.replace("\\", "/"))
    if info.is_dir() or name.is_absolute() or ".." in name.parts or ":" in name.parts[0]:
        return False
    # What macOS and Windows put beside the pictures is not meant.
    hidden = any(part.startswith((".", "__MACOSX")) for part in name.parts)
    return not hidden and name.suffix.lower() in (*SUFFIXES, *TABLES)


def _extract(archive: zipfile.ZipFile, info: zipfile.ZipInfo, into: Path) -> None:
    target = into.joinpath(*PurePosixPath(info.filename.replace("\\", "/")).parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    left = info.file_size
    with archive.open(info) as packed, target.open("wb") as file:
        # The directory of a ZIP may lie about sizes.
        while chunk := packed.read(min(2**20, left + 1)):
            left -= len(chunk)
            if left < 0:
                raise zipfile.BadZipFile(info.filename)
            file.write(chunk)
