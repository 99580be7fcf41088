"""The pages that explain problems, for people and for programs."""

from html import unescape

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp

from app.core import errors, i18n, problems
from app.core.headers import SecurityHeaders
from app.settings import Settings
from tests.browser import needs_axe, needs_chromium, visiting


def build() -> ASGIApp:
    api = FastAPI()
    problems.install(api)
    api.include_router(problems.router)
    return SecurityHeaders(api, settings=Settings(_env_file=None))


def client() -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(build()), base_url="http://test")


@pytest.mark.unit
@pytest.mark.parametrize("kind", errors.catalogue(), ids=lambda kind: kind.slug)
async def test_the_type_of_each_problem_leads_to_a_page_in_both_languages(kind: type[errors.Problem]) -> None:
    async with client() as asking:
        for language in i18n.LANGUAGES:
            answer = await asking.get(f"/problems/{kind.slug}", headers={"Accept-Language": language})
            assert answer.status_code == 200
            assert answer.headers["content-language"] == language
            assert f'<html lang="{language}">' in answer.text
            shown = unescape(answer.text)
            for part in ("title", "meaning", "remedy"):
                assert i18n.text(language, f"problem.{kind.slug}.{part}") in shown
            assert f'"status": {kind.status}' in shown
            assert "…" not in shown


@pytest.mark.unit
async def test_the_language_can_be_chosen_by_a_link() -> None:
    async with client() as asking:
        answer = await asking.get("/problems/gone?lang=en", headers={"Accept-Language": "fr"})
        assert answer.headers["content-language"] == "en"
        assert 'href="?lang=fr"' in answer.text
        assert (await asking.get("/problems/gone?lang=de")).status_code == 422


@pytest.mark.unit
async def test_a_program_gets_the_same_in_json() -> None:
    async with client() as asking:
        answer = await asking.get("/problems/gone", headers={"Accept": "application/json", "Accept-Language": "en"})
        assert answer.json()["title"] == "Withdrawn"
        assert answer.json()["example"]["status"] == 410
        listed = (await asking.get("/problems", headers={"Accept": "application/json"})).json()["problems"]
        assert [problem["type"] for problem in listed] == [f"/problems/{kind.slug}" for kind in errors.catalogue()]


@pytest.mark.unit
async def test_an_unknown_problem_is_not_found() -> None:
    async with client() as asking:
        for slug in ("nothing", "internal_error", "%3Cscript%3E"):
            assert (await asking.get(f"/problems/{slug}")).status_code == 404


@pytest.mark.unit
async def test_a_visitor_of_an_embedded_page_reads_a_page_and_a_program_a_problem() -> None:
    async with client() as asking:
        page = await asking.get("/embed/nothing", headers={"Accept": "text/html,*/*;q=0.8"})
        assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "<h1>Introuvable</h1>" in page.text
        assert "frame-ancestors *" in page.headers["content-security-policy"]
        assert (await asking.get("/embed/nothing")).headers["content-type"] == "application/problem+json"
        elsewhere = await asking.get("/v1/nothing", headers={"Accept": "text/html"})
        assert elsewhere.headers["content-type"] == "application/problem+json"


@needs_chromium
@needs_axe
@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
async def test_the_pages_show_as_meant_and_keep_nobody_out(width: int, scheme: str) -> None:
    async with visiting(build(), width=width, scheme=scheme) as visit:
        for path in ("/problems", "/problems/invalid-input", "/problems/illegal-transition?lang=en"):
            await visit.page.goto(visit.base + path)
            margin = await visit.page.evaluate("getComputedStyle(document.body).maxWidth")
            assert margin == "992px"  # the style sheet is applied: the policy lets it through
            assert await visit.barriers() == []
            assert not await visit.is_too_wide()
        assert (visit.complaints, visit.elsewhere) == ([], [])
