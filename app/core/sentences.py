"""A sentence of `locales/` in each language, for an answer that says no language of its own."""

from typing import Annotated

from pydantic import Field

from app.core.i18n import LANGUAGES, text
from app.core.schemas import View


class Sentence(View):
    """The same sentence in each language."""

    fr: Annotated[str, Field(examples=["Ce partenariat arrive à son terme."])]
    en: Annotated[str, Field(examples=["This partnership comes to its end."])]


def sentence(key: str) -> Sentence:
    """The sentence under this key. Raises `KeyError` for one that is in no catalogue."""
    return Sentence.model_validate({language: text(language, key) for language in LANGUAGES})
