"""The pages of documentation: what they point at is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.settings import ROOT

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```", re.DOTALL)


def headings(page: Path) -> set[str]:
    """The names that the headings of a page are linked by."""
    lines = re.findall(r"^#+ (.+)$", CODE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}


@pytest.mark.parametrize("document", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(document: Path) -> None:
    for link in LINK.findall(CODE.sub("", document.read_text())):
        if link.startswith(("http://", "https://")):
            continue
        name, _, part = link.partition("#")
        target = document.parent / name if name else document
        assert target.exists(), f"{document.name} points at {link}, which is not there"
        if part and target.suffix == ".md":
            assert part in headings(target), f"{document.name} points at {link}; there is no such heading"
