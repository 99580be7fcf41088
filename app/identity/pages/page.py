"""How a page is answered: one transaction, a form that proves where it comes from, and refusals that are pages."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse

from app.core import i18n, pages, problems
from app.identity import sessions

STYLE = (pages.TEMPLATES / "identity" / "identity.css").read_text(encoding="utf-8")
STYLES = (pages.STYLE, STYLE)
PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}


class PageRoute(APIRoute):
    """A route that answers a person: what it did is committed before the page leaves, its cookies with it.

    A GET may write too, but only that the session was seen.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def transact(request: Request) -> Response:
            try:
                async with request.app.state.database.session() as session:
                    request.state.session = session
                    response = await handle(request)
                    await session.commit()
            except sessions.SignInNeeded as needed:
                return go(needed.place)
            except Exception as error:  # every failure of a page is told by a page
                return refusal(request, error)
            sessions.set_cookies(request, response)
            return response

        return transact


def language_of(request: Request) -> i18n.Language:
    """The language of this person's browser; French where it says nothing of ours."""
    return i18n.language(request.headers.get("accept-language"))


def show(
    request: Request, template: str, *, status: int = 200, form_targets: Sequence[str] = (), **context: Any
) -> HTMLResponse:
    """A page of `templates/identity/`.

    In it, `csrf_field` goes into each form. `form_targets`: origins, beside ours, a form's answer may lead to
    (an application's, after consent).
    """
    form_action = " ".join(["'self'", *form_targets])
    context |= {"csrf_field": sessions.csrf_field(request), "identity_style": STYLE}
    response = pages.page(f"identity/{template}", language_of(request), context, status)
    response.headers.update(PRIVATE)
    response.headers["Content-Security-Policy"] = pages.policy(form_action=form_action, styles=STYLES)
    return response


def go(place: str) -> RedirectResponse:
    """On to another page, read anew."""
    return RedirectResponse(place, 303, PRIVATE)


async def checked_form(request: Request) -> FormData:
    """The fields of a form of ours. Raises `NotAllowed` when it does not come from our own page."""
    form = await request.form(max_files=0, max_fields=200)
    sessions.check_csrf(request, form)
    return form


def field(form: FormData, name: str) -> str:
    """What was typed in one field, or nothing."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


def refusal(request: Request, error: Exception) -> HTMLResponse:
    """The page of a refusal or failure."""
    problem = problems.problem_for(error, request.scope)
    language = language_of(request)
    told = problems.document(problem, language, "", problem.params)
    reason = f"identity.refusal.{problem.params.get('reason')}"
    detail = i18n.text(language, reason) if i18n.has(reason) else told["detail"]
    page = show(request, "refusal.html", status=problem.status, title=told["title"], detail=detail, home=sessions.HOME)
    page.headers.update(problem.headers)
    return page
