"""HTML made on the server: one look, one style sheet written into the page, nothing fetched, no script."""

import base64
import functools
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from app.core import i18n

TEMPLATES = Path(__file__).parent.parent / "templates"
STYLE = (TEMPLATES / "base.css").read_text(encoding="utf-8")

environment = Environment(
    loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
environment.globals["style"] = Markup(STYLE)  # noqa: S704 (our own file)


def policy(*, frame_ancestors: str = "'none'", form_action: str = "'self'", styles: Sequence[str] = (STYLE,)) -> str:
    """The Content-Security-Policy under which these pages show as they should: their own style, and nothing else."""
    digests = (base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() for style in styles)
    style_src = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; style-src {style_src}; img-src 'self' data:; "
        f"base-uri 'none'; form-action {form_action}; frame-ancestors {frame_ancestors}"
    )


def render(template: str, language: i18n.Language, context: Mapping[str, Any]) -> str:
    """The HTML of a template. In it, `t(key)` is a sentence of `locales/` and `language` its language."""
    t = functools.partial(i18n.text, language)
    return environment.get_template(template).render({**context, "language": language, "t": t})


def page(template: str, language: i18n.Language, context: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """The same as an answer, which says its language."""
    headers = {"Content-Language": language, "Vary": "Accept-Language"}
    return HTMLResponse(render(template, language, context), status, headers)
