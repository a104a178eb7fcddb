"""The page's languages: one catalogue that has every sentence, and visitors who are answered in their own."""

from __future__ import annotations

import importlib
import io
import re
from string import Formatter
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from babel.messages.extract import extract_from_dir
from gradio.context import LocalContext
from gradio.i18n import I18nData
from PIL import Image

from pipeline.colours import COLOURS, MIXED
from pipeline.errors import UnreadablePhoto
from pipeline.index import Index
from pipeline.kinds import CATEGORIES, KINDS
from pipeline.matcher import Matcher
from pipeline.photo import read_photo
from pipeline.settings import DEMO_INDEX, ROOT
from pipeline.ui import languages, texts
from pipeline.ui.examples import find_examples
from pipeline.ui.languages import COUNTED, LANGUAGES, PIPELINE, WORD, preferred, say, speaking, told, word
from pipeline.ui.page import Page
from pipeline.wardrobe import plural
from tests.test_ui import Desk, data, desk  # noqa: F401  (fixtures)

UI = ROOT / "pipeline" / "ui"
OTHERS = [language for language in LANGUAGES if language != languages.ENGLISH]
# (context, sentence or sentences for one and many)
Key = tuple[str, str | tuple[str, ...]]


def said_in_the_code() -> set[Key]:
    """Every sentence of the page: arguments of the functions that say, and the tables of sentences."""
    keywords: dict[str, Any] = {"say": None, "say_many": (1, 2), "static": None}
    keys: set[Key] = {("", found[2]) for found in extract_from_dir(UI, [("**.py", "python")], keywords=keywords)}
    for path in UI.glob("*.py"):
        table = getattr(importlib.import_module(f"pipeline.ui.{path.stem}"), "Sentences", None)
        keys |= {("", value) for name, value in vars(table or object).items() if name.isupper()}
    return keys


def names_of_the_page() -> set[Key]:
    """What the pieces, and the demo catalogue's filters and examples, are called."""
    facets = Index.open(DEMO_INDEX).facets
    names = {*KINDS, *CATEGORIES, *COLOURS, MIXED, *facets.attributes, *(e.name for e in find_examples())}
    several: set[Key] = {(COUNTED, (name, plural(name))) for name in CATEGORIES}
    return several | {(WORD, name) for name in names | {v for values in facets.attributes.values() for v in values}}


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("language", OTHERS)
def test_the_catalogue_has_every_sentence_and_no_other(language: str) -> None:
    messages = {(m.context or "", m.id if isinstance(m.id, str) else tuple(m.id)): m for m in catalogue_of(language)}
    told_by_the_pipeline = {key for key in messages if key[0] == PIPELINE}
    assert set(messages) - told_by_the_pipeline == said_in_the_code() | names_of_the_page()
    for (_, sentence), message in messages.items():
        spelled = [sentence] if isinstance(sentence, str) else list(sentence)
        translated = [message.string] if isinstance(message.string, str) else list(message.string)
        for text in translated:
            assert text and fields(text) == fields(spelled[0]), spelled
            # Sentences stand in attributes of HTML, between single quotes.
            assert not set(text) & set("'<>&\""), text


def catalogue_of(language: str) -> list[Any]:
    return [message for message in languages.catalogue(language) if message.id]


def test_every_sentence_that_is_named_exists() -> None:
    sources = [*UI.glob("*.py"), *(ROOT / "tests").rglob("*.py")]
    named = {name for path in sources for name in re.findall(r"\btexts\.([A-Z][A-Z_]+)\b", path.read_text())}
    assert named and [name for name in named if not hasattr(texts.Sentences, name)] == []


@pytest.mark.parametrize(
    ("header", "language"),
    [("de-DE,de;q=0.9,en;q=0.8", "de"), ("de", "de"), ("DE-at", "de"), ("en-GB,de", "en"), ("fr,de", "en"), ("", "en")],
)
def test_the_first_language_of_the_browser_counts(header: str, language: str) -> None:
    assert preferred(header) == language


def test_what_is_said_follows_the_language() -> None:
    assert say("{count} items", count=2) == "2 items" and word("navy") == "navy" and texts.price(1234.5) == "1,234.50 €"
    with speaking("de"):
        assert (texts.count(1), texts.count(1200)) == ("1 Artikel", "1.200 Artikel")
        assert word("navy") == "marineblau" and word("no word of ours") == "no word of ours"
        assert texts.price(1234.5) == "1.234,50 €" and texts.similarity(0.5) == "Ähnlichkeit 0,50"
        assert texts.MATCH == "Zuordnen"


def refusals() -> list[str]:
    """What is said of the files that visitors most often choose wrongly."""
    large = io.BytesIO()
    Image.new("1", (20_000, 10_000)).save(large, "PNG")
    sentences = []
    for bad in (b"", b"no picture", b"\xff\xd8\xff\xe0 cut", large.getvalue(), np.zeros((4, 4, 3), np.uint8)):
        with pytest.raises(UnreadablePhoto) as refused:
            read_photo(bad)
        sentences.append(str(refused.value))
    return sentences


@pytest.mark.parametrize("language", OTHERS)
def test_the_frequent_refusals_are_translated(language: str) -> None:
    with speaking(language):
        for sentence in refusals():
            assert told(sentence) != sentence
        assert "200" in told(refusals()[3])
    assert told(refusals()[0]) == refusals()[0]


def test_a_visitor_is_answered_in_the_language_of_the_request(desk: Desk, data: bytes) -> None:  # noqa: F811
    token = LocalContext.request.set(SimpleNamespace(headers={"accept-language": "de-DE"}))  # type: ignore[arg-type]
    try:
        last = desk.show(data)
        assert "3 Teile in" in last["status"]
        assert last["pieces"]["choices"][0] == ("1 · Oberteil 95\N{NO-BREAK SPACE}%", 1)
        assert "Farbe" in last["refine-1"] and "Gesamt" in last["look"]
        assert "nicht mehr vorhanden" in desk.handlers.search("nobody", 8, True)["status"]
        assert "Die Datei ist kein Bild" in desk.show(b"no picture")["status"]
    finally:
        LocalContext.request.reset(token)
    assert "3 pieces" in desk.show(data)["status"]


def test_what_is_laid_out_once_is_there_in_every_language(fake_matcher: Matcher) -> None:
    page = Page(lambda progress: fake_matcher)
    spelled = languages.dictionaries().translations_dict
    assert set(spelled) == set(LANGUAGES)
    assert "every piece in it" in spelled["en"]["header"] and "Jedes Kleidungsstück" in spelled["de"]["header"]
    labels = [block["props"].get("label") for block in page.get_config_file()["components"]]
    marked = {label.key for label in labels if isinstance(label, I18nData)}
    assert texts.MATCH in marked and marked <= set(spelled["de"])
