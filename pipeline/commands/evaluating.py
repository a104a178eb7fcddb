"""`evaluate`: how well the models do on labelled data."""

from __future__ import annotations

import typer

app = typer.Typer(help="Measure the models on labelled data: figures, and a report with plots and pictures.")


@app.callback()
def evaluate() -> None:
    """Measure the models on labelled data: figures, and a report with plots and pictures."""
