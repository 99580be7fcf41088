"""The two languages of what people read: French first, English second."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")
LONGEST_HEADER = 500


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        if isinstance(value, str):
            yield prefix + name, value
        else:
            yield from _flat(value, f"{prefix}{name}.")


def _read(language: Language) -> Mapping[str, str]:
    path = Path(__file__).parent.parent / "locales" / f"{language}.toml"
    return MappingProxyType(dict(_flat(tomllib.loads(path.read_text(encoding="utf-8")))))


CATALOGUES: Mapping[Language, Mapping[str, str]] = {language: _read(language) for language in LANGUAGES}


class _Params(dict[str, object]):
    """A message whose value is not given says "…" rather than fail."""

    def __missing__(self, _name: str) -> str:
        return "…"


def text(language: Language, key: str, **params: object) -> str:
    """The sentence of `locales/` under `key` (`problem.not-found.title`), its `{places}` filled in.

    Raises `KeyError` for a key that is in no catalogue.
    """
    sentence = CATALOGUES[language][key]
    return sentence.format_map(_Params(params)) if "{" in sentence else sentence


def has(key: str) -> bool:
    """Whether the catalogues know this key (both have the same)."""
    return key in CATALOGUES["fr"]


@lru_cache(maxsize=256)
def language(accept_language: str | None) -> Language:
    """The language to answer in, by `Accept-Language` (RFC 9110, 12.5.4).

    The best quality wins, then the first named; French where neither language is preferred.
    """
    if not accept_language or len(accept_language) > LONGEST_HEADER:
        return "fr"
    asked: dict[str, float] = {}
    for part in accept_language.split(","):
        tag, _, weight = part.partition(";")
        name = tag.strip().lower().split("-")[0]
        quality = _quality(weight)
        if quality is not None:
            asked[name] = max(quality, asked.get(name, 0.0))
    rank = {name: place for place, name in enumerate(asked)}
    rest = asked.get("*", 0.001)

    def preference(candidate: Language) -> tuple[float, int]:
        return asked.get(candidate, rest), -rank.get(candidate, len(rank))

    return max(LANGUAGES, key=preference)


def _quality(weight: str) -> float | None:
    """The q of one language range, 1 when not given; None when it cannot be read."""
    name, _, value = weight.strip().partition("=")
    if not name:
        return 1.0
    try:
        quality = float(value)
    except ValueError:
        return None
    return quality if name.strip().lower() == "q" and 0 <= quality <= 1 else None
