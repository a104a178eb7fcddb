"""Files that are whole at any moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.drafts import whole


def test_a_draft_takes_the_files_place_when_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "new" / "table.csv"
    with whole(path) as draft:
        draft.write_text("a")
        assert draft.suffix == ".csv" and draft.parent == path.parent and not path.exists()
    with whole(path) as draft:
        draft.write_text("b")
        assert path.read_text() == "a"
    assert path.read_text() == "b" and list(path.parent.iterdir()) == [path]


def test_what_was_there_stays_where_the_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("before")
    with pytest.raises(OSError, match="disk is full"), whole(path) as draft:
        draft.write_text("ha")
        raise OSError("the disk is full")
    assert path.read_text() == "before" and list(tmp_path.iterdir()) == [path]


def test_threads_that_write_one_file_do_not_share_a_draft(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    with whole(path) as first, ThreadPoolExecutor(1) as pool:
        first.write_text("first")

        def second() -> None:
            with whole(path) as draft:
                draft.write_text("second")

        pool.submit(second).result()
        assert path.read_text() == "second"
    assert path.read_text() == "first" and list(tmp_path.iterdir()) == [path]
