"""The command line: verbs, and how each ends (exit codes, one-line errors)."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence

import typer
from rich.console import Console
from typer.exceptions import TyperException

from pipeline.commands import catalogue, counting, evaluating, mapping, match, models, retrieving
from pipeline.errors import PipelineError

INTERRUPTED = 130

app = typer.Typer(
    name="python -m pipeline",
    help="Find the pieces of clothing in photos and their nearest matches in a catalogue.",
    epilog="Exit codes: 0 fine, 1 anything unforeseen, 2 wrong usage, 3 unreadable input, "
    "4 models or index missing or not matching each other. --debug anywhere adds a traceback to an error.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("match")(match.match)
app.command("search")(match.search)
app.command("count")(counting.count)
app.command("preprocess")(retrieving.preprocess)
app.command("embed")(catalogue.embed)
app.command("map")(mapping.map_items)
app.command("retrieve")(retrieving.retrieve)
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(evaluating.app, name="evaluate")
app.add_typer(models.app, name="models")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; the return value is the process's exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    try:
        code: int = app([word for word in words if word != "--debug"], standalone_mode=False) or 0
        # typer makes an exit code of Ctrl-C.
        return _fail("Stopped.", code, debug=False) if code == INTERRUPTED else code
    except PipelineError as error:
        return _fail(str(error), error.exit_code, debug)
    except TyperException as error:
        return _fail(f"{error.format_message().rstrip('.')}. Add --help to see how it is used.", 2, debug)
    except (KeyboardInterrupt, typer.Abort):
        return _fail("Stopped.", INTERRUPTED, debug)
    except BrokenPipeError:
        # Whoever read our output (`| head`) has seen enough.
        sys.stderr.close()
        return 0
    except OSError as error:
        what = f"{error.strerror or error}" + (f" (“{error.filename}”)" if error.filename else "")
        return _fail(f"The system refused: {what}; check the path, its permissions and the free space.", 1, debug)
    except Exception as error:
        return _fail(f"Something unforeseen went wrong ({type(error).__name__}); add --debug for details.", 1, debug)


def _fail(message: str, code: int, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    Console(stderr=True, soft_wrap=True, highlight=False).print(f"error: {message}", markup=False)
    return code
