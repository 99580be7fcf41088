"""Text as a spreadsheet has it: names compared as people mean them, and cells no program takes for a formula."""

import re
import unicodedata

_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "’": "'"})
_NOT_WORDS = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """A heading or label without what does not matter: case, accents, punctuation, and how many spaces there are."""
    return _NOT_WORDS.sub(" ", same_name(text)).strip()


def same_name(text: str) -> str:
    """A name without its case, accents and double spaces, as searchable() in the database compares it."""
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    return " ".join("".join(c for c in apart if not unicodedata.combining(c)).split())


def starts_formula(text: str) -> bool:
    """Whether a program could take the text for a formula, or for a text that was made harmless."""
    return _FORMULA.match(text) is not None


def harmless(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would run; `restored` gives the text back."""
    return "'" + text if starts_formula(text) else text


def restored(text: str) -> str:
    """The text as it was before `harmless`."""
    return text[1:] if text.startswith("'") and starts_formula(text) else text
