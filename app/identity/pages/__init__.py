"""The pages where people sign in and look after their account: HTML, no script, French first."""

from app.identity.pages import account, login

ROUTERS = (login.router, account.router)
PATHS = ("/login", "/logout", "/invitation", "/password-reset", "/account")
"""Where forms are sent."""
