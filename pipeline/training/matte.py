"""Train the cut-out model: a small matting net that rembg's `u2net_custom` session runs.

`python -m pipeline.training.matte --data DIR --out assets/models`
"""

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

from pipeline.training.datasets import read_streets
from pipeline.training.matte_data import MatteScenes, Sample, held_out_pictures, home_garments, squash
from pipeline.training.running import Curves, load_checkpoint, save_checkpoint, seed_everything, warm_cosine

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Matte(nn.Module):
    """YOLOv8n's backbone with a light decoder.

    Input (N, 3, 320, 320) float32, RGB divided by the picture's maximum, then normalised by ImageNet's mean and
    deviation; output (N, 1, 320, 320), the probability 0..1 that a pixel belongs to the foreground.
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
        """(N, 3, 320, 320) float32 RGB in 0..1 -> (N, 1, 320, 320) logits."""
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
    """Mean IoU at one half over pictures (1 for a rightly empty one), and the share of pixels called foreground."""
    model.eval()
    device = next(model.parameters()).device
    ious, shares = [], []
    for start in range(0, len(pictures), batch):
        part = pictures[start : start + batch]
        found = model.logits(torch.from_numpy(np.stack([squash(rgb) for rgb, _ in part])).to(device)).cpu()
        for logits, (_, mask) in zip(found, part, strict=True):
            full = functional.interpolate(logits[None], mask.shape, mode="bilinear")[0, 0].numpy() > 0
            either = (full | mask).sum()
            ious.append((full & mask).sum() / either if either else 1.0)
            shares.append(full.mean())
    return {"iou": float(np.mean(ious)), "foreground": float(np.mean(shares))}


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
    data: Annotated[Path, typer.Option(help="Folder with clothing-co-parsing/ and clothing-dataset/.")],
    out: Annotated[Path, typer.Option(help="Folder of the bundled models.")] = Path("assets/models"),
    epochs: Annotated[int, typer.Option(help="Passes of --samples pictures each.")] = 12,
    samples: Annotated[int, typer.Option(help="Pictures an epoch.")] = 1600,
    batch: Annotated[int, typer.Option(help="Pictures a step.")] = 16,
    rate: Annotated[float, typer.Option(help="Peak learning rate of AdamW.")] = 2e-3,
    start: Annotated[Path | None, typer.Option(help="YOLOv8n checkpoint whose backbone to begin from.")] = None,
    run: Annotated[Path, typer.Option(help="Where checkpoints and curves go.")] = Path("runs/matte"),
    cache: Annotated[Path, typer.Option(help="Where decoded data is kept.")] = Path(".cache/training"),
    resume: Annotated[bool, typer.Option(help="Go on from the run's last epoch.")] = False,
    seed: Annotated[int, typer.Option()] = 0,
    device: Annotated[str, typer.Option(help="Only 'cpu' has been tried.")] = "cpu",
    workers: Annotated[int, typer.Option(help="Processes that prepare pictures.")] = 1,
) -> None:
    """Train the matting net on street photos, garments at home and made-up scenes; then export it."""
    from pipeline.training.matte_export import export

    seed_everything(seed)
    model: Any = Matte().to(device).to(memory_format=torch.channels_last)
    if start:
        model.start_from(start)
    homes = home_garments(data, cache, "train", 1000, seed)
    dataset = MatteScenes(read_streets(data, cache, "train"), homes, samples, seed)
    loader = DataLoader(dataset, batch, shuffle=False, num_workers=workers, drop_last=True)
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.99), use_buffers=True)
    optimiser = torch.optim.AdamW(model.parameters(), rate, weight_decay=1e-2)
    schedule = warm_cosine(optimiser, epochs * len(loader))
    state = load_checkpoint(run) if resume else {}
    if state:
        for part, name in ((model, "model"), (average, "average"), (optimiser, "optimiser"), (schedule, "schedule")):
            part.load_state_dict(state[name])
    curves = Curves(run, resume)
    held_out = held_out_pictures(data, cache, seed=1)
    for epoch in range(state.get("epoch", -1) + 1, epochs):
        dataset.epoch = epoch
        loss = train_epoch(model, average, loader, optimiser, schedule, f"epoch {epoch + 1}/{epochs}")
        quick = evaluate(average.module, held_out["street photos"])
        save_checkpoint(run, {
            "model": model.state_dict(), "average": average.state_dict(), "optimiser": optimiser.state_dict(),
            "schedule": schedule.state_dict(), "epoch": epoch,
        })  # fmt: skip
        curves.add({"epoch": epoch + 1, "loss": loss, "street photos IoU": quick["iou"]})
        typer.echo(f"epoch {epoch + 1}: loss {loss:.4f}, IoU on held-out street photos {quick['iou']:.4f}", err=True)
    figures = {name: evaluate(average.module, pictures) for name, pictures in held_out.items()}
    recipe = {"epochs": epochs, "samples": samples, "batch": batch, "rate": rate, "seed": seed, "homes": len(homes)}
    export(average.module, out, figures, recipe)


if __name__ == "__main__":
    typer.run(train)
