"""Train the segmenter: YOLOv8n-seg on 15 kinds of clothing.

`python -m pipeline.training.segmenter --data DIR --out assets/models`
"""

import csv
import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.errors import ModelMissing, UsageError
from pipeline.training import options
from pipeline.training.datasets import MOST, TrainingData
from pipeline.training.running import Curves, board, command, need_cutout

LAST = Path("weights") / "last.pt"
# Pictures that give the normalisations' statistics when training goes on from an exported file.
THAWED_ON = 256


def thawed(exported: Path, pictures: Path, target: Path, size: int) -> Path:
    """Write a checkpoint that goes on from an exported ONNX file; `pictures` is the data.yaml of a set."""
    import torch
    import yaml
    from ultralytics.data.augment import LetterBox
    from ultralytics.nn.tasks import SegmentationModel

    from pipeline.kinds import KINDS
    from pipeline.training.datasets import read_rgb
    from pipeline.training.thawing import thaw

    model = SegmentationModel("yolov8n-seg.yaml", nc=len(KINDS), verbose=False)
    listed = (pictures.parent / yaml.safe_load(pictures.read_text())["train"]).read_text().split()
    shown = listed[:: max(1, len(listed) // THAWED_ON)]
    fit = LetterBox((size, size))
    rgbs = [torch.from_numpy(fit(image=read_rgb(pictures.parent / name))) for name in shown]
    thaw(model, exported, list((torch.stack(rgbs).permute(0, 3, 1, 2).float() / 255).split(16)))
    model.names = dict(enumerate(KINDS))
    target.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"model": model, "train_args": {}}, target)
    return target


def draw_curves(run: Path) -> list[dict[str, float]]:
    """Copy the run's results into curves.csv and curves.png, as the other trainings have them; returns the rows."""
    with (run / "results.csv").open(newline="") as file:
        rows = [{k.strip(): float(v) for k, v in row.items()} for row in csv.DictReader(file)]
    curves = Curves(run, resume=False)
    for row in rows:
        curves.add({
            "epoch": row["epoch"], "train seg loss": row["train/seg_loss"], "train class loss": row["train/cls_loss"],
            "mask mAP50": row["metrics/mAP50(M)"], "mask mAP50-95": row["metrics/mAP50-95(M)"],
        })  # fmt: skip
    return curves.rows


def finished(weights: Path) -> bool:
    """Whether a run has come to its end, which ultralytics marks in the checkpoint and refuses to go on from."""
    import torch

    return weights.exists() and torch.load(weights, map_location="cpu", weights_only=False).get("epoch") == -1


def settings_of(run: Path) -> dict[str, Any]:
    """What tells a run apart, for the card, as ultralytics wrote it down when the run began."""
    import yaml

    written = yaml.safe_load((run / "args.yaml").read_text())
    names = {"batch": "batch", "rate": "lr0", "size": "imgsz", "mosaic": "mosaic", "seed": "seed"}
    return {name: written[key] for name, key in (names | {"weight of the kinds": "cls"}).items()}


def record(run: Path, writer: Any, trainer: Any) -> None:
    """Ultralytics' callback at the end of an epoch: the curves so far; writer as `running.board` gave it."""
    draw_curves(run)
    if writer:
        for name, value in (trainer.label_loss_items(trainer.tloss, prefix="train") | trainer.metrics).items():
            writer.add_scalar(name, value, trainer.epoch + 1)
        writer.flush()


