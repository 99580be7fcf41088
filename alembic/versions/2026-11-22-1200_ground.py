"""The ground of every table: extensions, the app role's rights, text compared without case and accents

Revision ID: ground
Revises:
Create Date: 2026-11-22 12:00:00+01:00
"""

from alembic import context, op
from sqlalchemy import text

from app.core.errors import CannotStart
from app.core.migrations import app_role_of

revision = "ground"
down_revision = None
branch_labels = None
depends_on = None

EXTENSIONS = ("unaccent", "pg_trgm", "btree_gist")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in EXTENSIONS:
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {name} WITH SCHEMA public")
    require_extensions_in_public()
    app = app_role_of(op.get_bind(), context.config.attributes["app_role"])
    op.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    op.execute(f"GRANT USAGE ON SCHEMA public TO {app}")
    op.execute(f"GRANT SELECT ON alembic_version TO {app}")
    for rights in ("SELECT, INSERT, UPDATE, DELETE ON TABLES", "USAGE ON SEQUENCES"):
        op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {rights} TO {app}")
    # unaccent() is only STABLE because its dictionary could be changed; naming the dictionary settles that,
    # and an index needs IMMUTABLE. Accents first: a database whose order is "C" cannot lower an É.
    op.execute("""
        CREATE FUNCTION public.searchable(given text) RETURNS text
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        RETURN lower(public.unaccent('public.unaccent'::regdictionary, given))
    """)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    app = app_role_of(op.get_bind(), context.config.attributes["app_role"])
    op.execute("DROP FUNCTION public.searchable(text)")
    for rights in ("ALL ON TABLES", "ALL ON SEQUENCES"):
        op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE {rights} FROM {app}")
    op.execute(f"REVOKE ALL ON alembic_version FROM {app}")
    op.execute(f"REVOKE USAGE ON SCHEMA public FROM {app}")
    for name in reversed(ours()):
        op.execute(f"DROP EXTENSION {name}")


def require_extensions_in_public() -> None:
    elsewhere = op.get_bind().scalars(
        text(
            "SELECT extname FROM pg_extension WHERE extname = ANY (:names) AND extnamespace <> 'public'::regnamespace"
        ),
        {"names": list(EXTENSIONS)},
    )
    if names := sorted(elsewhere):
        moves = " ".join(f"ALTER EXTENSION {name} SET SCHEMA public;" for name in names)
        raise CannotStart(f"Extensions must be in the schema public. Let an administrator run, once: {moves}")


def ours() -> list[str]:
    """The extensions the owner of the schema installed; the others were there before and stay."""
    owned = "SELECT extname FROM pg_extension WHERE extname = ANY (:names) AND extowner = current_user::regrole"
    found = set(op.get_bind().scalars(text(owned), {"names": list(EXTENSIONS)}))
    return [name for name in EXTENSIONS if name in found]
