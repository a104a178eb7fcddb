"""Train the cut-out model: a small matting net that rembg's `u2net_custom` session runs.

`python -m pipeline.training.matte --data DIR --out assets/models`
"""

import sys
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from torch import nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader
from tqdm import tqdm

from pipeline.cutout import MEAN, STD, finished, squash
from pipeline.errors import UsageError
from pipeline.training import options
from pipeline.training.datasets import MOST, DataUnreadable, TrainingData, read_streets
from pipeline.training.exporting import runs_of
from pipeline.training.matte_data import (
    SIDE,
    MatteScenes,
    Sample,
    held_out_pictures,
    home_garments,
    home_grounds,
    rendered_garments,
    scored,
)
from pipeline.training.running import (
    Curves,
    board,
    command,
    load_checkpoint,
    save_checkpoint,
    seed_everything,
    warm_cosine,
)
from pipeline.training.thawing import thaw

# Pictures that give the normalisations' statistics when training goes on from an exported file.
THAWED_ON = 256


class Matte(nn.Module):
    """YOLOv8n's backbone with a light decoder.

    Input (N, 3, S, S) float32, RGB divided by the picture's maximum, then normalised by ImageNet's mean and deviation;
    output (N, 1, S, S), the probability 0..1 that a pixel belongs to the foreground. S: a multiple of 32.
    """

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self) -> None:
        from ultralytics.nn.modules import Conv
        from ultralytics.nn.tasks import SegmentationModel

        super().__init__()
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1))
        layers: Any = SegmentationModel("yolov8n-seg.yaml", nc=1, verbose=False).model
        self.encoder: nn.Sequential = layers[:10]
        self.join8 = Conv(256 + 128, 96, 3)
        self.join4 = Conv(96 + 64, 64, 3)
        self.join2 = Conv(64 + 32, 40, 3)
        self.join1 = Conv(40 + 16, 24, 3)
        self.last = nn.Conv2d(24, 1, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.logits(x * self.std + self.mean).sigmoid()

    def logits(self, pixels: torch.Tensor) -> torch.Tensor:
        """(N, 3, S, S) float32 RGB in 0..1 -> (N, 1, S, S) logits."""
        kept, x = [], pixels
        for place, layer in enumerate(self.encoder):
            x = layer(x)
            if place in (0, 2, 4, 6):
                kept.append(x)
        for join, skip in zip((self.join8, self.join4, self.join2, self.join1), reversed(kept), strict=True):
            x = join(torch.cat([functional.interpolate(x, scale_factor=2.0, mode="nearest"), skip], 1))
        return functional.interpolate(self.last(x), scale_factor=2.0, mode="bilinear", align_corners=False)

    def start_from(self, weights: Path) -> None:
        """Take the encoder's weights from a YOLOv8n(-seg) checkpoint on this machine."""
        from ultralytics.nn.tasks import load_checkpoint as load_yolo

        model: Any = load_yolo(weights)[0].float()
        self.encoder.load_state_dict(model.model[:10].state_dict())


def matte_loss(logits: torch.Tensor, alpha: torch.Tensor) -> torch.Tensor:
    """Cross-entropy, heavier along edges, plus soft IoU over each picture; (N, 1, H, W) both."""
    edge = functional.max_pool2d(alpha, 7, 1, 3) + functional.max_pool2d(-alpha, 7, 1, 3)
    entropy = functional.binary_cross_entropy_with_logits(logits, alpha, weight=1 + 2 * edge)
    found = logits.sigmoid()
    both, either = (found * alpha).sum((1, 2, 3)), (found + alpha - found * alpha).sum((1, 2, 3))
    # The constant keeps empty pictures calm: their IoU term falls only with the area wrongly found.
    return entropy + (1 - (both + 500) / (either + 500)).mean()


@torch.no_grad()
def evaluate(model: Any, pictures: list[Sample], batch: int = 16) -> dict[str, float]:
    """`scored`, as the product runs the net: on a picture, squashed to SIDE pixels, and on its mirror image."""
    model.eval()
    device = next(model.parameters()).device
    found: list[np.ndarray] = []
    for start in range(0, len(pictures), batch):
        part = pictures[start : start + batch]
        pixels = torch.from_numpy(np.stack([squash(rgb, SIDE) for rgb, _ in part])).to(device)
        views = (model.logits(shown).sigmoid().cpu().numpy()[:, 0] for shown in (pixels, pixels.flip(3)))
        found += [finished(seen, mirror, rgb) for seen, mirror, (rgb, _) in zip(*views, part, strict=True)]
    return scored(found, pictures)


def train_epoch(
    model: Matte, average: AveragedModel, loader: DataLoader, optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler, title: str,
) -> float:  # fmt: skip
    """One pass over the loader; returns the mean loss."""
    model.train()
    total = 0.0
    device = next(model.parameters()).device
    for pixels, alpha in tqdm(loader, desc=title, mininterval=5):
        pixels, alpha = pixels.to(device), alpha.to(device)
        # bfloat16 in channels-last order more than doubles the speed of a CPU that has it; the loss stays float32.
        with torch.autocast(pixels.device.type, torch.bfloat16):
            logits = model.logits(pixels.to(memory_format=torch.channels_last))
        loss = matte_loss(logits.float(), alpha)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        average.update_parameters(model)
        total += loss.item()
    return total / len(loader)


def train(
    data: options.Data,
    out: options.Out = Path("assets/models"),
    epochs: options.Epochs = 12,
    samples: options.Samples = 1600,
    batch: Annotated[int, typer.Option(min=2, help="Pictures a step.")] = 16,
    rate: options.Rate = 2e-3,
    run_size: Annotated[
        int, typer.Option(min=32, help="Side in pixels at which the exported net runs: a multiple of 32.")
    ] = 384,
    start: Annotated[
        Path | None, typer.Option(help="Begin from a YOLOv8n checkpoint's backbone, or go on from a cutout.onnx.")
    ] = None,
    keep: options.Keep = 0.0,
    run: options.Run = Path("runs/matte"),
    cache: options.Cache = Path(".cache/training"),
    drapes: options.Drapes = Path("assets/drapes"),
    resume: options.Resume = False,
    seed: options.Seed = 0,
    device: options.Device = "cpu",
    workers: options.Workers = 1,
    format: options.Format = "auto",
    most: options.Most = MOST,
    tensorboard: options.TensorBoard = False,
) -> None:
    """Train the matting net on street photos, garments at home and made-up scenes; then export it.

    Sets whose masks are of garments alone teach it to leave out skin and hair.
    """
    from pipeline.training.matte_export import export

    if run_size % 32:
        raise UsageError(f"--run-size {run_size} is no multiple of 32; use {32 * round(run_size / 32)}.")
    frozen = start if start and start.suffix == ".onnx" else None
    if keep and not frozen:
        raise UsageError("--keep averages with the cutout.onnx that --start names; name one, or leave --keep out.")
    writer, sets = board(run, tensorboard), TrainingData(data, format, most)
    seed_everything(seed)
    model: Any = Matte().to(device).to(memory_format=torch.channels_last)
    homes = home_garments(sets, cache, "train", 1600, seed)
    streets, held_out = read_streets(sets, cache, "train"), held_out_pictures(sets, cache, seed=1)
    if not (len(streets) or homes) or not held_out:
        raise DataUnreadable(f"“{data}” has no masks to learn from and to measure on; add photos, or raise --most.")
    if samples < batch:
        raise UsageError(f"--samples {samples} is less than one --batch of {batch}; raise it, or lower --batch.")
    rendered = rendered_garments(drapes, drapes.with_name("catalogue"))
    grounds = home_grounds(sets, cache, 1200, seed)
    dataset = MatteScenes(streets, homes, samples, seed, rendered, grounds)
    loader = DataLoader(dataset, batch, shuffle=False, num_workers=workers, drop_last=True)
    if frozen:
        shown = [dataset[place][0] for place in range(THAWED_ON)]
        thaw(model, frozen, [(part - model.mean) / model.std for part in torch.stack(shown).split(batch)])
    elif start:
        model.start_from(start)
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.99), use_buffers=True)
    optimiser = torch.optim.AdamW(model.parameters(), rate, weight_decay=1e-2)
    schedule = warm_cosine(optimiser, epochs * len(loader))
    state = load_checkpoint(run) if resume else {}
    if state:
        for part, name in ((model, "model"), (average, "average"), (optimiser, "optimiser"), (schedule, "schedule")):
            part.load_state_dict(state[name])
    curves, watched = Curves(run, resume, writer), next(iter(held_out))
    for epoch in range(state.get("epoch", -1) + 1, epochs):
        dataset.epoch = epoch
        loss = train_epoch(model, average, loader, optimiser, schedule, f"epoch {epoch + 1}/{epochs}")
        quick = evaluate(average.module, held_out[watched])
        save_checkpoint(run, {
            "model": model.state_dict(), "average": average.state_dict(), "optimiser": optimiser.state_dict(),
            "schedule": schedule.state_dict(), "epoch": epoch,
        })  # fmt: skip
        curves.add({"epoch": epoch + 1, "loss": loss, f"{watched} IoU": quick["iou"]})
        typer.echo(f"epoch {epoch + 1}: loss {loss:.4f}, IoU on held-out {watched} {quick['iou']:.4f}", err=True)
    this = {"epochs": epochs, "samples": samples, "batch": batch, "rate": schedule.base_lrs[0], "seed": seed}
    if keep:
        this["averaged with the start"] = keep
    recipe: dict[str, Any] = {"runs": runs_of(start, "cutout", this), "homes": len(homes), "rendered": len(rendered)}
    recipe |= {"grounds": len(grounds), "kept": keep, "began": start}
    if not sets.bundled:
        recipe["sets"] = sets.card
    export(average.module, out, held_out, recipe, run_size)


if __name__ == "__main__":
    sys.exit(command(train))
