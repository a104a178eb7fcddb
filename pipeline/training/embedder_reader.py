"""Fit the bundled embedder's reading of the kind of piece anew, its embeddings left as they are.

`python -m pipeline.training.embedder_reader --data DIR --out assets/models`: minutes, not the hours of training.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline.errors import ModelMissing
from pipeline.training import options
from pipeline.training.datasets import MOST, TrainingData
from pipeline.training.exporting import REGISTRY, described, read_json, register
from pipeline.training.running import command, need_cutout


def refit(
    data: options.Data,
    out: options.Out = Path("assets/models"),
    catalogue: Annotated[Path, typer.Option(help="Folder with items.csv; may be absent.")] = Path("assets/catalogue"),
    cache: options.Cache = Path(".cache/training"),
    format: options.Format = "auto",
    most: options.Most = MOST // 2,
) -> None:
    """Read the kinds from the embeddings of --out with the names and outlines of today, and put it into the card.

    --out must hold cutout.onnx and an embedder; its pieces.onnx outlines garments on the photos that have tags only.
    """
    sets, cutout = TrainingData(data, format, most), need_cutout(out)
    folder, entry, card = out / "embedder", read_json(out / REGISTRY).get("embeddings"), out / "embedder.md"
    if not (folder.is_dir() and entry and card.exists()):
        raise ModelMissing(
            f"“{out}” holds no embedder with its card and registry entry; train one with python -m "
            "pipeline.training.embedder, or name the folder that has it in --out."
        )
    from pipeline.embeddings import KINDS_FILE, Embedder
    from pipeline.training.embedder_data import all_pieces
    from pipeline.training.embedder_export import READER, table
    from pipeline.training.embedder_kinds import fit_kinds, kind_scores
    from pipeline.training.matte_export import CutoutModel
    from pipeline.training.tagged import outliner

    # More looks at a garment, the second drapes' among them, are for the embeddings to learn from.
    known = all_pieces(sets, cache, CutoutModel(cutout), catalogue, None, outliner(out / "pieces.onnx"))
    pieces = [piece for piece in known if not piece.extra]
    units = Embedder(folder, folder.name, os.cpu_count() or 1).embed_pictures([piece.rgb for piece in pieces])
    reader = fit_kinds(pieces, units)
    reader.write(folder / KINDS_FILE)
    scores = kind_scores(reader, pieces, units)
    card.write_text(card.read_text().replace(table(READER, entry["figures"][READER]), table(READER, scores)))
    entry["files"][KINDS_FILE], entry["figures"][READER] = described(folder / KINDS_FILE), scores
    register(out, "embeddings", entry)
    typer.echo(", ".join(f"{name} {value:g}" for name, value in scores.items()), err=True)


if __name__ == "__main__":
    sys.exit(command(refit))
