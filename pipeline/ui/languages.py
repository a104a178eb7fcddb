"""The page's languages: every sentence in the language of whoever reads it.

Sentences stand in the code in English and go through `say` where they are used; `locale/*.po` has them in the other
languages (gettext, through Babel). What handlers send is translated here, by the language of the request that they
answer. What is laid out once for everybody goes through `static`, and gradio's frontend takes the visitor's language.
Both read the same catalogue, and both go by the first language that the browser asks for.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

import gradio as gr
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent
from gradio.context import LocalContext
from gradio.i18n import I18nData

ENGLISH = "en"
LOCALE = Path(__file__).parent / "locale"
LANGUAGES = (ENGLISH, *sorted(path.stem for path in LOCALE.glob("*.po")))
# The contexts of the catalogue: names of kinds, colours and the like, and the pipeline's own sentences.
WORD, COUNTED, PIPELINE = "word", "counted", "pipeline"

_chosen: ContextVar[str] = ContextVar("chosen_language")
_static: dict[str, Callable[[], str]] = {}


def spoken() -> str:
    """The language of whoever reads what is said now: one of LANGUAGES."""
    chosen = _chosen.get("")
    if chosen:
        return chosen
    # Gradio holds the request of the event that runs, for each step of a generator, too.
    request = LocalContext.request.get(None)
    return preferred(request.headers.get("accept-language", "")) if request is not None else ENGLISH


def preferred(accepted: str) -> str:
    """The page's language for an Accept-Language header: its first one where we have that, else English.

    Only the first, since gradio's frontend goes by `navigator.language` alone, and a page speaks one language.
    """
    first = accepted.split(",")[0].split(";")[0].split("-")[0].strip().lower()
    return first if first in LANGUAGES else ENGLISH


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say everything in this language, whoever asks, for the length of the block."""
    token = _chosen.set(language)
    try:
        yield
    finally:
        _chosen.reset(token)


def say(sentence: str, /, **values: object) -> str:
    """A sentence in the language that is spoken; values: for its {placeholders}."""
    said = _translations(spoken()).gettext(sentence)
    return said.format(**values) if values else said


def say_many(one: str, many: str, /, count: int, **values: object) -> str:
    """A sentence about one or several; {count} is the number as it is written in the language."""
    return _translations(spoken()).ngettext(one, many, count).format(count=number(count), **values)


def word(name: str) -> str:
    """The name of a kind, a category, a colour or a pattern; a name that is not ours stays as it is."""
    return _translations(spoken()).pgettext(WORD, name) if name else ""


def words(name: str, several: str, count: int) -> str:
    """The name of a category for so many garments; several: its English plural. One that is not ours stays English."""
    return _translations(spoken()).npgettext(COUNTED, name, several, count)


def heading(name: str) -> str:
    """A name as a heading: `word` with its first letter large; underscores, as in a CSV's columns, are spaces."""
    said = word(name.replace("_", " "))
    return said[:1].upper() + said[1:]


def told(sentence: str) -> str:
    """A sentence of the pipeline, such as an error's, as it is said; in English where it has not been translated."""
    for pattern, translated in _sentences(spoken()):
        if found := pattern.fullmatch(sentence):
            return translated.format(**{name: told(value) for name, value in found.groupdict().items()})
    return sentence


def number(amount: float, digits: int = 0) -> str:
    """A number as it is written in the language: 1,234.5 or 1.234,5."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(amount, pattern, locale=spoken())


def percent(share: float) -> str:
    """A share (0..1) in per cent."""
    return format_percent(share, locale=spoken())


def euros(amount: float) -> str:
    """A price."""
    return format_currency(amount, "EUR", "#,##0.00 ¤", locale=spoken())


def static(sentence: str) -> I18nData:
    """A sentence for what is laid out once for everybody: a label, a button, a placeholder."""
    _static.setdefault(sentence, lambda: say(sentence))
    return I18nData(sentence)


def rendered(name: str, render: Callable[[], str]) -> I18nData:
    """HTML for what is laid out once for everybody. name: any that nothing else has; render: makes it."""
    _static[name] = render
    return I18nData(name)


def dictionaries() -> gr.I18n:
    """Everything static in every language, as gradio takes it to the browser."""
    spelled: dict[str, dict[str, str]] = {}
    for language in LANGUAGES:
        with speaking(language):
            spelled[language] = {key: make() for key, make in _static.items()}
    return gr.I18n(**spelled)


def catalogue(language: str) -> Catalog:
    """The messages of one of LANGUAGES but English."""
    with (LOCALE / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


@cache
def _translations(language: str) -> NullTranslations:
    if language == ENGLISH:
        return NullTranslations()
    # Compiled here, in some milliseconds, so that no compiled file can be older than its source.
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def _sentences(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The pipeline's sentences as patterns of what fills their placeholders, with their translations."""
    if language == ENGLISH:
        return ()
    known = [message for message in catalogue(language) if message.context == PIPELINE and message.string]
    return tuple((_pattern(str(message.id)), str(message.string)) for message in known)


def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(sentence)))
