"""What commands say: on standard output what was asked for, on standard error in one sentence what stopped them."""

import contextlib
from collections.abc import Iterator
from typing import Any

import typer
from pydantic import ValidationError
from rich.console import Console

from app.core.errors import CannotStart

console = Console(highlight=False, soft_wrap=True)
errors = Console(highlight=False, soft_wrap=True, stderr=True)


@contextlib.contextmanager
def plainly() -> Iterator[None]:
    """What stops a command, in one sentence and without a traceback; exit code 1."""
    try:
        yield
    except CannotStart as error:
        sentence = str(error)
    except ValidationError as error:
        faults = "; ".join(_setting_sentence(dict(fault)) for fault in error.errors(include_url=False))
        sentence = f"{faults} (`.venv/bin/aet settings` explains every setting)."
    else:
        return
    errors.print(sentence, style="red", markup=False)
    raise typer.Exit(1)


def _setting_sentence(fault: dict[str, Any]) -> str:
    """One fault of the settings, its value left out: it can be a secret."""
    name = "".join(f"AET_{str(part).upper()}: " for part in fault["loc"][:1])
    return name + str(fault["msg"]).removeprefix("Value error, ").rstrip(".") + "."
