"""`catalogue` and `embed`: the items that photos are matched with."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.table import Table

from pipeline import catalogue
from pipeline.choice import for_changing
from pipeline.commands.common import (
    IndexOption,
    JsonOption,
    printer,
    progress_bar,
    quiet_stdout,
    settings_for,
    write_json,
)
from pipeline.commands.filtering import (
    CategoryOption,
    ColourOption,
    MaxPriceOption,
    MinPriceOption,
    WhereOption,
)
from pipeline.commands.steps import steps_bar
from pipeline.cutout import BackgroundRemover
from pipeline.document import index_document, item_document
from pipeline.embeddings import Embedder
from pipeline.errors import UnreadablePhoto, UsageError
from pipeline.index import Index
from pipeline.matcher import load_embedder, load_finder, load_remover
from pipeline.pieces import PieceFinder
from pipeline.query import filters_of
from pipeline.settings import Settings

app = typer.Typer(help="Look at the catalogue, and change it.")


class IndexType(StrEnum):
    """The values of --index-type."""

    AUTO = "auto"
    FLAT = "flat"
    IVF = "ivf"


@dataclass(frozen=True)
class _Loaded:
    """The models that pictures pass through on their way into a catalogue."""

    cut: BackgroundRemover
    find: PieceFinder
    embed: Embedder
    settings: Settings


@app.command("list")
def list_items(
    category: CategoryOption = None,
    colour: ColourOption = None,
    min_price: MinPriceOption = None,
    max_price: MaxPriceOption = None,
    where: WhereOption = None,
    as_json: JsonOption = False,
    index: IndexOption = None,
) -> None:
    """List the items. What was measured from the picture, and not said, has a “~”."""
    opened = Index.open(settings_for(index).index)
    items = opened.select(filters_of(category, colour, min_price, max_price, where))
    if as_json:
        write_json([item_document(item, opened) for item in items])
        return
    table = Table(box=None, padding=(0, 2))
    # Ids are there to be copied into `remove`: never shortened.
    table.add_column("id", min_width=max((len(item.id) for item in items), default=0), no_wrap=True)
    for name in ("category", "colour", "price", "title"):
        table.add_column(name)
    for item in items:
        price = "" if item.price is None else f"{item.price:.2f}"
        told = [("~" if name in item.predicted else "") + getattr(item, name) for name in ("category", "colour")]
        table.add_row(item.id, *told, price, item.title)
    printer().print(table)


@app.command()
def info(as_json: JsonOption = False, index: IndexOption = None) -> None:
    """Say how many items there are, of which categories, and which model embedded them."""
    opened = Index.open(settings_for(index).index)
    if as_json:
        write_json(index_document(opened))
        return
    manifest, facets = opened.manifest, opened.facets
    console = printer()
    console.print(f"{len(opened)} items, made with {manifest.embedder} ({manifest.dimension} numbers an item)")
    megabytes = sum(manifest.bytes.values()) / 1e6
    console.print(f"{manifest.index_type} index, {megabytes:.1f} MB, published {manifest.created}")
    for name, count in facets.categories.items():
        console.print(f"  {count:6d}  {name}")
    if facets.attributes:
        console.print(f"To filter by, beside category, colour and price: {', '.join(facets.attributes)}.")


@app.command()
def add(
    source: Annotated[
        Path, typer.Argument(metavar="FOLDER|CSV|clothing-dataset", help="Pictures, or a CSV with a column “image”.")
    ],
    replace: Annotated[bool, typer.Option("--replace", help="Drop everything that was in the index before.")] = False,
    keep_duplicates: Annotated[
        bool, typer.Option("--keep-duplicates", help="Add pictures that the catalogue has already, too.")
    ] = False,
    labels: Annotated[
        Path | None,
        typer.Option("--labels", metavar="MAP", help="JSON or CSV: what the values of the CSV's category mean."),
    ] = None,
    copy: Annotated[bool, typer.Option("--copy", help="Keep copies of the pictures in the index's folder.")] = False,
    local: Annotated[
        Path | None, typer.Option("--from", metavar="DIR", help="With clothing-dataset: a copy that is here already.")
    ] = None,
    index_type: Annotated[
        IndexType, typer.Option("--index-type", help="How vectors are kept; auto goes by their number.")
    ] = IndexType.AUTO,
    as_json: JsonOption = False,
    index: IndexOption = None,
) -> int:
    """Add pictures to an index; one that does not exist is made. Sub-folders are categories.

    Interrupted, the same command goes on where it was. “clothing-dataset” fetches a public set of 5,700 photos (CC0).
    """
    settings = settings_for(index)
    with quiet_stdout():
        with steps_bar() as tell:
            pictures = _source(source, local, labels, settings, tell)
        loaded = _load(settings)
        with steps_bar() as tell:
            done = catalogue.add(
                pictures,
                settings.index,
                loaded,
                replace_all=replace,
                keep_duplicates=keep_duplicates,
                copy=copy,
                kind=index_type.value,
                progress=tell,
            )
    console = printer(stderr=True)
    for sentence in done.unreadable:
        console.print(f"error: {sentence}")
    for skipped in done.skipped:
        like = "is the same file as the picture of" if skipped.exact else "shows the same picture as"
        console.print(f"skipped: {skipped.image} {like} {skipped.of}")
    if as_json:
        write_json(
            {
                "added": done.added + done.updated,
                "duplicates": done.duplicates,
                "unreadable": list(done.unreadable),
                "items": done.manifest.count,
            }
        )
    else:
        updated = f", updated {done.updated}" if done.updated else ""
        printer().print(
            f"Added {done.added} items{updated}, skipped {done.duplicates} duplicates; {done.manifest.count} in all."
        )
    return UnreadablePhoto.exit_code if done.unreadable else 0


@app.command()
def remove(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of items, as `list` shows them.")],
    as_json: JsonOption = False,
    index: IndexOption = None,
) -> None:
    """Remove items. Their pictures stay where they are."""
    with quiet_stdout(), steps_bar() as tell:
        manifest = catalogue.remove(settings_for(index).index, ids, progress=tell)
    count = len(set(ids))
    if as_json:
        write_json({"removed": count, "items": manifest.count})
    else:
        printer().print(f"Removed {count} items; {manifest.count} are left.")


@app.command()
def export(
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR|FILE.csv|FILE.npz", help="A folder for both files, or one of them.")
    ],
    category: CategoryOption = None,
    colour: ColourOption = None,
    min_price: MinPriceOption = None,
    max_price: MaxPriceOption = None,
    where: WhereOption = None,
    as_json: JsonOption = False,
    index: IndexOption = None,
) -> None:
    """Write the items as CSV, and their embeddings as .npz (ids, embeddings, model)."""
    opened = Index.open(settings_for(index).index)
    paths, count = catalogue.export(opened, out, filters_of(category, colour, min_price, max_price, where))
    if as_json:
        write_json({"items": count, "files": [str(path) for path in paths]})
    else:
        printer().print(f"Wrote {count} items to {' and '.join(str(path) for path in paths)}.")


def embed(
    folder: Annotated[Path, typer.Argument(help="Folder of pictures of single garments.")],
    out: Annotated[Path, typer.Option("--out", help="File (.npz) for ids, embeddings and the model's name.")],
) -> int:
    """Embed pictures of single garments, prepared as the catalogue's are."""
    if not out.resolve().parent.is_dir():
        raise UsageError(f"There is no folder for “{out}”; make it first, or name another file.")
    settings = settings_for(None)
    source = catalogue.read_folder(folder)
    with quiet_stdout():
        with progress_bar("Loading") as tell:
            tell("the background remover", 0.0)
            cut = load_remover(settings)
            tell("the embedder", 0.5)
            embedder = load_embedder(settings)
        paths = [source.root / item.image for item in source.items]
        with progress_bar("Embedding") as tell:
            read, vectors, unreadable = catalogue.embed_files(
                paths, cut, embedder, settings, lambda n, total: tell(f"{n} of {total}", n / total)
            )
    console = printer(stderr=True)
    for sentence in unreadable:
        console.print(f"error: {sentence}")
    stems = Counter(path.stem for path in paths)
    # Where two folders have a picture of one name, the path tells them apart.
    ids = [paths[n].stem if stems[paths[n].stem] == 1 else source.items[n].id for n in read]
    with out.open("wb") as file:
        np.savez(file, ids=np.array(ids, str), embeddings=vectors, model=np.array(embedder.name))
    console.print(f"Embedded {len(read)} pictures.")
    return UnreadablePhoto.exit_code if unreadable else 0


def _source(
    source: Path, local: Path | None, labels: Path | None, settings: Settings, tell: catalogue.Progress
) -> catalogue.Source:
    if str(source) == catalogue.CLOTHING_DATASET and not source.exists():
        return catalogue.clothing_dataset(local or settings.index / catalogue.CLOTHING_DATASET, tell, local is None)
    if local is not None:
        raise UsageError(f"--from belongs to {catalogue.CLOTHING_DATASET}; name the folder itself instead.")
    return catalogue.read_source(source, catalogue.read_labels(labels) if labels else None)


def _load(settings: Settings) -> _Loaded:
    with progress_bar("Loading") as tell:
        tell("the background remover", 0.0)
        cut = load_remover(settings)
        tell("the piece finder", 0.3)
        find = load_finder(settings)
        tell("the embedder", 0.7)
        return _Loaded(cut, find, load_embedder(for_changing(settings)), settings)
