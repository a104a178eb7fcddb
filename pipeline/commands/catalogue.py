"""`catalogue` and `embed`: the items that photos are matched with."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.table import Table

from pipeline import catalogue
from pipeline.commands.common import (
    IndexOption,
    JsonOption,
    printer,
    progress_bar,
    quiet_stdout,
    settings_for,
    write_json,
)
from pipeline.cutout import BackgroundRemover
from pipeline.document import item_document
from pipeline.embeddings import Embedder
from pipeline.errors import UnreadablePhoto, UsageError
from pipeline.index import Index
from pipeline.matcher import load_embedder, load_remover
from pipeline.settings import Settings

app = typer.Typer(help="Look at the catalogue, and add to it.")


@app.command("list")
def list_items(
    category: Annotated[str | None, typer.Option("--category", help="Only this category.")] = None,
    as_json: JsonOption = False,
    index: IndexOption = None,
) -> None:
    """List the items."""
    opened = Index.open(settings_for(index).index)
    items = [item for item in opened.items if category is None or item.category == category]
    if as_json:
        write_json([item_document(item, opened) for item in items])
        return
    table = Table("id", "category", "colour", "price", "title", box=None, padding=(0, 2))
    for item in items:
        price = "" if item.price is None else f"{item.price:.2f}"
        table.add_row(item.id, item.category, item.colour, price, item.title)
    printer().print(table)


@app.command()
def info(as_json: JsonOption = False, index: IndexOption = None) -> None:
    """Say how many items there are, of which categories, and which model embedded them."""
    opened = Index.open(settings_for(index).index)
    manifest = opened.manifest
    categories = dict(sorted(Counter(item.category for item in opened.items).items()))
    facts = {
        "items": len(opened),
        "embedder": manifest.embedder,
        "dimension": manifest.dimension,
        "index_type": manifest.index_type,
        "categories": categories,
    }
    if as_json:
        write_json(facts)
        return
    console = printer()
    console.print(f"{len(opened)} items, made with {manifest.embedder} ({manifest.dimension} numbers an item)")
    console.print(f"{manifest.index_type} index, published {manifest.created}")
    for name, count in categories.items():
        console.print(f"  {count:4d}  {name}")


@app.command()
def add(
    source: Annotated[Path, typer.Argument(metavar="FOLDER|CSV", help="Pictures, or a CSV with a column “image”.")],
    replace: Annotated[bool, typer.Option("--replace", help="Drop everything that was in the index before.")] = False,
    as_json: JsonOption = False,
    index: IndexOption = None,
) -> int:
    """Add pictures to an index; one that does not exist is made. Sub-folders are categories."""
    settings = settings_for(index)
    with quiet_stdout():
        cut, embedder = _load(settings)
        with progress_bar("Adding") as tell:
            done = catalogue.add(
                source,
                settings.index,
                cut,
                embedder,
                settings,
                replace=replace,
                progress=lambda n, total: tell(f"{n} of {total}", n / total),
            )
    console = printer(stderr=True)
    for sentence in done.unreadable:
        console.print(f"error: {sentence}")
    if as_json:
        write_json(
            {
                "added": done.added,
                "duplicates": done.duplicates,
                "unreadable": list(done.unreadable),
                "items": done.manifest.count,
            }
        )
    else:
        printer().print(
            f"Added {done.added} items, skipped {done.duplicates} duplicates; {done.manifest.count} in all."
        )
    return UnreadablePhoto.exit_code if done.unreadable else 0


def embed(
    folder: Annotated[Path, typer.Argument(help="Folder of pictures of single garments.")],
    out: Annotated[Path, typer.Option("--out", help="File (.npz) for ids, embeddings and the model's name.")],
) -> int:
    """Embed pictures of single garments, prepared as the catalogue's are."""
    if not out.resolve().parent.is_dir():
        raise UsageError(f"There is no folder for “{out}”; make it first, or name another file.")
    settings = settings_for(None)
    root, items = catalogue.read_folder(folder)
    with quiet_stdout():
        cut, embedder = _load(settings)
        paths = [root / item.image for item in items]
        with progress_bar("Embedding") as tell:
            read, vectors, unreadable = catalogue.embed_files(
                paths, cut, embedder, settings, lambda n, total: tell(f"{n} of {total}", n / total)
            )
    console = printer(stderr=True)
    for sentence in unreadable:
        console.print(f"error: {sentence}")
    with out.open("wb") as file:
        np.savez(file, ids=np.array([paths[n].stem for n in read]), embeddings=vectors, model=np.array(embedder.name))
    console.print(f"Embedded {len(read)} pictures.")
    return UnreadablePhoto.exit_code if unreadable else 0


def _load(settings: Settings) -> tuple[BackgroundRemover, Embedder]:
    with progress_bar("Loading") as tell:
        tell("the background remover", 0.0)
        cut = load_remover(settings)
        tell("the embedder", 0.5)
        return cut, load_embedder(settings)
