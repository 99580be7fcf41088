"""Numbering of a statement's parameters."""


class Parameters:
    """The parameters of one statement, numbered in the order they are first used."""

    def __init__(self, *names: str) -> None:
        self._numbers = {name: f"${number}" for number, name in enumerate(names, 1)}

    def __getitem__(self, name: str) -> str:
        return self._numbers.setdefault(name, f"${len(self._numbers) + 1}")

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, in order."""
        return tuple(self._numbers)

    def fill(self, conditions: list[str]) -> str:
        """The conditions joined, with their parameters numbered."""
        return " and ".join(condition.format_map(self) for condition in conditions)
