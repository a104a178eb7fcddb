"""`evaluate oneshot`: how well one picture of an article is enough to find it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from pipeline.commands.common import JsonOption, printer, progress_bar, quiet_stdout, settings_for, write_json
from pipeline.commands.steps import steps_bar
from pipeline.errors import UnreadablePhoto, UsageError

CategoriesOption = Annotated[
    tuple[Path, Path] | None,
    typer.Option("--categories", metavar="QUERY.csv REFERENCE.csv", help="With .npz files: tables of `preprocess`."),
]
SameCategoryOption = Annotated[
    bool, typer.Option("--same-category", help="Find only references of the query's (predicted) category.")
]


def oneshot(
    data: Annotated[
        Path | None, typer.Argument(metavar="FOLDER|CSV", help="Pictures with a CSV: query, reference[, category].")
    ] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Our rendered drapes under photographic conditions, everything compared.")
    ] = False,
    query: Annotated[Path | None, typer.Option("--query", help="With a CSV: .npz of `embed` with the queries.")] = None,
    reference: Annotated[Path | None, typer.Option("--reference", help="The same with the references.")] = None,
    same_category: SameCategoryOption = False,
    categories: CategoriesOption = None,
    keep_background: Annotated[
        bool, typer.Option("--keep-background", help="Embed the pictures as they are, with what is behind.")
    ] = False,
    compare: Annotated[
        bool, typer.Option("--compare", help="With and without each of these, and with every model that is here.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="DIR", help="Write a page with plots and the worst failures.")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Measure one-shot retrieval: where the right reference of each query stands among all references."""
    # Here, since most verbs need none of it.
    from pipeline.catalogue import Meter
    from pipeline.evaluation import oneshot_report, oneshot_runs
    from pipeline.evaluation.comparing import everything, single
    from pipeline.evaluation.conditions import CONDITIONS
    from pipeline.evaluation.report import report_folder
    from pipeline.evaluation.tasks import read_asked

    if demo == (data is not None):
        raise UsageError("Name a folder or a CSV with queries and references, or ask for --demo.")
    if (demo or compare) and (keep_background or same_category):
        raise UsageError("--demo and --compare measure with and without the other options; leave those out.")
    if report is not None:
        report_folder(report)
    settings = settings_for(None)
    with quiet_stdout(), steps_bar() as step:
        tell = Meter(step).tell
        if query or reference or categories:
            if not (data and query and reference) or keep_background or compare:
                raise UsageError("Embeddings are measured with all of CSV, --query and --reference, and no pictures.")
            run = oneshot_runs.run_embeddings(data, query, reference, categories, same_category)
        elif data is not None:
            asked = read_asked(data, settings)
            stated = all(asked.task.categories) and all(asked.task.reference_categories)
            rows = everything(settings, stated=stated) if compare else single(settings, keep_background, same_category)
            run = oneshot_runs.run_pictures(asked, rows, settings, tell)
        else:
            run = oneshot_runs.run_demo(settings, tell)
    console = printer(stderr=True)
    for sentence in run.left_out:
        console.print(f"error: {sentence}")
    if report is not None:
        about = {condition.name: condition.about for condition in CONDITIONS} if demo else {}
        with progress_bar("Writing the report"):
            path = oneshot_report.page(run.told, run.task, run.show, about).write(report)
        console.print(f"The report is {path}.")
    if as_json:
        write_json(run.told)
    else:
        _print(run.told, oneshot_report.TITLES)
    return UnreadablePhoto.exit_code if run.left_out else 0


def _print(told: Mapping[str, Any], titles: Mapping[str, str]) -> None:
    """The figures as a table: all together, by condition, by choice."""
    table = Table(box=None, padding=(0, 2))
    table.add_column("")
    for title in ("queries", *titles.values()):
        table.add_column(title, justify="right")

    def add(name: str, count: str, figures: Mapping[str, Mapping[str, float]]) -> None:
        table.add_row(name, count, *(_written(figures[key]) for key in titles))

    add("all together", f"{told['queries']:,}", told["figures"])
    for row in told.get("conditions", told["categories"]):
        add(row["name"], f"{row['queries']:,}", row["figures"])
    for row in told.get("comparison", ())[1:]:
        name = ", ".join(_choices(row))
        if "missing" in row:
            table.add_row(name, "", row["missing"])
        else:
            add(name, f"{told['queries']:,}", row["figures"])
    console = printer()
    console.print(told["about"])
    console.print(table)
    console.print(f"In brackets: {told['interval'].partition(';')[0]}.")


def _choices(row: Mapping[str, Any]) -> Sequence[str]:
    told = [f"cut-out {row['cutout']}", f"embedder {row['embeddings']}"]
    told += [f"largest piece by {row['pieces']}"] if row["pieces"] else []
    return [*told, *([f"filter {row['filter']}"] if row["filter"] != "none" else [])]


def _written(figure: Mapping[str, float]) -> str:
    bounds = f" ({figure['low']:.3f} to {figure['high']:.3f})" if "low" in figure else ""
    return f"{figure['value']:.3f}{bounds}"
