"""What a one-shot evaluation reads: a folder of pictures with a ground truth, or the names that embeddings have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np

from pipeline.catalogue import read_folder
from pipeline.catalogue.looking import SIDE
from pipeline.errors import UsageError
from pipeline.evaluation.names import Names
from pipeline.evaluation.oneshot import Task
from pipeline.evaluation.preparations import Load, Shown
from pipeline.evaluation.tables import Truth, find_truth, read_truth
from pipeline.photo import read_photo
from pipeline.settings import Settings

# Where a folder may keep its queries and its references apart; then every picture below the second is a reference.
QUERY_FOLDERS, REFERENCE_FOLDERS = ("query", "queries"), ("reference", "references")


@dataclass(frozen=True, eq=False)
class Asked:
    """A task and what reads its pictures, in its order.

    about: what it is, in a sentence. left_out: one sentence for each name of the ground truth that nothing has.
    conditions: what the task's conditions mean, by name.
    """

    name: str
    about: str
    task: Task
    queries: Sequence[Load]
    references: Sequence[Load]
    left_out: Sequence[str] = ()
    conditions: Mapping[str, str] = field(default_factory=dict)


def read_asked(data: Path, settings: Settings) -> Asked:
    """The pictures of a folder, or beside a CSV, with the ground truth in it.

    With sub-folders `query` and `reference`, every picture below `reference` is one to search; else those that the
    ground truth names. Sub-folders of `reference` are categories, as a catalogue's are.

    Raises:
        UsageError: no folder, no ground truth in it, or none of its queries is there.
    """
    if data.is_dir():
        truth, folder = read_truth(find_truth(data)), data
    elif data.suffix.lower() == ".csv":
        truth, folder = read_truth(data), data.parent
    else:
        raise UsageError(f"“{data}” is neither a folder nor a CSV file; name one of the two.")
    settings = replace(settings, max_side=SIDE)
    items = {item.id: item for item in read_folder(folder).items}
    queries, references = _below(items, QUERY_FOLDERS), _below(items, REFERENCE_FOLDERS)
    asked = queries or [name for name in items if name not in set(references)]
    there = references or [name for name in items if name not in set(queries)]
    if not references:
        names = Names(there, f"“{folder.name}”")
        found = {names.find(name) for right in truth.right.values() for name in right} - {None}
        there = [name for place, name in enumerate(there) if place in found]
    task, left_out = match_up(truth, asked, there, [_category(name) if references else "" for name in there])
    return Asked(
        folder.name,
        f"{len(task.queries):,} queries of {truth.name} among {len(there):,} references.",
        task,
        [partial(_read, folder / items[name].image, settings) for name in task.queries],
        [partial(_read, folder / items[name].image, settings) for name in there],
        left_out,
    )


def match_up(
    truth: Truth, queries: Sequence[str], references: Sequence[str], categories: Sequence[str]
) -> tuple[Task, list[str]]:
    """The task that a ground truth makes of these names, and one sentence for each of its names that is not there.

    Args:
        categories: what each reference is said to show, "" where nobody says; where the ground truth says it, that.

    Raises:
        UsageError: no query with a right reference is there, or a name can be several pictures.
    """
    of_query, of_reference = Names(queries, "the queries"), Names(references, "the references")
    right: dict[int, set[int]] = {}
    said: dict[int, str] = {}
    filled = list(categories)
    left_out = []
    for name, wanted in truth.right.items():
        places = {other: of_reference.find(other) for other in wanted}
        left_out += [f"“{other}” is not among the references." for other, found in places.items() if found is None]
        there = {found for found in places.values() if found is not None}
        for found in there if truth.category.get(name) else ():
            filled[found] = truth.category[name]
        query = of_query.find(name)
        if query is None:
            left_out.append(f"“{name}” is not among the queries.")
        elif there:
            right.setdefault(query, set()).update(there)
            said.setdefault(query, filled[min(there)])
    if not right:
        raise UsageError(f"No query of “{truth.name}” is there with a right reference; see that the names agree.")
    task = Task(
        [queries[n] for n in right],
        references,
        [np.array(sorted(own), np.int64) for own in right.values()],
        [said[n] for n in right],
        filled,
    )
    return task, list(dict.fromkeys(left_out))


def _below(names: Iterable[str], folders: Sequence[str]) -> list[str]:
    return [name for name in names if "/" in name and name.partition("/")[0].lower() in folders]


def _category(name: str) -> str:
    """`reference/skirt/7` -> `skirt`, the sub-folder; "" where there is none."""
    parts = name.split("/")
    return parts[1].lower() if len(parts) > 2 else ""


def _read(path: Path, settings: Settings) -> Shown:
    return Shown(read_photo(path, settings))
