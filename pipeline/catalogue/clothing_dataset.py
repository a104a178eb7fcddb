"""The clothing dataset (A. Grigorev and contributors, CC0): photos of single garments, taken by many people at home."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path
from urllib.error import HTTPError

from pipeline.catalogue.sources import Source, read_source
from pipeline.catalogue.steps import Meter, Progress
from pipeline.download import digest_of, download
from pipeline.errors import ModelMissing, UsageError

CLOTHING_DATASET = "clothing-dataset"
# Pinned: what the listing says of the files' contents (git's own hashes) is what is accepted.
_COMMIT = "08b50460cf229fd852bb6c11564e0959f52578ca"
LISTING = f"https://api.github.com/repos/alexeygrigorev/clothing-dataset/git/trees/{_COMMIT}?recursive=1"
FILES = f"https://raw.githubusercontent.com/alexeygrigorev/clothing-dataset/{_COMMIT}"
# Few at a time, and patient: it is a free service.
_AT_ONCE = 4
_ATTEMPTS = 5
_PAUSE = 10.0
# Answers that mean: ask again later.
_LATER = (429, 500, 502, 503, 504)

# "Longsleeve" is a top (some are sweaters); labels that are no categories are left to be predicted.
CATEGORIES = {
    "T-Shirt": "t-shirt", "Longsleeve": "top", "Pants": "trousers", "Shoes": "shoes", "Shirt": "shirt",
    "Dress": "dress", "Outwear": "jacket", "Shorts": "shorts", "Hat": "hat", "Skirt": "skirt", "Polo": "polo",
    "Undershirt": "undershirt", "Blazer": "blazer", "Hoodie": "hoodie", "Body": "bodysuit", "Top": "top",
    "Blouse": "blouse", "Not sure": "", "Other": "", "Skip": "",
}  # fmt: skip


def clothing_dataset(folder: Path, progress: Progress | None = None, fetch: bool = True) -> Source:
    """The set as a source of a catalogue.

    Args:
        folder: where it is, in its own layout (`images.csv` and `images/`), or is to be fetched into. What is there
            already is not fetched again.
        fetch: whether to fetch what is missing.

    Raises:
        UsageError: it is not there, and is not to be fetched.
        ModelMissing: it cannot be fetched; what was fetched so far is kept.
    """
    if fetch:
        folder.mkdir(parents=True, exist_ok=True)
        _fetch(folder, Meter(progress))
    table = folder / "images.csv"
    if not table.is_file():
        raise UsageError(f"“{folder.name}” does not hold the clothing dataset: images.csv is missing.")
    source = read_source(table, CATEGORIES)
    items = (
        # The titles would be random numbers, and who sent a picture is nothing to filter by.
        replace(item, title="", attributes={"kids": "yes" if item.attributes.get("kids") == "True" else "no"})
        for item in source.items
    )
    return Source(CLOTHING_DATASET, source.root, tuple(items), tells=True)


def _fetch(folder: Path, meter: Meter) -> None:
    meter.tell("Listing")
    listing = folder / "listing.json"
    if not listing.is_file():
        _patiently(lambda: download(LISTING, listing, {}, lambda what, share: None))
    try:
        entries = json.loads(listing.read_text(encoding="utf-8"))["tree"]
        wanted = {e["path"]: (e["sha"], int(e["size"])) for e in entries if e["type"] == "blob" and _belongs(e["path"])}
    except (ValueError, KeyError, TypeError) as error:
        listing.unlink()
        raise ModelMissing("The list of the clothing dataset's files is damaged; run the command again.") from error
    (folder / "images").mkdir(exist_ok=True)
    missing = [path for path, (digest, size) in wanted.items() if not _is_there(folder / path, digest, size)]
    there, done = len(wanted) - len(missing), 0
    stop = threading.Event()

    def one(path: str) -> None:
        digest, _ = wanted[path]
        if not stop.is_set():
            url = f"{FILES}/{path}"
            _patiently(lambda: download(url, folder / path, {"git": digest}, lambda what, share: None))

    with ThreadPoolExecutor(_AT_ONCE, "fetch") as pool:
        try:
            for future in as_completed([pool.submit(one, path) for path in missing]):
                future.result()
                done += 1
                meter.tell("Fetching pictures", done, len(missing), there)
        finally:
            stop.set()


def _belongs(path: str) -> bool:
    name = Path(path)
    return path in ("images.csv", "LICENSE") or (str(name.parent) == "images" and name.suffix == ".jpg")


def _is_there(path: Path, digest: str, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size and digest_of(path, "git") == digest


def _patiently(fetch: Callable[[], None]) -> None:
    """Call `fetch` again where the server asks for patience."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return fetch()
        except ModelMissing as error:
            answer = error.__cause__
            if attempt == _ATTEMPTS or not isinstance(answer, HTTPError) or answer.code not in _LATER:
                raise
            asked = answer.headers.get("Retry-After", "")
            time.sleep(min(float(asked), 120.0) if asked.isdecimal() else _PAUSE * attempt)
