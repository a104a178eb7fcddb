"""`match` and `search`: photos, or words, against the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from pipeline.commands.common import (
    IndexOption,
    JsonOption,
    TopOption,
    expand,
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
from pipeline.document import match_document, matches_document, save_cutout, save_masks, shown_path
from pipeline.errors import UnreadablePhoto, UsageError
from pipeline.matcher import Matcher
from pipeline.query import filters_of
from pipeline.sheet import Sheet
from pipeline.types import Match, MatchResult


def match(
    photos: Annotated[list[Path], typer.Argument(metavar="PHOTO|FOLDER...", help="Pictures, or folders of them.")],
    top: TopOption = None,
    same_kind: Annotated[
        bool, typer.Option("--same-kind/--any-kind", help="Only items of the piece's own kind, or of any.")
    ] = True,
    min_score: Annotated[
        float | None, typer.Option("--min-score", help="Least confidence of a piece, between 0 and 1. [default: 0.3]")
    ] = None,
    as_json: JsonOption = False,
    out: Annotated[Path | None, typer.Option("--out", help="Write one self-contained HTML page.")] = None,
    masks: Annotated[Path | None, typer.Option("--masks", help="Folder for each piece's mask as PNG.")] = None,
    cutouts: Annotated[Path | None, typer.Option("--cutouts", help="Folder for each photo's cut-out as PNG.")] = None,
    category: CategoryOption = None,
    colour: ColourOption = None,
    min_price: MinPriceOption = None,
    max_price: MaxPriceOption = None,
    where: WhereOption = None,
    index: IndexOption = None,
) -> int:
    """Find the pieces in photos and their nearest matches. With --json: one document a photo, one a line."""
    if (masks or cutouts) and not as_json:
        raise UsageError("--masks and --cutouts name their files in the JSON; add --json.")
    if out and not out.resolve().parent.is_dir():
        raise UsageError(f"There is no folder for “{out}”; make it first, or name another file.")
    filters = filters_of(category, colour, min_price, max_price, where)
    console = printer(stderr=True)
    unreadable = 0

    def refuse(path: Path, error: UnreadablePhoto) -> None:
        nonlocal unreadable
        unreadable += 1
        if as_json:
            write_json({"photo": str(path), "error": str(error)}, indent=None)
        console.print(f"error: {error}")

    with quiet_stdout():
        with progress_bar("Loading") as tell:
            matcher = Matcher.load(settings_for(index), tell)
        paths = list(expand(photos, refuse))
        sheet = Sheet(matcher) if out else None
        with progress_bar("Matching") as tell:
            for n, (path, stem) in enumerate(zip(paths, _distinct_stems(paths), strict=True)):
                tell(path.name, n / len(paths))
                try:
                    result = matcher.match(path, top=top, same_kind=same_kind, min_score=min_score, filters=filters)
                except UnreadablePhoto as error:
                    refuse(path, error)
                    continue
                if as_json:
                    write_json(_document(path, stem, result, matcher, masks, cutouts), indent=None)
                if sheet:
                    sheet.add(path.name, result)
                elif not as_json:
                    _print_result(path, result)
        if out and sheet and sheet.photos:
            sheet.write(out)
            console.print(f"Wrote {shown_path(out.resolve())}.")
    return UnreadablePhoto.exit_code if unreadable else 0


def search(
    words: Annotated[str, typer.Argument(help="A description, for example “navy striped top”.")],
    top: TopOption = None,
    category: CategoryOption = None,
    colour: ColourOption = None,
    min_price: MinPriceOption = None,
    max_price: MaxPriceOption = None,
    where: WhereOption = None,
    as_json: JsonOption = False,
    index: IndexOption = None,
) -> None:
    """Find items of the catalogue by words."""
    with quiet_stdout():
        with progress_bar("Loading") as tell:
            matcher = Matcher.load(settings_for(index), tell)
        found = matcher.search_words(words, top=top, filters=filters_of(category, colour, min_price, max_price, where))
    if as_json:
        models = {"embeddings": matcher.embed.name}
        matches = matches_document(found, matcher.index, matcher.embed.likeness_of_words)
        write_json({"query": words, "models": models, "matches": matches})
    elif found:
        printer().print(_table(found))
    else:
        printer().print("Nothing close enough in the catalogue; try other or fewer words.")


def _distinct_stems(paths: list[Path]) -> list[str]:
    """A file stem for each photo, so that photos of one name in two folders do not overwrite each other's files."""
    stems: list[str] = []
    taken: set[str] = set()
    for path in paths:
        stem, count = path.stem, 1
        while stem in taken:
            count += 1
            stem = f"{path.stem}.{count}"
        taken.add(stem)
        stems.append(stem)
    return stems


def _document(
    path: Path, stem: str, result: MatchResult, matcher: Matcher, masks: Path | None, cutouts: Path | None
) -> dict[str, Any]:
    document = match_document(str(path), result, matcher)
    if masks:
        for piece, mask in zip(document["pieces"], save_masks(stem, result, masks), strict=True):
            piece["mask"] = str(mask)
    if cutouts:
        document["cutout"] = str(save_cutout(stem, result, cutouts))
    return document


def _print_result(path: Path, result: MatchResult) -> None:
    console = printer()
    console.print(f"\n{path.name}", style="bold")
    if not result.pieces:
        console.print("No garment found; try a closer, brighter photo, or a lower --min-score.")
    for row in result.pieces:
        console.print(f"{row.piece.label} {row.piece.score:.0%}")
        console.print(_table(row.matches) if row.matches else "  nothing close enough in the catalogue")


def _table(matches: tuple[Match, ...]) -> Table:
    table = Table("similarity", "id", "category", "colour", "title", box=None, padding=(0, 2))
    for found in matches:
        item = found.item
        table.add_row(f"{found.similarity:.2f}", item.id, item.category, item.colour, item.title)
    return table
