"""Train the embedder: a small open_clip model with an image and a text tower.

`python -m pipeline.training.embedder --data DIR --out assets/models`
"""

import json
import math
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, WeightedRandomSampler
from tqdm import tqdm

from pipeline import towers
from pipeline.training.embedder_config import DIMENSION, VOCABULARY, config, tokenizer, write_vocabulary
from pipeline.training.embedder_data import Piece, Views, all_pieces
from pipeline.training.embedder_loss import EmbedderLoss, class_of
from pipeline.training.embedder_text import caption
from pipeline.training.running import Curves, load_checkpoint, save_checkpoint, seed_everything, warm_cosine

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


def start_backbone(model: Any, weights: Path) -> None:
    """Take the image tower's backbone from a YOLOv8n(-seg) checkpoint on this machine."""
    from ultralytics.nn.tasks import load_checkpoint as load_yolo

    yolo, _ = load_yolo(weights)
    state = {
        key.removeprefix("model."): value
        for key, value in yolo.float().state_dict().items()
        if int(key.split(".")[1]) < 10
    }
    model.visual.trunk.backbone.load_state_dict(state)


def keep_finest(model: Any) -> None:
    """Leave the backbone's finest layers as they are."""
    # Edges and colours are known by then; going back through the finest layers would cost a third of each step.
    model.visual.trunk.backbone[:KEPT_LAYERS].requires_grad_(False)


def sampling_weights(pieces: list[Piece]) -> list[float]:
    """Rare classes and rare colours of a source come more often, by the square root."""
    classes = Counter((class_of(p), p.source) for p in pieces)
    colours = Counter((p.colour, p.source) for p in pieces)
    return [1 / math.sqrt(classes[class_of(p), p.source] * math.sqrt(colours[p.colour, p.source])) for p in pieces]


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
        pictures = views.transpose(0, 1).flatten(0, 1).to(device, memory_format=torch.channels_last)
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
    data: Annotated[Path, typer.Option(help="Folder with clothing-co-parsing/ and clothing-dataset/.")],
    out: Annotated[Path, typer.Option(help="Folder of the bundled models; needs cutout.onnx.")] = Path("assets/models"),
    catalogue: Annotated[Path, typer.Option(help="Folder with items.csv; may be absent.")] = Path("assets/catalogue"),
    epochs: Annotated[int, typer.Option(help="Passes of --samples garments each.")] = 16,
    samples: Annotated[int, typer.Option(help="Garments an epoch, two views each.")] = 4096,
    batch: Annotated[int, typer.Option(help="Garments a step.")] = 96,
    rate: Annotated[float, typer.Option(help="Peak learning rate; the backbone has half of it.")] = 1.5e-3,
    start: Annotated[Path | None, typer.Option(help="YOLOv8n checkpoint whose backbone to begin from.")] = None,
    run: Annotated[Path, typer.Option(help="Where checkpoints and curves go.")] = Path("runs/embedder"),
    cache: Annotated[Path, typer.Option(help="Where decoded data is kept.")] = Path(".cache/training"),
    resume: Annotated[bool, typer.Option(help="Go on from the run's last epoch.")] = False,
    seed: Annotated[int, typer.Option()] = 0,
    device: Annotated[str, typer.Option(help="Only 'cpu' has been tried.")] = "cpu",
    workers: Annotated[int, typer.Option(help="Processes that prepare pictures.")] = 1,
) -> None:
    """Train both towers on garments at home, on the street and in the catalogue; then measure and export them."""
    from pipeline.training.embedder_export import export
    from pipeline.training.embedder_measure import quick_score
    from pipeline.training.matte_export import CutoutModel

    seed_everything(seed)
    everything = all_pieces(data, cache, CutoutModel(out / "cutout.onnx", threads=2), catalogue)
    pieces = [p for p in everything if not p.held_out]
    model = build_model(run).to(device, memory_format=torch.channels_last)
    state = load_checkpoint(run) if resume else {}
    started = state.get("started", start is not None)
    if start and not state:
        start_backbone(model, start)
    if started:
        keep_finest(model)
    loss = EmbedderLoss(DIMENSION)
    words = tokenizer(write_vocabulary(run / VOCABULARY))
    sampler = WeightedRandomSampler(sampling_weights(pieces), samples, replacement=True)
    loader = DataLoader(Views(pieces), batch, sampler=sampler, num_workers=workers, drop_last=True)
    backbone = list(model.visual.trunk.backbone[KEPT_LAYERS:].parameters())
    known = {id(p) for p in backbone}
    learning = [p for p in (*model.parameters(), *loss.parameters()) if p.requires_grad]
    fresh = [p for p in learning if id(p) not in known]
    groups = [{"params": backbone, "lr": rate / 2 if started else rate}, {"params": fresh, "lr": rate}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.03)
    schedule = warm_cosine(optimiser, epochs * len(loader))
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.99), use_buffers=True)
    parts: dict[str, Any] = {"model": model, "average": average, "loss": loss}
    parts |= {"optimiser": optimiser, "schedule": schedule}
    for name in parts if state else ():
        parts[name].load_state_dict(state[name])
    curves = Curves(run, resume)
    for epoch in range(state.get("epoch", -1) + 1, epochs):
        rng = np.random.default_rng([seed, epoch])
        losses = train_epoch(
            model, average, loss, loader, words, optimiser, schedule, rng, f"epoch {epoch + 1}/{epochs}"
        )
        score = quick_score(average.module, everything)
        save_checkpoint(
            run, {name: part.state_dict() for name, part in parts.items()} | {"epoch": epoch, "started": started}
        )
        curves.add({"epoch": epoch + 1, **{f"loss: {name}": value for name, value in losses.items()}, **score})
        typer.echo(f"epoch {epoch + 1}: {losses} {score}", err=True)
    recipe = {"epochs": epochs, "samples": samples, "batch": batch, "rate": rate, "seed": seed}
    export(average.module, words, out, everything, recipe)


if __name__ == "__main__":
    typer.run(train)
