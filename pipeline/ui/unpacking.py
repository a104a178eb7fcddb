"""What was uploaded -> a folder or a CSV that `catalogue.add` can read, or the photos in it; ZIPs are taken apart."""

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


def photos_of(files: Sequence[Path], into: Path, most: int, most_bytes: int) -> list[tuple[str, Path]]:
    """Uploaded photos, and those in uploaded ZIPs, each with the name to show.

    Args:
        files: pictures and ZIPs. into: an empty folder for what is in the ZIPs. most, most_bytes: of all together.

    Raises:
        UsageError: something else was uploaded, a ZIP is damaged or too large, or these are too many.
    """
    photos: list[tuple[str, Path]] = []
    for n, path in enumerate(files):
        if path.suffix.lower() == ".zip":
            folder = into / str(n)
            folder.mkdir()
            _unpack(path, folder, most_bytes)
            inside = sorted(found for found in folder.rglob("*") if found.suffix.lower() in SUFFIXES)
            photos += [(found.relative_to(folder).as_posix(), found) for found in inside]
        elif path.suffix.lower() in SUFFIXES:
            photos.append((path.name, path))
        else:
            raise UsageError(f"“{path.name}” is neither a picture nor a ZIP; leave it out.")
    if len(photos) > most:
        raise UsageError(
            f"At most {most} photos are counted at once, and these are {len(photos)}; leave some out, or use the "
            "command line."
        )
    if sum(photo.stat().st_size for _, photo in photos) > most_bytes:
        raise UsageError(f"Together the photos are larger than {most_bytes >> 30} GB; choose fewer at once.")
    if not photos:
        raise UsageError("There is no photo in it; choose photos, or a ZIP of them.")
    return photos


def _unpack(path: Path, into: Path, most_bytes: int = MAX_BYTES) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if _is_wanted(info)]
            if len(members) > MAX_FILES or sum(info.file_size for info in members) > most_bytes:
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
