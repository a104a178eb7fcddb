"""Train the segmenter: YOLOv8n-seg on 15 kinds of clothing.

`python -m pipeline.training.segmenter --data DIR --out assets/models`
"""

import csv
import os
from pathlib import Path
from typing import Annotated

import typer

LAST = Path("weights") / "last.pt"


def quiet_ultralytics(folder: Path) -> None:
    """Keep ultralytics off the network and its settings out of the home folder; call before importing it."""
    os.environ.setdefault("YOLO_OFFLINE", "1")
    os.environ.setdefault("YOLO_AUTOINSTALL", "False")
    os.environ.setdefault("YOLO_CONFIG_DIR", str(folder.resolve()))
    folder.mkdir(parents=True, exist_ok=True)


def draw_curves(run: Path) -> list[dict[str, float]]:
    """Copy the run's results into curves.csv and curves.png, as the other trainings have them; returns the rows."""
    from pipeline.training.running import Curves

    with (run / "results.csv").open(newline="") as file:
        rows = [{k.strip(): float(v) for k, v in row.items()} for row in csv.DictReader(file)]
    curves = Curves(run, resume=False)
    for row in rows:
        curves.add({
            "epoch": row["epoch"], "train seg loss": row["train/seg_loss"], "train class loss": row["train/cls_loss"],
            "mask mAP50": row["metrics/mAP50(M)"], "mask mAP50-95": row["metrics/mAP50-95(M)"],
        })  # fmt: skip
    return curves.rows


def train(
    data: Annotated[Path, typer.Option(help="Folder with clothing-co-parsing/ and clothing-dataset/.")],
    out: Annotated[Path, typer.Option(help="Folder of the bundled models.")] = Path("assets/models"),
    epochs: Annotated[int, typer.Option()] = 12,
    hours: Annotated[float | None, typer.Option(help="Fit the number of epochs into this time instead.")] = None,
    tags_every: Annotated[int, typer.Option(help="Measure on every n-th of the tagged photos.")] = 1,
    batch: Annotated[int, typer.Option(help="Pictures a step.")] = 16,
    rate: Annotated[float, typer.Option(help="Peak learning rate of AdamW.")] = 1e-3,
    size: Annotated[int, typer.Option(help="Side of the square that the net sees, in pixels.")] = 320,
    start: Annotated[Path | None, typer.Option(help="Checkpoint to begin from; from scratch without.")] = None,
    share: Annotated[float, typer.Option(help="Share of the made-up pictures; 0 leaves the photos alone.")] = 1.0,
    mosaic: Annotated[float, typer.Option(help="Probability of ultralytics' mosaic, off in the last epochs.")] = 0.5,
    run: Annotated[Path, typer.Option(help="Where checkpoints and curves go.")] = Path("runs/segmenter"),
    cache: Annotated[Path, typer.Option(help="Where decoded data is kept.")] = Path(".cache/training"),
    resume: Annotated[bool, typer.Option(help="Go on from the run's last epoch.")] = False,
    seed: Annotated[int, typer.Option()] = 0,
    device: Annotated[str, typer.Option(help="As ultralytics names it: cpu, 0, ...")] = "cpu",
    workers: Annotated[int, typer.Option(help="Processes that prepare pictures.")] = 1,
) -> None:
    """Train YOLOv8n-seg on street photos, crops, groups and single garments; then measure and export it.

    Without --start this is the first stage, from scratch: 45 epochs with --share 0 --rate 0.002 gave the weights that
    the bundled model started from. Delete the folder of pictures beside the run to have them made anew.
    """
    quiet_ultralytics(cache / "ultralytics")
    from ultralytics import YOLO

    from pipeline.training.segmenter_data import write_set
    from pipeline.training.segmenter_export import export
    from pipeline.training.segmenter_model import BrainFloatTrainer

    pictures = write_set(data, cache, run.with_name(f"{run.name}-set"), seed, share)
    if resume and (run / LAST).exists():
        YOLO(run / LAST).train(trainer=BrainFloatTrainer, resume=True)
    else:
        # ultralytics appends to the table of an earlier run in the same folder.
        (run / "results.csv").unlink(missing_ok=True)
        # optimizer is named because ultralytics' automatic choice overrides the rate.
        YOLO(start or "yolov8n-seg.yaml").train(
            trainer=BrainFloatTrainer, data=str(pictures), epochs=epochs, time=hours, batch=batch, imgsz=size,
            optimizer="AdamW", lr0=rate, lrf=0.02, cos_lr=True, warmup_epochs=min(1.0, epochs / 12), amp=False,
            cache="ram", workers=workers, seed=seed, device=device, mosaic=mosaic, close_mosaic=max(1, epochs // 3),
            scale=0.5, degrees=4.0, hsv_s=0.5, hsv_v=0.3, plots=False, val=True, project=str(run.parent.resolve()),
            name=run.name, exist_ok=True, patience=0,
        )  # fmt: skip
    rows = draw_curves(run)
    recipe = {"epochs": len(rows), "batch": batch, "rate": rate, "size": size, "seed": seed, "start": start is not None}
    # Not ultralytics' best: it goes by the held-out photos, which the first stage has seen, and so favours the least
    # changed weights.
    export(run / LAST, out, data, cache, recipe, tags_every)


if __name__ == "__main__":
    typer.run(train)
