"""What tests of events read in answers."""

from typing import Any


def codes(answer: Any) -> list[tuple[str, str]]:
    """Where the faults of a problem lie, and which."""
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
