"""`models`: which weights there are, and whether they are sound."""

from __future__ import annotations

import typer
from rich.table import Table

from pipeline.commands.common import JsonOption, printer, write_json
from pipeline.settings import Settings
from pipeline.weights import bundled

app = typer.Typer(help="The models in use and their weights.")


@app.command("list")
def list_models(as_json: JsonOption = False) -> None:
    """Name the model of each slot, its licence and size."""
    specs = bundled(Settings.from_environment().models)
    rows = [
        {
            "slot": spec.slot,
            "name": spec.identity,
            "source": "bundled",
            "licence": spec.licence,
            "bytes": spec.size,
            "dimension": spec.dimension,
            "files": [{"path": file.path, "sha256": file.sha256, "bytes": file.size} for file in spec.files],
        }
        for spec in specs.values()
    ]
    if as_json:
        write_json(rows)
        return
    table = Table("slot", "name", "source", "licence", "MiB", "dimension", box=None, padding=(0, 2))
    for row in rows:
        size = f"{row['bytes'] / 2**20:.1f}"  # type: ignore[operator]
        table.add_row(row["slot"], row["name"], row["source"], row["licence"], size, str(row["dimension"] or ""))  # type: ignore[arg-type]
    printer().print(table)


@app.command()
def check(as_json: JsonOption = False) -> None:
    """Compare every file of the bundled weights with its sha256; exit code 4 if one is missing or damaged."""
    settings = Settings.from_environment()
    specs = bundled(settings.models)
    for spec in specs.values():
        spec.check(settings.models)
    if as_json:
        write_json([{"slot": spec.slot, "name": spec.identity, "ok": True} for spec in specs.values()])
    else:
        printer().print(f"All {sum(len(spec.files) for spec in specs.values())} files are sound.")
