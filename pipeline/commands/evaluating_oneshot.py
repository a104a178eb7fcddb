"""`evaluate oneshot`: how well one picture of an article is enough to find it again."""

from __future__ import annotations

from collections.abc import Mapping
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
        with progress_bar("Writing the report"):
            path = oneshot_report.page(run.told, run.show).write(report)
        console.print(f"The report is {path}.")
    if as_json:
        write_json(run.told)
    else:
        compared = {name: oneshot_report.TITLES[name] for name in oneshot_report.COMPARED}
        _print(run.told, oneshot_report.telling(run.told), compared)
    return UnreadablePhoto.exit_code if run.left_out else 0


def _print(told: Mapping[str, Any], titles: Mapping[str, str], compared: Mapping[str, str]) -> None:
    """The figures with their bounds, then tables without: by condition or category, and by choice."""
    console = printer()
    console.print(told["about"], soft_wrap=True)
    for key, title in titles.items():
        figure = told["figures"][key]
        bounds = f"  ({figure['low']:.3f} to {figure['high']:.3f})" if "low" in figure else ""
        console.print(f"  {title:<7} {figure['value']:.3f}{bounds}")
    console.print(f"In brackets: {told['interval'].partition(';')[0]}.", soft_wrap=True)
    groups = told.get("conditions", told["categories"])
    _table("queries", {row["name"]: (str(row["queries"]), row["figures"]) for row in groups}, titles)
    rows = [row for row in told.get("comparison", ()) if "figures" in row]
    _table("predicted", {_choice(row): (_share(row), row["figures"]) for row in rows}, compared)
    for row in told.get("comparison", ()):
        if "missing" in row:
            console.print(f"  {_choice(row)}: {row['missing']}", soft_wrap=True)


def _table(second: str, rows: Mapping[str, tuple[str, Mapping[str, Any]]], titles: Mapping[str, str]) -> None:
    if not rows:
        return
    table = Table(box=None, padding=(0, 1))
    table.add_column("", no_wrap=True)
    for title in (second, *titles.values()):
        table.add_column(title, justify="right")
    for name, (number, figures) in rows.items():
        table.add_row(name, number, *(f"{figures[key]['value']:.3f}" for key in titles))
    printer().print(table)


def _share(row: Mapping[str, Any]) -> str:
    return f"{row['predicted rightly']:.0%}" if "predicted rightly" in row else ""


def _choice(row: Mapping[str, Any]) -> str:
    """A row of the comparison in a few words."""
    told = [f"cut-out {row['cutout']}"]
    told += [f"pieces {row['pieces']}"] if row["pieces"] else []
    told += [f"embedder {row['embeddings']}"] if row["embeddings"] != "bundled" else []
    return ", ".join([*told, *([row["filter"]] if row["filter"] != "none" else [])])
