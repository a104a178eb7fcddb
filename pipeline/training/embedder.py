"""Train the embedder: a small open_clip model with an image and a text tower.

`python -m pipeline.training.embedder --data DIR --out assets/models`
"""

import json
import math
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from safetensors.torch import load_file
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader
from tqdm import tqdm

from pipeline import towers
from pipeline.errors import UsageError
from pipeline.training import options
from pipeline.training.datasets import MOST, DataUnreadable, TrainingData
from pipeline.training.embedder_config import DIMENSION, VOCABULARY, WEIGHTS, config, tokenizer, write_vocabulary
from pipeline.training.embedder_data import Piece, all_pieces
from pipeline.training.embedder_loss import EmbedderLoss, MetricLoss, class_of
from pipeline.training.embedder_text import caption
from pipeline.training.embedder_views import Mixed, Views, varied
from pipeline.training.exporting import runs_of
from pipeline.training.running import (
    Curves,
    board,
    command,
    load_checkpoint,
    need_cutout,
    save_checkpoint,
    seed_everything,
    warm_cosine,
)

KEPT_LAYERS = 3


def build_model(folder: Path) -> Any:
    """Build the untrained open_clip model of `embedder_config`; `folder` keeps its configuration for open_clip."""
    import open_clip

    towers.register()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "fashion-clip-mini.json"
    path.write_text(json.dumps(config()["model_cfg"]))
    open_clip.add_model_config(path)
    return open_clip.create_model(path.stem, load_weights=False)


def start_from(model: Any, weights: Path) -> None:
    """Go on from a bundled embedder's folder, or take the backbone of a YOLOv8n(-seg) checkpoint on this machine."""
    if weights.is_dir():
        model.load_state_dict(load_file(weights / WEIGHTS))
        return
    from ultralytics.nn.tasks import load_checkpoint as load_yolo

    yolo, _ = load_yolo(weights)
    state = {
        key.removeprefix("model."): value
        for key, value in yolo.float().state_dict().items()
        if int(key.split(".")[1]) < 10
    }
    model.visual.trunk.backbone.load_state_dict(state)


def blend(model: Any, folder: Path, share: float) -> None:
    """Make every weight the mean of the model's own and of those in an embedder's folder, which count `share`."""
    others = load_file(folder / WEIGHTS)
    for name, weights in model.state_dict().items():
        if weights.is_floating_point():
            weights.lerp_(others[name].to(weights), share)


def keep_finest(model: Any) -> None:
    """Leave the backbone's finest layers as they are."""
    # Edges and colours are known by then; going back through the finest layers would cost a third of each step.
    model.visual.trunk.backbone[:KEPT_LAYERS].requires_grad_(False)


def sampling_weights(pieces: list[Piece]) -> list[float]:
    """Rare classes and rare colours of a source come more often, by the square root."""
    classes = Counter((class_of(p), p.source) for p in pieces)
    colours = Counter((p.colour, p.source) for p in pieces)
    looks = Counter(p.garment for p in pieces)
    return [
        1 / looks[p.garment] / math.sqrt(classes[class_of(p), p.source] * math.sqrt(colours[p.colour, p.source]))
        for p in pieces
    ]


def train_epoch(
    model: Any, average: AveragedModel, loss: EmbedderLoss, loader: DataLoader, words: Any, optimiser: Any,
    schedule: Any, rng: np.random.Generator, title: str,
) -> dict[str, float]:  # fmt: skip
    """One pass; returns the mean of each part of the loss."""
    model.train()
    device = next(model.parameters()).device
    pieces: list[Piece] = loader.dataset.pieces  # type: ignore[attr-defined]
    totals: Counter[str] = Counter()
    for views, places in tqdm(loader, desc=title, mininterval=5):
        batch = [pieces[i] for i in places.tolist()]
        captions = [caption(piece, rng) for piece in batch]
        pictures = varied(views.transpose(0, 1).flatten(0, 1)).to(device, memory_format=torch.channels_last)
        with torch.autocast(device.type, torch.bfloat16):
            found = model.encode_image(pictures)
            texts = model.encode_text(words([c.text for c in captions]).to(device))
        units = nn.functional.normalize(found.float(), dim=1).unflatten(0, (2, -1)).cpu()
        text_units = nn.functional.normalize(texts.float(), dim=1).cpu()
        parts = loss(units, text_units, model.logit_scale.exp().cpu(), batch, captions)
        optimiser.zero_grad(set_to_none=True)
        sum(parts.values()).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimiser.step()
        schedule.step()
        with torch.no_grad():
            model.logit_scale.clamp_(0, math.log(50))
        average.update_parameters(model)
        totals.update({name: part.item() for name, part in parts.items()})
    return {name: total / len(loader) for name, total in totals.items()}