def train(
    data: options.Data,
    out: options.Out = Path("assets/models"),
    epochs: options.Epochs = 12,
    hours: Annotated[float | None, typer.Option(help="Fit the number of epochs into this time instead.")] = None,
    tags_every: Annotated[int, typer.Option(min=1, help="Measure on every n-th of the tagged photos.")] = 1,
    batch: Annotated[int, typer.Option(min=1, help="Pictures a step.")] = 16,
    rate: options.Rate = 1e-3,
    size: Annotated[int, typer.Option(min=32, help="Side of the square that the net sees, in pixels.")] = 320,
    run_size: Annotated[
        int | None, typer.Option(min=32, help="Side at which the exported net runs, if not --size: larger is finer.")
    ] = None,
    start: Annotated[
        Path | None, typer.Option(help="Checkpoint, or pieces.onnx that then also labels tagged photos; else scratch.")
    ] = None,
    keep: options.Keep = 0.0,
    soup: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of a --run from the same --start with another seed: averaged in. May be repeated."),
    ] = None,
    share: Annotated[float, typer.Option(help="Share of the made-up pictures; 0 leaves the photos alone.")] = 1.0,
    recombined: Annotated[
        int, typer.Option(min=0, help="Outfits put together anew, one photo's upper half on another's lower half.")
    ] = 500,
    mosaic: Annotated[float, typer.Option(help="Probability of ultralytics' mosaic, off in the last epochs.")] = 0.5,
    naming: Annotated[float, typer.Option(help="Weight of the kinds' loss; the boxes' has 7.5.")] = 0.5,
    run: options.Run = Path("runs/segmenter"),
    cache: options.Cache = Path(".cache/training"),
    drapes: options.Drapes = Path("assets/drapes"),
    resume: options.Resume = False,
    seed: options.Seed = 0,
    device: Annotated[str, typer.Option(help="Where to compute, as ultralytics names it: cpu, 0, 0,1.")] = "cpu",
    workers: options.Workers = 1,
    format: options.Format = "auto",
    most: options.Most = MOST,
    tensorboard: options.TensorBoard = False,
) -> None:
    """Train YOLOv8n-seg on street photos, crops, groups and single garments; then measure and export it.

    Without --start this is the first stage, from scratch: 45 epochs with --share 0 --rate 0.002 gave the weights that
    the bundled model started from. With --start the card compares both. --out must hold cutout.onnx. Delete the folder
    of pictures beside the run to have them made anew.
    """
    writer, sets = board(run, tensorboard), TrainingData(data, format, most)
    need_cutout(out)
    if keep and not (start and start.suffix == ".onnx"):
        raise UsageError("--keep averages with the pieces.onnx that --start names; name one, or leave --keep out.")
    if start and not start.exists():
        raise ModelMissing(f"There is no “{start}”; --start names a checkpoint or a pieces.onnx.")
    for other in soup or []:
        if not (other / LAST).exists():
            raise UsageError(f"“{other}” holds no {LAST}; --soup names the folder of a finished run.")
    from ultralytics import YOLO

    from pipeline.training.exporting import runs_of
    from pipeline.training.matte_export import CutoutModel
    from pipeline.training.segmenter_data import write_set
    from pipeline.training.segmenter_export import export, first_stage
    from pipeline.training.segmenter_model import BrainFloatTrainer
    from pipeline.training.tagged import outliner

    frozen = start if start and start.suffix == ".onnx" else None
    teacher = outliner(frozen) if frozen else None
    pictures = write_set(
        sets, cache, run.with_name(f"{run.name}-set"), seed, share, drapes=drapes, teacher=teacher,
        cutout=CutoutModel(out / "cutout.onnx"), recombined=recombined,
    )  # fmt: skip
    if resume and finished(run / LAST):
        typer.echo(f"“{run}” has all its epochs: measuring and exporting it.", err=True)
    elif resume and (run / LAST).exists():
        typer.echo(f"“{run}” goes on as it began: its epochs, rate and size count, not this call's.", err=True)
        model = YOLO(run / LAST)
        model.add_callback("on_model_save", partial(record, run, writer))
        model.train(trainer=BrainFloatTrainer, resume=True)
    else:
        if resume:
            typer.echo(f"“{run}” has no checkpoint to go on from: starting anew.", err=True)
        # ultralytics appends to the table of an earlier run in the same folder.
        (run / "results.csv").unlink(missing_ok=True)
        # optimizer is named because ultralytics' automatic choice overrides the rate.
        begin = thawed(frozen, pictures, run / "weights" / "start.pt", size) if frozen else start
        model = YOLO(begin or "yolov8n-seg.yaml")
        model.add_callback("on_model_save", partial(record, run, writer))
        model.train(
            trainer=BrainFloatTrainer, data=str(pictures), epochs=epochs, time=hours, batch=batch, imgsz=size,
            optimizer="AdamW", lr0=rate, lrf=0.02, cos_lr=True, warmup_epochs=min(1.0, epochs / 12), amp=False,
            cache="ram", workers=workers, seed=seed, device=device, mosaic=mosaic, close_mosaic=max(1, epochs // 3),
            cls=naming, scale=0.5, degrees=4.0, hsv_s=0.5, hsv_v=0.3, plots=False, val=True,
            project=str(run.parent.resolve()), name=run.name, exist_ok=True, patience=0,
        )  # fmt: skip
    rows = draw_curves(run)
    this = {"epochs": len(rows)} | settings_of(run)
    size = run_size or this["size"]
    if soup:
        this["averaged with the runs of the seeds"] = ", ".join(str(settings_of(other)["seed"]) for other in soup)
    if keep:
        this["averaged with the start"] = keep
    recipe = {"runs": runs_of(start, "pieces", this), "size": size, "start": start is not None}
    recipe |= {"soup": [other / LAST for other in soup or []], "kept": keep, "began": start}
    # Not ultralytics' best: it goes by the held-out photos, which the first stage has seen, and so favours the least
    # changed weights.
    if start:
        first_stage(start, out, sets, cache, size, tags_every)
    export(run / LAST, out, sets, cache, recipe, tags_every)


if __name__ == "__main__":
    sys.exit(command(train))
