"""The CSV files of one-shot retrieval: what was asked and what would be right, what pictures show, what was found."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from pipeline.errors import UsageError
from pipeline.evaluation.names import Names

TRUTH_COLUMNS = ("query", "reference")
MATCH_COLUMNS = ("query", "rank", "reference", "similarity")


@dataclass(frozen=True)
class Truth:
    """A ground truth: for each query, in the order of the file, its right references; the categories that were said."""

    name: str
    right: Mapping[str, tuple[str, ...]]
    category: Mapping[str, str]


def read_truth(path: Path) -> Truth:
    """The ground truth in a CSV with the columns query, reference and, if wanted, category.

    A query with several right references has several lines; a line that is there twice counts once.

    Raises:
        UsageError: no such file, not a CSV, a column or a cell missing, or two categories for one query.
    """
    right: dict[str, dict[str, None]] = {}
    category: dict[str, str] = {}
    for where, row in _rows(path, TRUTH_COLUMNS):
        query, reference, said = row["query"], row["reference"], row.get("category", "").lower()
        for column in TRUTH_COLUMNS:
            if not row[column]:
                raise UsageError(f"{where} names no {column}; fill that column, or remove the line.")
        right.setdefault(query, {})[reference] = None
        if said and category.setdefault(query, said) != said:
            raise UsageError(f"{where}: “{query}” is “{said}” here and “{category[query]}” before; make them one.")
    if not right:
        raise UsageError(f"“{path.name}” has no line below its columns; name a query and its reference on each.")
    return Truth(path.name, {query: tuple(names) for query, names in right.items()}, category)


def find_truth(folder: Path) -> Path:
    """The one CSV of a folder that has the columns of a ground truth.

    Raises:
        UsageError: there is none, or more than one.
    """
    found = [path for path in sorted(folder.glob("*.csv")) if _is_truth(path)]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(f"“{path.name}”" for path in found)
        raise UsageError(f"“{folder.name}” holds several ground truths ({names}); name one of the files.")
    raise UsageError(
        f"“{folder.name}” holds no CSV with the columns query and reference; add one that says what is right."
    )


@dataclass(frozen=True)
class Categories:
    """What pictures show, by name, as `preprocess` wrote it down."""

    names: Names
    words: tuple[str, ...]

    def of(self, ids: Sequence[str]) -> list[str]:
        """The category of each picture; "" for one that the table does not have.

        Raises:
            UsageError: the table has several pictures of that name.
        """
        places = [self.names.find(name) for name in ids]
        return ["" if place is None else self.words[place] for place in places]


def read_categories(path: Path) -> Categories:
    """The table that `preprocess` wrote, or any CSV with the columns id and category.

    Raises:
        UsageError: no such file, not a CSV, a column missing, or an id twice.
    """
    rows = [row for _, row in _rows(path, ("id", "category"))]
    return Categories(
        Names([row["id"] for row in rows], f"“{path.name}”"), tuple(row["category"].lower() for row in rows)
    )


def write_matches(path: Path, queries: Sequence[str], found: Sequence[Sequence[tuple[str, float]]]) -> None:
    """Write one line a match: the query, the rank from 1, the reference, and the cosine of the two."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(MATCH_COLUMNS)
        for query, matches in zip(queries, found, strict=True):
            for rank, (reference, similarity) in enumerate(matches, 1):
                writer.writerow((query, rank, reference, f"{similarity:.6f}"))


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Each line of a CSV, with the place to name in a message; cells are stripped, column names lower case."""
    if not path.is_file():
        raise UsageError(f"There is no file “{path}”; name a CSV with the columns {' and '.join(columns)}.")
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = _reader(file)
            header = _names(reader)
            for column in columns:
                if column not in header:
                    named = " and ".join(columns)
                    raise UsageError(f"“{path.name}” has no column “{column}”; its first line must name {named}.")
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    padded = [cell.strip() for cell in cells] + [""] * len(header)
                    yield f"“{path.name}” line {reader.line_num}", dict(zip(header, padded, strict=False))
    except UnicodeDecodeError as error:
        raise UsageError(f"“{path.name}” is not in UTF-8; save it as “CSV UTF-8” and try again.") from error
    except csv.Error as error:
        raise UsageError(f"“{path.name}” cannot be read as a CSV ({error}); save it again and try that.") from error


def _reader(file: TextIO) -> Any:
    """A CSV reader with the delimiter of the file: spreadsheets of many countries write semicolons."""
    first = file.readline()
    file.seek(0)
    return csv.reader(file, delimiter=max(",;\t|", key=first.count), skipinitialspace=True)


def _names(reader: Any) -> list[str]:
    return [name.strip().lower() for name in next(reader, [])]


def _is_truth(path: Path) -> bool:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return set(TRUTH_COLUMNS) <= set(_names(_reader(file)))
    except (UnicodeDecodeError, csv.Error):
        return False
