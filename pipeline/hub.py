"""Published models on this machine: found, fetched on request, pinned, checked.

Each model fetched lies in a folder of its own below `FASHION_CACHE`/models, with a lock file, written last, that says
which revision came and the sha256 of each file. What other programs put into Hugging Face's cache is found there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.download import Progress, digest_of, download
from pipeline.drafts import whole
from pipeline.environment import cache_home
from pipeline.errors import ModelMissing
from pipeline.published import FORMS, REMBG_RELEASES, Published, RemoteFile

LOCK = "lock.json"
_SHA256_DIGITS, _GIT_DIGITS = 64, 40


@dataclass(frozen=True)
class Held:
    """A published model on this machine.

    folder: where its files lie. form: how it is read. revision: which one came. digests: sha256 in hex, by file;
    empty where the file is pinned by the revision alone.
    """

    folder: Path
    form: str
    revision: str
    digests: Mapping[str, str]

    @property
    def weights(self) -> str:
        """The name of the file with the weights."""
        return next(name for name in self.digests if name.endswith((".onnx", ".pt", ".safetensors")))

    @property
    def path(self) -> Path:
        """The file of a model made of one, else its folder."""
        return self.folder / self.weights if len(self.digests) == 1 else self.folder

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum((self.folder / name).stat().st_size for name in self.digests)


@dataclass(frozen=True)
class _Offer:
    """What a server has: where, how many bytes, which digests by kind, and the headers to ask with."""

    path: str
    url: str
    size: int
    digests: Mapping[str, str]
    revision: str = ""
    headers: Mapping[str, str] | None = None


def fetch_command(model: Published) -> str:
    """The command that fetches it."""
    return f"python -m pipeline models fetch {model.name}" + (" --allow-pickle" if model.pickled else "")


def find(model: Published) -> Held | None:
    """The model if all of it is on this machine; nothing is downloaded, and nothing but names and sizes is read."""
    return _fetched(model) or _in_hub_cache(model)


def fetch(model: Published, tell: Progress) -> Held:
    """Download the model, or what of it is missing or damaged.

    Args:
        tell: called with what is being fetched and the share (0..1) of the whole model that is there.

    Raises:
        ModelMissing: no network, no such model, not the published content, or somebody else is fetching it.
    """
    folder = _folder(model)
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder, model):
        known = _read_lock(folder)
        revision = model.revision or known.get("revision", "")
        form, offers = _offers(model, revision)
        whole, done = sum(offer.size for offer in offers) or 1, 0
        for offer in offers:
            target = folder / offer.path
            target.parent.mkdir(parents=True, exist_ok=True)
            digests = {**offer.digests, **_locked(known, offer)}
            if not target.is_file() or any(digest_of(target, kind) != hexed for kind, hexed in digests.items()):

                def share(text: str, part: float, done: int = done, size: int = offer.size) -> None:
                    tell(text, (done + part * size) / whole)

                download(offer.url, target, digests, share, offer.size or None, offer.headers)
            done += offer.size
        files = {
            o.path: {"sha256": digest_of(folder / o.path, "sha256"), "bytes": (folder / o.path).stat().st_size}
            for o in offers
        }
        lock = {"name": model.name, "form": form, "repository": model.repository}
        _write_lock(folder, {**lock, "revision": offers[0].revision, "files": files})
    held = _fetched(model)
    assert held is not None
    return held


def check(model: Published, held: Held) -> None:
    """Compare every file with its sha256.

    Raises:
        ModelMissing: one differs; with the command that mends it.
    """
    for name, expected in held.digests.items():
        if expected and digest_of(held.folder / name, "sha256") != expected:
            raise ModelMissing(
                f"“{name}” of {model.name} is damaged (another sha256); fetch it again: `{fetch_command(model)}`."
            )


def fetched_names() -> list[str]:
    """The names of all models that were fetched, those that are not listed here included."""
    folders = sorted(_home().glob(f"*/{LOCK}"))
    return [name for name in (_read_lock(path.parent).get("name", "") for path in folders) if name]


def _home() -> Path:
    return cache_home() / "models"


def _folder(model: Published) -> Path:
    return _home() / model.name.replace(":", "--").replace("/", "--")


def _read_lock(folder: Path) -> dict:
    try:
        lock = json.loads((folder / LOCK).read_text())
    except (OSError, ValueError):
        return {}
    return lock if isinstance(lock, dict) else {}


def _write_lock(folder: Path, lock: dict) -> None:
    with whole(folder / LOCK) as draft:
        draft.write_text(json.dumps(lock, indent=2) + "\n")


def _locked(known: Mapping, offer: _Offer) -> dict[str, str]:
    """What came the first time must come again, of the same revision."""
    if known.get("revision") != offer.revision or offer.path not in known.get("files", {}):
        return {}
    return {"sha256": known["files"][offer.path]["sha256"]}


def _fetched(model: Published) -> Held | None:
    folder = _folder(model)
    lock = _read_lock(folder)
    files = lock.get("files", {})
    pinned = {file.path: file.digest for file in model.files if file.digest}
    for name, facts in files.items():
        path = folder / name
        if not path.is_file() or path.stat().st_size != facts["bytes"]:
            return None
        if pinned.get(name, facts["sha256"]) != facts["sha256"]:
            return None
    if not files:
        return None
    return Held(folder, lock["form"], lock["revision"], {name: facts["sha256"] for name, facts in files.items()})


def _in_hub_cache(model: Published) -> Held | None:
    """A listed model in Hugging Face's cache, where a Space preloads it. The names of its blobs are their sha256."""
    if not (model.repository and model.files and model.weights.digest):
        return None
    from huggingface_hub import try_to_load_from_cache

    for revision in (model.revision, "main"):
        found = {f.path: try_to_load_from_cache(model.repository, f.path, revision=revision) for f in model.files}
        paths = {name: Path(path) for name, path in found.items() if isinstance(path, str)}
        if len(paths) == len(model.files) and paths[model.weights.path].resolve().name == model.weights.digest:
            folder = paths[model.weights.path].parent
            return Held(folder, model.form, folder.name, {file.path: file.digest for file in model.files})
    return None


