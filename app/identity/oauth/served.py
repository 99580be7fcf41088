"""Everything of OAuth and of tokens that answers outside `/v1`, for `app.main`."""

from app.core.hardening import FORM, JSON
from app.identity.api_tokens import pages as token_pages
from app.identity.oauth import leaked, metadata, pages, router

ROUTERS = (metadata.router, router.router, pages.router, leaked.router, token_pages.router)
ACCEPTS = {"/oauth/": {FORM}, token_pages.PLACE: {FORM}, "/oauth/leaked-token": JSON}
