"""`evaluate`: how well the models do on labelled data."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.commands import evaluating_oneshot
from pipeline.commands.common import JsonOption, printer, progress_bar, quiet_stdout, settings_for, write_json
from pipeline.commands.steps import steps_bar
from pipeline.document import shown_path
from pipeline.environment import cache_home

app = typer.Typer(help="Measure the models on labelled data: figures, and a report with plots and pictures.")
app.command("oneshot")(evaluating_oneshot.oneshot)


class Format(StrEnum):
    """The values of --format; the same as those of the training commands."""

    AUTO = "auto"
    CCP = "ccp"
    FASHIONPEDIA = "fashionpedia"
    MODANET = "modanet"
    DEEPFASHION2 = "deepfashion2"
    DEEPFASHION = "deepfashion"
    FOLDERS = "folders"
    CLOTHING_DATASET = "clothing-dataset"


class Split(StrEnum):
    """The values of --split."""

    HELD_OUT = "held-out"
    ALL = "all"


class Gallery(StrEnum):
    """The values of --gallery."""

    SAME = "same"
    REST = "rest"


Data = Annotated[
    Path,
    typer.Argument(
        help="A data set in its upstream layout, or a folder with several side by side; docs/evaluation.md lists them."
    ),
]
FormatOption = Annotated[
    Format, typer.Option("--format", help="The sets' format; auto tells it by the files and takes every set.")
]
SplitOption = Annotated[
    Split, typer.Option("--split", help="What the set's authors, or our trainings, hold out; or everything.")
]
LimitOption = Annotated[
    int | None, typer.Option("--limit", min=1, help="Photos, or garments, at most: a fixed choice. [default: all]")
]
GalleryOption = Annotated[
    Gallery,
    typer.Option("--gallery", help="Compared with: the measured garments themselves, or what is not held out."),
]
ReportOption = Annotated[
    Path | None, typer.Option("--report", metavar="DIR", help="Folder for a page with plots and pictures.")
]
CacheOption = Annotated[
    Path | None,
    typer.Option("--cache", help="Folder for decoded photos and masks; may be deleted. [default: in FASHION_CACHE]"),
]


@app.command()
def segmentation(
    data: Data,
    format: FormatOption = Format.AUTO,
    split: SplitOption = Split.HELD_OUT,
    limit: LimitOption = None,
    as_json: JsonOption = False,
    report: ReportOption = None,
    cache: CacheOption = None,
) -> None:
    """Measure masks and boxes on photos with masks: AP by kind, curves, confusion; as run, and the photo alone."""
    from pipeline.catalogue import Meter
    from pipeline.evaluation import segmentation as measured
    from pipeline.evaluation.report import report_folder
    from pipeline.evaluation.segmentation_page import page
    from pipeline.evaluation.stages import load_finders

    folder = report_folder(report) if report else None
    settings = settings_for(None)
    with quiet_stdout():
        labelled = _labelled(data, format, split, limit, cache)
        labelled.photos()
        with progress_bar("Loading") as tell:
            finders, models = load_finders(settings, tell)
        with steps_bar() as step:
            result = measured.measure(labelled, finders, models, settings.min_score, Meter(step), folder is not None)
    if folder:
        _wrote(page(result).write(folder))
    if as_json:
        write_json(result.document)
        return
    rows = {
        title: {
            "mAP50": result.document[way]["mask"]["map50"],
            "mAP50-95": result.document[way]["mask"]["map50_95"],
            "boxes mAP50": result.document[way]["box"]["map50"],
            **{name: result.document[way][name] for name in ("precision", "recall")},
        }
        for way, title in measured.TITLES.items()
    }
    _print(f"{result.document['photos']} photos, {result.document['pieces']} pieces", rows)


@app.command()
def classification(
    data: Data,
    format: FormatOption = Format.AUTO,
    split: SplitOption = Split.HELD_OUT,
    gallery: GalleryOption = Gallery.SAME,
    limit: LimitOption = None,
    as_json: JsonOption = False,
    report: ReportOption = None,
    cache: CacheOption = None,
) -> None:
    """Measure how garments are classified: top-1, top-5 and confusion, by neighbours, by words, and by kind."""
    from pipeline.evaluation import classification as measured
    from pipeline.evaluation.garment_pages import classification_page
    from pipeline.evaluation.report import report_folder

    folder = report_folder(report) if report else None
    with quiet_stdout():
        garments, others, about, stages, models = _garments(data, format, split, gallery, limit, cache)
        result = measured.measure(garments, others, stages.embed, about, models)
    if folder:
        _wrote(classification_page(result).write(folder))
    if as_json:
        write_json(result.document)
        return
    rows = {
        title: {f"top-{first}": result.document[name][f"top{first}"]["value"] for first in measured.TOP}
        for name, title in measured.TITLES.items()
        if name in result.document
    }
    _print(f"{len(garments)} garments, compared with {about['gallery']}", rows)


@app.command()
def retrieval(
    data: Data,
    format: FormatOption = Format.AUTO,
    split: SplitOption = Split.HELD_OUT,
    gallery: GalleryOption = Gallery.SAME,
    limit: LimitOption = None,
    as_json: JsonOption = False,
    report: ReportOption = None,
    cache: CacheOption = None,
) -> None:
    """Measure what is found next to a garment: precision at 1, 5 and 10, and mAP, overall and by category."""
    from pipeline.evaluation import retrieval as measured
    from pipeline.evaluation.garment_pages import retrieval_page
    from pipeline.evaluation.report import report_folder

    folder = report_folder(report) if report else None
    with quiet_stdout():
        garments, others, about, _, models = _garments(data, format, split, gallery, limit, cache)
        result = measured.measure(garments, others, about, models)
    if folder:
        _wrote(retrieval_page(result).write(folder))
    if as_json:
        write_json(result.document)
        return
    rows = {
        title: {
            **{f"P@{first}": result.document[name][f"p{first}"]["value"] for first in measured.FIRST},
            "mAP": result.document[name]["map"]["value"],
        }
        for name, title in measured.TITLES.items()
        if name in result.document
    }
    _print(f"{len(garments)} garments, compared with {about['gallery']}", rows)


def _labelled(data: Path, format: Format, split: Split, limit: int | None, cache: Path | None) -> Any:
    from pipeline.evaluation.sets import Labelled

    return Labelled(data, format.value, split.value, limit, cache or cache_home() / "sets")


def _garments(
    data: Path, format: Format, split: Split, gallery: Gallery, limit: int | None, cache: Path | None
) -> tuple[Any, Any, dict[str, Any], Any, dict[str, str]]:
    """The garments, what they are compared with, what the document says of the data, the stages and their names."""
    from pipeline.catalogue import Meter
    from pipeline.errors import UsageError
    from pipeline.evaluation.garments import embedded
    from pipeline.evaluation.stages import load_embedders

    if gallery is Gallery.REST and split is Split.ALL:
        raise UsageError("--gallery rest is what is not held out; it goes with --split held-out.")
    labelled = _labelled(data, format, split, limit, cache)
    labelled.sets.garments("val")
    with progress_bar("Loading") as tell:
        stages, models = load_embedders(settings_for(None), tell)
    with steps_bar() as step:
        garments = embedded(labelled, stages.cut, stages.embed, Meter(step))
        others = garments
        if gallery is Gallery.REST:
            others = embedded(labelled.rest(), stages.cut, stages.embed, Meter(step))
    told = "each other" if gallery is Gallery.SAME else f"{len(others)} garments that are not held out"
    return garments, others, labelled.document(len(garments), "garments") | {"gallery": told}, stages, models


def _wrote(page: Path) -> None:
    printer(stderr=True).print(f"Wrote {shown_path(page.resolve())}.")


def _print(what: str, rows: Mapping[str, Mapping[str, float]]) -> None:
    """A table of figures on stdout, a line a row."""
    from rich.table import Table

    names = list(next(iter(rows.values())))
    table = Table("", *names, box=None, padding=(0, 1))
    for title, figures in rows.items():
        table.add_row(title, *(f"{figures[name]:.3f}" for name in names))
    printer().print(what)
    printer().print(table)
