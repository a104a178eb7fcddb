"""Which weights there are: the bundled ones, read from the registry that the training code writes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ModelMissing
from pipeline.settings import Settings

SLOTS = ("cutout", "pieces", "embeddings")
REGISTRY = "registry.json"
# How the bundled models are read.
FORMS = {"cutout": "probability", "pieces": "yolo", "embeddings": "open_clip"}
_REINSTALL = "get the file again from the repository (`git checkout -- assets/models`)"


@dataclass(frozen=True)
class Model:
    """What a stage is loaded from.

    path: a file, or the folder of a model made of several. name: what results and indexes call it, with what tells
    these very weights from others. form: how it is read. source: bundled, hub or local.
    note: a sentence for whoever looks at the results, where the choice was not theirs.
    """

    slot: str
    path: Path
    name: str
    form: str
    source: str = "bundled"
    note: str = ""


@dataclass(frozen=True)
class WeightFile:
    """One file of a model: path relative to the models' folder, sha256 in hex, size in bytes."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True)
class WeightSpec:
    """One choice for a model slot. slot: cutout, pieces or embeddings."""

    slot: str
    name: str
    licence: str
    files: tuple[WeightFile, ...]
    dimension: int | None = None

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)

    @property
    def identity(self) -> str:
        """The name and what tells these very weights from others of that name: `matte-1@1a2b3c4d`."""
        weights = max(self.files, key=lambda file: file.size)
        return f"{self.name}@{weights.sha256[:8]}"

    def locate(self, models: Path) -> Path:
        """The model's file, or the folder of a model made of several files.

        Raises:
            ModelMissing: a file is absent or has another size than the registry says.
        """
        for file in self.files:
            path = models / file.path
            if not path.is_file() or path.stat().st_size != file.size:
                raise ModelMissing(f"The weights “{file.path}” are missing or cut off; {_REINSTALL}.")
        first = models / self.files[0].path
        return first if len(self.files) == 1 else first.parent

    def check(self, models: Path) -> None:
        """Compare every file with its sha256.

        Raises:
            ModelMissing: naming the first file that is absent or differs.
        """
        self.locate(models)
        for file in self.files:
            if hashlib.sha256((models / file.path).read_bytes()).hexdigest() != file.sha256:
                raise ModelMissing(f"The weights “{file.path}” are damaged (another sha256); {_REINSTALL}.")


def bundled(models: Path) -> dict[str, WeightSpec]:
    """The bundled model of each slot, by slot.

    Raises:
        ModelMissing: the registry is absent or cannot be read.
    """
    try:
        registry = json.loads((models / REGISTRY).read_text())
        return {slot: _spec(slot, entry) for slot, entry in registry.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelMissing(f"The registry of bundled weights cannot be read; {_REINSTALL}.") from error


def bundled_model(slot: str, settings: Settings) -> Model:
    """The bundled model of a slot.

    Raises:
        ModelMissing: the registry or a file of the model is absent.
    """
    registry = bundled(settings.models)
    if slot not in registry:
        raise ModelMissing(f"The registry of bundled weights has no model for “{slot}”; {_REINSTALL}.")
    spec = registry[slot]
    return Model(slot, spec.locate(settings.models), spec.identity, FORMS[slot])


def _spec(slot: str, entry: dict) -> WeightSpec:
    if "files" in entry:
        files = {f"{entry['folder']}/{name}": facts for name, facts in entry["files"].items()}
    else:
        files = {entry["file"]: entry}
    return WeightSpec(
        slot=slot,
        name=entry["name"],
        licence=entry["licence"],
        files=tuple(WeightFile(path, facts["sha256"], facts["bytes"]) for path, facts in files.items()),
        dimension=entry.get("dimension"),
    )
