"""What every training loop here needs around it: seeds, checkpoints, a record of its curves."""

import csv
import os
import random
from pathlib import Path
from typing import Any

import numpy as np

CHECKPOINT = "last.pt"


def seed_everything(seed: int) -> None:
    """Seed Python, NumPy and torch."""
    import torch

    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def save_checkpoint(run: Path, state: dict[str, Any]) -> None:
    """Write the state of a run, whole or not at all. Checkpoints stay on this machine; exports have other forms."""
    import torch

    run.mkdir(parents=True, exist_ok=True)
    building = run / f".{CHECKPOINT}.building"
    torch.save(state, building)
    os.replace(building, run / CHECKPOINT)


def load_checkpoint(run: Path) -> dict[str, Any]:
    """Return the last state of a run, empty where it never finished an epoch."""
    import torch

    path = run / CHECKPOINT
    return torch.load(path, map_location="cpu", weights_only=False) if path.exists() else {}


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


class Curves:
    """One row an epoch in `curves.csv`, drawn as `curves.png`; a resumed run goes on in the same file."""

    def __init__(self, run: Path, resume: bool) -> None:
        self.path = run / "curves.csv"
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

    def _draw(self) -> None:
        from matplotlib.figure import Figure

        names = [name for name in self.rows[0] if name != "epoch"]
        figure = Figure(figsize=(3.2 * len(names), 2.8), layout="constrained")
        for axes, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names, strict=True):
            axes.plot([r["epoch"] for r in self.rows], [r[name] for r in self.rows], marker=".")
            axes.set(title=name, xlabel="epoch")
        figure.savefig(self.path.with_suffix(".png"), dpi=80)