@contextmanager
def _alone(folder: Path, model: Published) -> Iterator[None]:
    try:
        with FileLock(folder / ".fetching", timeout=0):
            yield
    except Timeout as error:
        raise ModelMissing(f"{model.name} is being fetched by another process; wait until it is done.") from error


def _offers(model: Published, revision: str) -> tuple[str, Sequence[_Offer]]:
    """The form of the model, and what the server has of each of its files."""
    if not model.repository:
        mirror = os.environ.get("FASHION_REMBG_MIRROR", REMBG_RELEASES).rstrip("/")
        return model.form, [
            _Offer(file.path, file.url.replace(REMBG_RELEASES, mirror), file.size, {"sha256": file.digest})
            for file in model.files
        ]
    forms = {model.form: model.files} if model.files else FORMS
    for form, files in forms.items():
        first = _offer(model, replace(files[0], optional=not model.files), revision)
        if first is None:
            continue
        rest = [_offer(model, file, first.revision) for file in files[1:]]
        return form, [first, *(offer for offer in rest if offer is not None)]
    raise ModelMissing(
        f"“{model.repository}” is no embedder: it has neither an open_clip_config.json nor a config.json."
    )


def _offer(model: Published, file: RemoteFile, revision: str) -> _Offer | None:
    """What the hub says of a file without sending it; None where it is absent and may be."""
    from huggingface_hub import get_hf_file_metadata, get_token, hf_hub_url
    from huggingface_hub.errors import EntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError

    url = hf_hub_url(model.repository, file.path, revision=revision or "main")
    try:
        facts = get_hf_file_metadata(url)
    except EntryNotFoundError as error:
        if file.optional:
            return None
        raise ModelMissing(f"“{model.repository}” has no file “{file.path}”; check the name.") from error
    except (RepositoryNotFoundError, RevisionNotFoundError) as error:
        raise ModelMissing(
            f"“{model.repository}” does not exist on the hub, not in this revision, or may be read with an account "
            "only; check its name, or log in with `hf auth login`."
        ) from error
    except Exception as error:  # whatever the library's HTTP client raises: it changes with its versions
        raise ModelMissing(
            f"“{model.name}” cannot be fetched: {url.split('/')[2]} cannot be reached; "
            "check the network connection and try again."
        ) from error
    digests = {"sha256": file.digest} if file.digest else {}
    etag = facts.etag or ""
    if len(etag) == _SHA256_DIGITS:
        if file.digest and etag != file.digest:
            raise ModelMissing(
                f"The hub offers another “{file.path}” of {model.name} than the one published; nothing was fetched."
            )
        digests["sha256"] = etag
    elif len(etag) == _GIT_DIGITS:
        digests["git"] = etag
    # The token is for the hub alone, not for the store that it points to.
    token = get_token() if facts.location == url else None
    headers = {"Authorization": f"Bearer {token}"} if token else None
    return _Offer(file.path, facts.location, facts.size or file.size, digests, facts.commit_hash or revision, headers)
