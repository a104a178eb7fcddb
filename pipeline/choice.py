"""Which model takes a slot: what the settings ask for, what is on this machine, what made the index."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from pipeline import hub
from pipeline.download import digest_of
from pipeline.errors import ModelMissing, UsageError
from pipeline.published import HUB_CHOICE, PREFERRED, PUBLISHED, Published, from_hub, published
from pipeline.settings import DEMO_INDEX, Settings
from pipeline.weights import Model, bundled_model

VARIABLES = {"cutout": "FASHION_CUTOUT", "pieces": "FASHION_PIECES", "embeddings": "FASHION_EMBEDDINGS"}
_SUFFIXES = {"cutout": (".onnx",), "pieces": (".onnx", ".pt")}
# How weights of one's own are read.
_OWN_FORMS = {"cutout": "u2net_custom", "pieces": "yolo"}


def choose(slot: str, settings: Settings) -> Model:
    """The model of a slot.

    A slot's own setting goes first; then `FASHION_MODELS`. Under `auto` an index of one's own is answered by the
    embedder that made it, if it is here, and the demo catalogue by FashionCLIP if that is here; all else is bundled.

    Raises:
        ModelMissing: the model asked for is not on this machine, or damaged; with the command that fetches it.
        UsageError: the setting names nothing that can be a model of this slot.
    """
    wanted = {"cutout": settings.cutout, "pieces": settings.pieces, "embeddings": settings.embeddings}[slot]
    if wanted:
        return _named(slot, wanted, settings)
    if settings.source == "hub" and slot in HUB_CHOICE:
        return _named(slot, HUB_CHOICE[slot], settings)
    if settings.source == "auto" and slot == "embeddings":
        return _automatic_embedder(settings)
    return bundled_model(slot, settings)


def held_model(slot: str, spec: Published, held: hub.Held) -> Model:
    """A published model on this machine as a stage takes it."""
    form = _OWN_FORMS[slot] if held.form == "onnx" else held.form
    return Model(slot, held.path, f"{spec.name}@{held.digests[held.weights][:8]}", form, source="hub")


def _named(slot: str, wanted: str, settings: Settings) -> Model:
    if wanted == "bundled":
        return bundled_model(slot, settings)
    spec = published(wanted) or from_hub(wanted)
    if spec is None:
        return _local(slot, Path(wanted).expanduser())
    if spec.slot not in (slot, ""):
        raise UsageError(f"{VARIABLES[slot]} names {spec.name}, which is a model for {spec.slot}. {_choices(slot)}")
    held = hub.find(spec)
    if held is None:
        raise ModelMissing(f"{spec.name} is not on this machine; fetch it with `{hub.fetch_command(spec)}`.")
    return held_model(slot, spec, held)


def _local(slot: str, path: Path) -> Model:
    """Weights of one's own, at a path."""
    if slot == "embeddings":
        weights = next(iter(sorted(path.glob("*.safetensors"))), None) if path.is_dir() else None
        form = "open_clip" if (path / "open_clip_config.json").is_file() else "huggingface"
    else:
        weights = path if path.is_file() and path.suffix in _SUFFIXES[slot] else None
        form = _OWN_FORMS[slot]
    if weights is None:
        kind = "a folder with safetensors" if slot == "embeddings" else f"a file {' or '.join(_SUFFIXES[slot])}"
        raise UsageError(
            f"{VARIABLES[slot]} names “{path}”, which is neither a model's name nor {kind}. {_choices(slot)}"
        )
    return Model(slot, path, f"{path.stem}@{digest_of(weights, 'sha256')[:8]}", form, source="local")


def _choices(slot: str) -> str:
    return f"Choose one of: bundled, {', '.join(p.name for p in PUBLISHED if p.slot == slot)}."


def for_changing(settings: Settings) -> Settings:
    """The same settings for whoever changes the index: under `auto` its own embedder goes on, the demo's, too."""
    if settings.source != "auto" or settings.embeddings:
        return settings
    maker = _maker(settings.index)
    if maker == bundled_model("embeddings", settings).name:
        return replace(settings, embeddings="bundled")
    name = next((name for name, model in _embedders_here().items() if model.name == maker), "")
    return replace(settings, embeddings=name)


def _embedders_here() -> dict[str, Model]:
    ours = [spec for spec in PUBLISHED if spec.slot == "embeddings"]
    return {spec.name: held_model("embeddings", spec, held) for spec in ours if (held := hub.find(spec))}


def _automatic_embedder(settings: Settings) -> Model:
    if settings.index.resolve() != DEMO_INDEX:
        own = for_changing(settings)
        if own.embeddings:
            return _named("embeddings", own.embeddings, settings)
    here = _embedders_here()
    if PREFERRED in here:
        return here[PREFERRED]
    note = "The bundled embedder answers: FashionCLIP is not on this machine."
    return replace(bundled_model("embeddings", settings), note=note)


def _maker(index: Path) -> str | None:
    """The embedder that made an index, None where there is no index yet."""
    try:
        return str(json.loads((index / "manifest.json").read_text())["embedder"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
