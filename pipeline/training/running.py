"""What every training here needs around it: a command's manners, seeds, checkpoints, a record of its curves."""

import csv
import random
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import typer
from typer.exceptions import TyperException

from pipeline.drafts import whole
from pipeline.errors import ModelMissing, PipelineError, UsageError

CHECKPOINT = "last.pt"
INTERRUPTED = 130


def command(train: Callable[..., None], arguments: Sequence[str] | None = None) -> int:
    """Run a training as a command; returns its exit code.

    As with `python -m pipeline`, an error is one line that says what is wrong and what to do; --debug adds a traceback.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(epilog="--debug adds a traceback to an error.")(train)
    try:
        code = app([word for word in words if word != "--debug"], standalone_mode=False) or 0
        if code != INTERRUPTED:
            return code
        # typer takes a Ctrl-C for an exit and says nothing.
        raise KeyboardInterrupt
    except BaseException as error:
        message, code = _explained(error)
        if debug:
            traceback.print_exception(error)
    typer.echo(f"error: {message}", err=True)
    return code


def _explained(error: BaseException) -> tuple[str, int]:
    """What to tell a person, and the exit code; what means to end the process goes on."""
    if isinstance(error, PipelineError):
        return str(error), error.exit_code
    if isinstance(error, TyperException):
        return f"{error.format_message().rstrip('.')}. Add --help to see how it is used.", 2
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return "Stopped; --resume goes on from the last finished epoch.", INTERRUPTED
    if isinstance(error, OSError):
        what = f"{error.strerror or error}" + (f" (“{error.filename}”)" if error.filename else "")
        return f"The system refused: {what}; check the path, its permissions and the free space.", 1
    if isinstance(error, Exception):
        return f"Something unforeseen went wrong ({type(error).__name__}: {error}); --debug tells more.", 1
    raise error


def seed_everything(seed: int) -> None:
    """Seed Python, NumPy and torch."""
    import torch

    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def need_cutout(models: Path) -> Path:
    """The cut-out model that the other two trainings use; raises ModelMissing before hours are spent without it."""
    path = models / "cutout.onnx"
    if not path.exists():
        raise ModelMissing(
            f"There is no “{path}”; train it with python -m pipeline.training.matte, or copy assets/models/cutout.onnx "
            "there."
        )
    return path


def save_checkpoint(run: Path, state: dict[str, Any]) -> None:
    """Write the state of a run, whole or not at all. Checkpoints stay on this machine; exports have other forms."""
    import torch

    with whole(run / CHECKPOINT) as draft:
        torch.save(state, draft)


def load_checkpoint(run: Path) -> dict[str, Any]:
    """Return the last state of a run, empty where it never finished an epoch."""
    import torch

    path = run / CHECKPOINT
    if not path.exists():
        typer.echo(f"“{run}” has no checkpoint to go on from: starting anew.", err=True)
        return {}
    return torch.load(path, map_location="cpu", weights_only=False)


def warm_cosine(optimiser: Any, steps: int, warm: float = 0.08) -> Any:
    """A schedule over `steps` optimiser steps: a straight rise over the share `warm`, then half a cosine to zero.

    It depends on the step alone, so a resumed run may have more epochs than the one it goes on from.
    """
    import torch

    def factor(step: int) -> float:
        done = min(1.0, step / max(1, steps))
        if done < warm:
            return (done + 1 / steps) / (warm + 1 / steps)
        return float(0.5 * (1 + np.cos(np.pi * (done - warm) / (1 - warm))))

    return torch.optim.lr_scheduler.LambdaLR(optimiser, factor)


def board(run: Path, wanted: bool) -> Any:
    """TensorBoard's writer for a run, None where it is not wanted."""
    if not wanted:
        return None
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise UsageError("--tensorboard needs a package: pip install tensorboard, or leave the option out.") from error
    return SummaryWriter(str(run / "tensorboard"))


class Curves:
    """One row an epoch in `curves.csv`, drawn as `curves.png`; a resumed run goes on in the same file."""

    def __init__(self, run: Path, resume: bool, writer: Any = None) -> None:
        """writer: what `board` gave."""
        self.path, self.writer = run / "curves.csv", writer
        run.mkdir(parents=True, exist_ok=True)
        self.rows: list[dict[str, float]] = []
        if resume and self.path.exists():
            with self.path.open(newline="") as file:
                self.rows = [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]

    def add(self, row: dict[str, float]) -> None:
        """Append one epoch; 'epoch' must be among its columns, and the newest row's columns are kept."""
        before = [r for r in self.rows if r["epoch"] < row["epoch"]]
        # A run may be resumed by code that records more than the code before it did.
        self.rows = [{name: r.get(name, float("nan")) for name in row} for r in before] + [row]
        with self.path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(row))
            writer.writeheader()
            writer.writerows(self.rows)
        self._draw()
        if self.writer:
            for name in row.keys() - {"epoch"}:
                self.writer.add_scalar(name.replace(": ", "/"), row[name], int(row["epoch"]))
            self.writer.flush()

    def _draw(self) -> None:
        from matplotlib.figure import Figure

        names = [name for name in self.rows[0] if name != "epoch"]
        figure = Figure(figsize=(3.2 * len(names), 2.8), layout="constrained")
        for axes, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names, strict=True):
            axes.plot([r["epoch"] for r in self.rows], [r[name] for r in self.rows], marker=".")
            axes.set(title=name, xlabel="epoch")
        figure.savefig(self.path.with_suffix(".png"), dpi=80)
