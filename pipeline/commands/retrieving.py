"""`preprocess` and `retrieve`: pictures -> cut-outs with a category; embeddings -> the nearest references of each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.catalogue import Meter
from pipeline.commands.common import (
    IndexOption,
    JsonOption,
    printer,
    progress_bar,
    quiet_stdout,
    settings_for,
    write_json,
)
from pipeline.commands.evaluating_oneshot import CategoriesOption
from pipeline.commands.steps import steps_bar
from pipeline.demo import open_index
from pipeline.errors import UnreadablePhoto, UsageError
from pipeline.evaluation.preparing import TABLE, Form, check_apart, prepare_folder
from pipeline.evaluation.retrieving import check_models, read_embedded
from pipeline.evaluation.retrieving import retrieve as nearest
from pipeline.evaluation.tables import read_categories, write_matches
from pipeline.matcher import load_embedder, load_remover


def preprocess(
    folder: Annotated[Path, typer.Argument(help="Folder of pictures of single garments; sub-folders are categories.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the cut-outs and their table.")],
    form: Annotated[Form, typer.Option("--form", help="On a white square, or with an alpha channel.")] = Form.WHITE,
    as_json: JsonOption = False,
    index: IndexOption = None,
) -> int:
    """Cut out every picture, say what it shows, and write both down. Interrupted, the same command goes on."""
    if not folder.is_dir():
        raise UsageError(f"“{folder}” is no folder; name one that holds pictures.")
    check_apart(folder, out)
    settings = settings_for(index)
    with quiet_stdout():
        with progress_bar("Loading") as share:
            share("the background remover", 0.0)
            cut = load_remover(settings)
            share("the embedder", 0.4)
            embed = load_embedder(settings)
            share("the catalogue", 0.8)
            opened = open_index(settings, cut, embed, share)
        with steps_bar() as step:
            done = prepare_folder(folder, out, form, cut, embed, opened, settings, Meter(step).tell)
    console = printer(stderr=True)
    for sentence in done.unreadable:
        console.print(f"error: {sentence}")
    if as_json:
        write_json({
            "made": done.made, "kept": done.kept, "unreadable": list(done.unreadable), "table": str(out / TABLE),
        })  # fmt: skip
    else:
        kept = f" ({done.kept} were there already)" if done.kept else ""
        printer().print(f"Cut out {done.made} pictures{kept}; what they show is in {out / TABLE}.")
    return UnreadablePhoto.exit_code if done.unreadable else 0


def retrieve(
    query: Annotated[Path, typer.Option("--query", help="File (.npz) of `embed` with the queries.")],
    reference: Annotated[Path, typer.Option("--reference", help="The same with the references.")],
    out: Annotated[Path, typer.Option("--out", help="CSV file for the matches.")],
    top: Annotated[int, typer.Option("--top", min=1, help="Matches for each query.")] = 10,
    same_category: Annotated[
        bool, typer.Option("--same-category", help="Only references of the query's category; needs --categories.")
    ] = False,
    categories: CategoriesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find the nearest references of each query by cosine: a line a match, with its rank."""
    if not out.resolve().parent.is_dir():
        raise UsageError(f"There is no folder for “{out}”; make it first, or name another file.")
    if same_category != (categories is not None):
        raise UsageError("--same-category and --categories QUERY.csv REFERENCE.csv go together; add the other one.")
    asked, there = read_embedded(query), read_embedded(reference)
    check_models(asked, there)
    words = None
    if categories is not None:
        words = read_categories(categories[0]).of(asked.ids), read_categories(categories[1]).of(there.ids)
    with steps_bar() as step:
        tell = Meter(step).tell
        found, cosines = nearest(asked.vectors, there.vectors, top, words, lambda n, total: tell("Searching", n, total))
    matches = [
        [(there.ids[place], cosine) for place, cosine in zip(places, row, strict=True) if place >= 0]
        for places, row in zip(found.tolist(), cosines.clip(-1, 1).tolist(), strict=True)
    ]
    write_matches(out, asked.ids, matches)
    alone = sum(not row for row in matches)
    if as_json:
        write_json({
            "queries": len(matches), "references": len(there.ids), "matches": sum(map(len, matches)),
            "without a match": alone, "model": there.model, "out": str(out),
        })  # fmt: skip
    else:
        said = f"; {alone} have none of their category" if alone else ""
        printer().print(f"Wrote the matches of {len(matches)} queries to {out}{said}.")