def train(
    data: options.Data,
    out: options.Out = Path("assets/models"),
    catalogue: Annotated[Path, typer.Option(help="Folder with items.csv; may be absent.")] = Path("assets/catalogue"),
    epochs: options.Epochs = 16,
    samples: options.Samples = 4096,
    batch: Annotated[int, typer.Option(min=2, help="Garments a step, two views each.")] = 96,
    rate: options.Rate = 1.5e-3,
    start: Annotated[
        Path | None,
        typer.Option(help="Begin from a YOLOv8n checkpoint's backbone, or go on from an embedder's folder."),
    ] = None,
    keep: options.Keep = 0.0,
    run: options.Run = Path("runs/embedder"),
    cache: options.Cache = Path(".cache/training"),
    drapes: options.Drapes = Path("assets/drapes"),
    resume: options.Resume = False,
    seed: options.Seed = 0,
    device: options.Device = "cpu",
    workers: options.Workers = 1,
    format: options.Format = "auto",
    # Every garment is kept in memory: about a megabyte for a photo with several.
    most: options.Most = MOST // 2,
    loss: Annotated[
        MetricLoss, typer.Option(help="Pulls like garments together: supervised contrastive, or mined triplets.")
    ] = "supcon",
    tensorboard: options.TensorBoard = False,
) -> None:
    """Train both towers on garments at home, on the street and in the catalogue; then measure and export them.

    --out must hold cutout.onnx; its pieces.onnx outlines garments on the photos that have tags only. The classifier of
    categories that is trained along is measured, too: categories.json, confusion.csv and confusion.png in --run.
    """
    from pipeline.training.embedder_categories import report_categories
    from pipeline.training.embedder_export import export
    from pipeline.training.embedder_measure import embed, quick_score
    from pipeline.training.matte_export import CutoutModel
    from pipeline.training.tagged import outliner

    if keep and not (start and start.is_dir()):
        raise UsageError(
            "--keep averages with the embedder's folder that --start names; name one, or leave --keep out."
        )
    writer, sets, cutout = board(run, tensorboard), TrainingData(data, format, most), need_cutout(out)
    seed_everything(seed)
    known = all_pieces(
        sets, cache, CutoutModel(cutout, torch.get_num_threads()), catalogue, drapes, outliner(out / "pieces.onnx")
    )
    pieces = [p for p in known if not p.held_out]
    everything = [p for p in known if not p.extra]
    kept_back = [p for p in everything if p.held_out]
    if not pieces or len(kept_back) < 2:
        raise DataUnreadable(
            f"“{data}” gives {len(pieces)} pictures to learn from and {len(kept_back)} to measure on; add some, or "
            "raise --most."
        )
    if samples < batch:
        raise UsageError(f"--samples {samples} is less than one --batch of {batch}; raise it, or lower --batch.")
    model = build_model(run).to(device, memory_format=torch.channels_last)
    state = load_checkpoint(run) if resume else {}
    started = state.get("started", start is not None)
    if start and not state:
        start_from(model, start)
    if started:
        keep_finest(model)
    if state and state.get("metric", "supcon") != loss:
        raise UsageError(f"“{run}” was trained with --loss {state.get('metric', 'supcon')}; resume it with that one.")
    goal = EmbedderLoss(DIMENSION, loss)
    words = tokenizer(write_vocabulary(run / VOCABULARY))
    mixed = Mixed(pieces, sampling_weights(pieces), batch, samples)
    loader = DataLoader(Views(pieces), batch_sampler=mixed, num_workers=workers)
    backbone = list(model.visual.trunk.backbone[KEPT_LAYERS:].parameters())
    old = {id(p) for p in backbone}
    learning = [p for p in (*model.parameters(), *goal.parameters()) if p.requires_grad]
    fresh = [p for p in learning if id(p) not in old]
    groups = [{"params": backbone, "lr": rate / 2 if started else rate}, {"params": fresh, "lr": rate}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.1)
    schedule = warm_cosine(optimiser, epochs * len(loader))
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.99), use_buffers=True)
    parts: dict[str, Any] = {"model": model, "average": average, "loss": goal}
    parts |= {"optimiser": optimiser, "schedule": schedule}
    for name in parts if state else ():
        parts[name].load_state_dict(state[name])
    curves = Curves(run, resume, writer)
    for epoch in range(state.get("epoch", -1) + 1, epochs):
        rng = np.random.default_rng([seed, epoch])
        losses = train_epoch(
            model, average, goal, loader, words, optimiser, schedule, rng, f"epoch {epoch + 1}/{epochs}"
        )
        score = quick_score(average.module, everything, goal.teacher)
        save_checkpoint(
            run,
            {name: part.state_dict() for name, part in parts.items()}
            | {"epoch": epoch, "started": started, "metric": loss},
        )
        curves.add({"epoch": epoch + 1, **{f"loss: {name}": value for name, value in losses.items()}, **score})
        typer.echo(f"epoch {epoch + 1}: {losses} {score}", err=True)
    this = {"epochs": epochs, "samples": samples, "batch": batch, "rate": schedule.base_lrs[-1], "seed": seed}
    if keep and start:
        blend(average.module, start, keep)
        this["averaged with the start"] = keep
    recipe: dict[str, Any] = {"runs": runs_of(start, "embeddings", this), "sets": sets.card}
    recipe["metric"] = "supervised contrastive losses" if loss == "supcon" else "triplets with semi-hard negatives"
    recipe["categories"] = report_categories(goal.teacher, kept_back, embed(average.module, kept_back), run)
    photos = [p for p in known if p.held_out and p.source == "draped"]
    export(average.module, words, out, everything, recipe, photos)


if __name__ == "__main__":
    sys.exit(command(train))
