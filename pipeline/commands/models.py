"""`models`: which weights there are, fetching published ones, and whether they are sound."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from pipeline import hub
from pipeline.choice import VARIABLES, choose
from pipeline.commands.common import JsonOption, printer, progress_bar, quiet_stdout, write_json
from pipeline.errors import ModelMissing, UsageError
from pipeline.published import PUBLISHED, Published, from_hub, published
from pipeline.settings import Settings
from pipeline.weights import SLOTS, bundled

app = typer.Typer(help="The models in use, the published ones, and their weights.")


@app.command("list")
def list_models(as_json: JsonOption = False) -> None:
    """Name every choice for each slot: licence, size, dimension, whether it is here and in use."""
    settings = Settings.from_environment()
    used, problems = _in_use(settings)
    rows = [*_bundled_rows(settings, used), *(_published_row(spec, used) for spec in (*PUBLISHED, *_fetched_others()))]
    rows += [_local_row(slot, name) for slot, name in used.items() if not any(r["in_use"] == slot for r in rows)]
    for row in rows:
        row["in_use"] = bool(row["in_use"])
    if as_json:
        write_json(rows)
        return
    table = Table("", "name", "licence", "MiB", "dim", "state", box=None, padding=(0, 1))
    table.columns[1].no_wrap = True
    for slot in SLOTS:
        table.add_row("", f"{slot}  ({VARIABLES[slot]})", style="bold")
        for row in rows:
            if row["slot"] == slot:
                table.add_row(*_cells(row))
    printer().print(table)
    for sentence in problems:
        printer(stderr=True).print(f"error: {sentence}")


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="A name of `models list`, or hf-hub:OWNER/REPOSITORY[/FILE][@REVISION].")],
    allow_pickle: Annotated[
        bool, typer.Option("--allow-pickle", help="Fetch weights that can run any code when they are opened.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Download a published model into the cache; what broke off goes on where it stopped."""
    spec = published(name) or from_hub(name)
    if spec is None:
        names = ", ".join(p.name for p in PUBLISHED)
        raise UsageError(f"There is no published model “{name}”; choose one of {names}, or hf-hub:OWNER/REPOSITORY.")
    if spec.pickled and not allow_pickle:
        raise UsageError(
            f"{spec.name} comes as a pickle, which can run any code when it is opened; "
            "add --allow-pickle if you trust where it comes from."
        )
    with quiet_stdout(), progress_bar("Fetching") as tell:
        held = hub.fetch(spec, tell)
    if as_json:
        write_json({"name": spec.name, "path": str(held.path), "revision": held.revision, "sha256": dict(held.digests)})
        return
    printer().print(f"{spec.name} is here: {held.size / 1e6:.0f} MB in {held.folder}.", soft_wrap=True)
    if spec.slot:
        printer(stderr=True).print(_how_to_use(spec))


@app.command()
def check(as_json: JsonOption = False) -> None:
    """Compare every file, bundled or fetched, with its sha256; exit code 4 if one is missing or damaged."""
    settings = Settings.from_environment()
    specs = bundled(settings.models)
    here = [(spec, held) for spec in (*PUBLISHED, *_fetched_others()) if (held := hub.find(spec))]
    problems, done = [], 0
    with progress_bar("Checking") as tell:
        for spec in specs.values():
            tell(spec.name, done / (len(specs) + len(here)))
            spec.check(settings.models)
            done += 1
        for published_spec, held in here:
            tell(published_spec.name, done / (len(specs) + len(here)))
            try:
                hub.check(published_spec, held)
            except ModelMissing as error:
                problems.append(str(error))
            done += 1
    if problems:
        raise ModelMissing(" ".join(problems))
    if as_json:
        sound = [(spec.slot, spec.identity) for spec in specs.values()] + [(spec.slot, spec.name) for spec, _ in here]
        write_json([{"slot": slot, "name": name, "ok": True} for slot, name in sound])
    else:
        count = sum(len(spec.files) for spec in specs.values()) + sum(len(held.digests) for _, held in here)
        printer().print(f"All {count} files are sound.")


def _in_use(settings: Settings) -> tuple[dict[str, str], list[str]]:
    """The name of the model in each slot that has one, and a sentence for each that has none."""
    used, problems = {}, []
    for slot in SLOTS:
        try:
            used[slot] = choose(slot, settings).name
        except (ModelMissing, UsageError) as error:
            problems.append(str(error))
    return used, problems


def _fetched_others() -> list[Published]:
    """Models that were fetched from the hub and are not listed."""
    return [spec for name in hub.fetched_names() if published(name) is None and (spec := from_hub(name))]


def _bundled_rows(settings: Settings, used: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "slot": spec.slot,
            "name": spec.identity,
            "source": "bundled",
            "licence": spec.licence,
            "bytes": spec.size,
            "dimension": spec.dimension,
            "files": [{"path": file.path, "sha256": file.sha256, "bytes": file.size} for file in spec.files],
            "cached": True,
            "in_use": used.get(spec.slot) == spec.identity and spec.slot,
        }
        for spec in bundled(settings.models).values()
    ]


def _published_row(spec: Published, used: dict[str, str]) -> dict[str, Any]:
    held = hub.find(spec)
    slot = next((slot for slot, name in used.items() if name.rpartition("@")[0] == spec.name), "")
    files = [{"path": f.path, "sha256": f.digest or None, "bytes": f.size or None} for f in spec.files]
    if held:
        files = [
            {"path": name, "sha256": digest or None, "bytes": (held.folder / name).stat().st_size}
            for name, digest in held.digests.items()
        ]
    return {
        "slot": spec.slot or slot or "pieces",
        "name": spec.name,
        "source": "hub",
        "licence": spec.licence,
        "bytes": held.size if held else spec.size,
        "dimension": spec.dimension,
        "files": files,
        "cached": held is not None,
        "in_use": slot,
        "about": spec.about,
        "repository": spec.repository or None,
        "revision": held.revision if held else spec.revision or None,
    }


def _local_row(slot: str, name: str) -> dict[str, Any]:
    return {
        "slot": slot, "name": name, "source": "local", "licence": "your own", "bytes": 0, "dimension": None,
        "files": [], "cached": True, "in_use": slot,
    }  # fmt: skip


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    state = "bundled" if row["source"] == "bundled" else "here" if row["cached"] else "to fetch"
    size = f"{row['bytes'] / 2**20:.1f}" if row["bytes"] else ""
    return (
        "*" if row["in_use"] else "", row["name"], row["licence"], size, str(row["dimension"] or ""),
        "in use" if row["in_use"] else state,
    )  # fmt: skip


def _how_to_use(spec: Published) -> str:
    return f"Use it with {VARIABLES[spec.slot]}={spec.name}."
