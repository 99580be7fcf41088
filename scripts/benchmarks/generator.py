"""A database of many public events: the demonstration territory, and N events with the skew of real ones.

Everything follows from the event's number, so that every database of N events is the same but for the day it
was made: dates lie five years around it.
"""

import asyncio
import hashlib
import inspect
import sys
from pathlib import Path

import asyncpg

from app import models  # noqa: F401  (the mapper needs every table)
from app.core import migrations
from app.core.db import PooledDatabase
from app.core.embedded import Embedded
from app.demo.load import load
from app.settings import Settings

BATCH = 25_000
WRITERS = 2
YEARS = 5  # before and after the day it is made
NOT_PUBLIC = 20  # one more event in twenty is a draft, withdrawn, or internal
OURS = "substr(e.id::text, 15, 1) = '7'"  # the demonstration's identifiers are of another version
EVENT_TABLES = ("events", "event_themes", "event_actors", "event_former_dates")

HELPERS = """
CREATE FUNCTION pg_temp.chance(n bigint, salt int) RETURNS float8 IMMUTABLE LANGUAGE sql AS
    $$ SELECT (hashint8extended(n, salt) & 1073741823) / 1073741824.0 $$;
CREATE FUNCTION pg_temp.one_of(choices anyarray, chance float8) RETURNS anyelement IMMUTABLE LANGUAGE sql AS
    $$ SELECT choices[1 + floor(chance * cardinality(choices))::int] $$;
CREATE TEMP TABLE towns AS SELECT insee_code, name, north, east,
    sum(weight) OVER (ORDER BY insee_code) / sum(weight::float8) OVER () AS upto
FROM (VALUES
    ('94015', 48.8386, 2.5222, 17), ('94017', 48.8173, 2.5157, 77), ('94018', 48.8217, 2.4120, 31),
    ('94033', 48.8516, 2.4760, 52), ('94042', 48.8203, 2.4730, 19), ('94046', 48.8057, 2.4378, 57),
    ('94052', 48.8369, 2.4824, 33), ('94058', 48.8425, 2.5036, 34), ('94067', 48.8420, 2.4186, 22),
    ('94068', 48.7994, 2.4956, 76), ('94069', 48.8157, 2.4270, 14), ('94079', 48.8275, 2.5448, 29),
    ('94080', 48.8473, 2.4391, 49)) AS t (insee_code, north, east, weight)
JOIN municipalities USING (insee_code);
CREATE TEMP TABLE hosts AS SELECT id, insee_code, row_number() OVER (PARTITION BY insee_code ORDER BY id) AS number,
    count(*) OVER (PARTITION BY insee_code) AS total
FROM actors WHERE territory_id = (SELECT id FROM territories WHERE slug = 'paris-est-marne-et-bois')
    AND insee_code IS NOT NULL;
"""

EVENTS = """
INSERT INTO events (id, territory_id, kind, title, summary, description, starts_at, ends_at, timezone, is_all_day,
    insee_code, place_name, place_address, latitude, longitude, attendance_mode, online_url, keywords, image_url,
    image_alt, image_credit, image_licence, accessibility, audience, registration_mode, registration_url, capacity,
    has_waitlist, status, status_note, publication, published_at, withdrawn_at, sequence, significant_at,
    is_demonstration, created_at, updated_at, version)
SELECT id, territory, kind, word || ' ' || subject || ' – ' || town.name, 'Rendez-vous n° ' || n || ' : ' || word || ' '
        || subject || ', ouvert à toutes et à tous, sur inscription ou en accès libre selon les séances.',
    word || ' **' || subject || '** avec les acteurs du territoire, entreprises et associations.'
        || E'\n\n- Accueil\n- Échanges en petits groupes\n- Verre de l’amitié',
    CASE WHEN all_day THEN day::timestamp AT TIME ZONE 'Europe/Paris' ELSE begins END,
    CASE WHEN all_day THEN (day + days)::timestamp AT TIME ZONE 'Europe/Paris' ELSE begins + lasts END,
    'Europe/Paris', all_day, town.insee_code, place, 1 + n % 90 || ', rue de l’Exemple',
    round((town.north + pg_temp.chance(n, 11) / 50 - 0.01)::numeric, 5),
    round((town.east + pg_temp.chance(n, 12) / 50 - 0.01)::numeric, 5),
    mode, CASE WHEN mode <> 'in_person' THEN 'https://visio.example/' || n END, ARRAY[lower(word), subject],
    CASE WHEN pictured THEN 'https://images.example/' || n || '.jpg' END,
    CASE WHEN pictured THEN 'Des participants autour d’une table' END,
    CASE WHEN pictured THEN 'Service communication' END, CASE WHEN pictured THEN 'CC BY 4.0' END,
    CASE WHEN n % 3 = 0 THEN ARRAY['wheelchair', 'accessible_toilets'] ELSE ARRAY['wheelchair'] END,
    CASE WHEN n > {public} AND n % 3 = 0 THEN 'internal' ELSE 'public' END,
    signing, CASE WHEN signing = 'external' THEN 'https://inscription.example/' || n END,
    CASE WHEN signing = 'internal' THEN 10 + n % 90 END, signing = 'internal', status,
    CASE WHEN status <> 'scheduled' THEN 'Changement annoncé par l’organisateur' END, publication,
    CASE WHEN publication <> 'draft' THEN begins - interval '40 days' END,
    CASE WHEN publication = 'withdrawn' THEN begins - interval '10 days' END,
    0, begins - interval '40 days', true, begins - interval '50 days', begins - interval '40 days', 1
FROM (
    SELECT n, (lpad(to_hex(1500000000000 + n * 300000), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8'
            || substr(md5(n::text), 4, 15))::uuid AS id,
        (SELECT id FROM territories WHERE slug = 'paris-est-marne-et-bois') AS territory,
        pg_temp.one_of(ARRAY['other', 'other', 'other', 'other', 'other', 'other', 'company_visit', 'school_talk',
            'mock_interview', 'working_group_session', 'plenary', 'report_back'], pg_temp.chance(n, 1)) AS kind,
        pg_temp.one_of(ARRAY['Atelier', 'Forum', 'Rencontre', 'Visite', 'Conférence', 'Permanence', 'Formation',
            'Café', 'Soirée', 'Exposition', 'Collecte', 'Balade'], pg_temp.chance(n, 2)) AS word,
        pg_temp.one_of(ARRAY['emploi', 'apprentissage', 'handicap', 'logement', 'numérique', 'santé', 'bénévolat',
            'orientation', 'mobilité', 'alimentation', 'culture', 'sport', 'entreprise'],
            pg_temp.chance(n, 3)) AS subject,
        pg_temp.one_of(ARRAY['Médiathèque', 'Hôtel de ville', 'Salle des fêtes', 'Gymnase', 'Maison des associations'],
            pg_temp.chance(n, 4)) AS place,
        pg_temp.chance(n, 5) AS where_, day, day + time '08:00' + floor(pg_temp.chance(n, 6) * 48) * interval '15 min'
            AS begins, (2 + floor(pg_temp.chance(n, 7) * 8)) * interval '30 min' AS lasts,
        pg_temp.chance(n, 8) < 0.04 AS all_day, 1 + floor(power(pg_temp.chance(n, 9), 3) * 14)::int AS days,
        pg_temp.one_of(ARRAY['in_person', 'in_person', 'in_person', 'in_person', 'in_person', 'in_person', 'in_person',
            'online', 'mixed', 'mixed'], pg_temp.chance(n, 10)) AS mode, n % 4 = 0 AS pictured,
        pg_temp.one_of(ARRAY['none', 'none', 'external', 'internal'], pg_temp.chance(n, 13)) AS signing,
        CASE WHEN n % 33 = 0 THEN 'cancelled' WHEN n % 50 = 1 THEN 'rescheduled' ELSE 'scheduled' END AS status,
        CASE WHEN n <= {public} OR n % 3 = 0 THEN 'published' WHEN n % 3 = 1 THEN 'draft' ELSE 'withdrawn' END
            AS publication
    FROM (SELECT n, current_date + (({spread}) * (pg_temp.chance(n, 14) - 0.5))::int AS day
          FROM generate_series({first}::bigint, {last}) AS n) AS numbered) AS told
JOIN LATERAL (SELECT * FROM towns WHERE upto >= where_ ORDER BY upto LIMIT 1) AS town ON true
"""

AROUND = (
    """INSERT INTO event_themes (event_id, theme_id)
SELECT e.id, t.id FROM events e JOIN themes t ON t.territory_id = e.territory_id
WHERE {ours} AND CASE t.position
    WHEN 1 THEN pg_temp.chance(('x' || right(e.id::text, 8))::bit(32)::bigint, 21) < 0.5
    WHEN 2 THEN pg_temp.chance(('x' || right(e.id::text, 8))::bit(32)::bigint, 22) < 0.2
    ELSE pg_temp.chance(('x' || right(e.id::text, 8))::bit(32)::bigint, 23) < 0.3 END""",
    """INSERT INTO event_actors (event_id, actor_id, role, position)
SELECT e.id, h.id, CASE WHEN h.number = turn.first THEN 'organiser' ELSE 'partner' END, 1
FROM events e
CROSS JOIN LATERAL (SELECT ('x' || right(e.id::text, 7))::bit(28)::int AS number) AS hashed
JOIN LATERAL (SELECT total FROM hosts WHERE insee_code = e.insee_code LIMIT 1) AS near ON true
CROSS JOIN LATERAL (
    SELECT 1 + hashed.number % near.total AS first, 1 + (hashed.number + 1) % near.total AS second) AS turn
JOIN hosts h ON h.insee_code = e.insee_code
    AND (h.number = turn.first OR (h.number = turn.second AND hashed.number % 3 = 0))
WHERE {ours}""",
    """INSERT INTO event_former_dates (event_id, replaced_at, starts_at, ends_at)
SELECT id, published_at, starts_at - interval '7 days', ends_at - interval '7 days'
FROM events e WHERE {ours} AND status = 'rescheduled' AND published_at IS NOT NULL""",
)

INDEXES = """
SELECT i.indexname, i.indexdef FROM pg_indexes i
WHERE i.schemaname = 'public' AND i.tablename = ANY ($1)
    AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conname = i.indexname)
"""


def fingerprint() -> str:
    """Changes when the generator or the schema does: an older database is made again."""
    source = inspect.getsource(sys.modules[__name__])
    versions = Path(__file__).parents[2] / "alembic" / "versions"
    schema = "".join(path.read_text() for path in sorted(versions.glob("*.py")))
    return hashlib.sha256((source + schema).encode()).hexdigest()[:16]


def url_of(server: Embedded, database: str, role: str) -> str:
    """Where a database of the server is reached, through its socket."""
    return f"postgresql://{role}@/{database}?host={server.sockets}"


async def make(server: Embedded, events: int) -> str:
    """The name of a database with that many public events, made if it is not there yet."""
    name = f"bench_{events}"
    admin = await asyncpg.connect(url_of(server, "postgres", "postgres"))
    try:
        kept = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1"
        if await admin.fetchval(kept, name) == fingerprint():
            return name
        await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await admin.execute(f'CREATE DATABASE "{name}" OWNER "{server.owner}"')
        await asyncio.to_thread(migrations.upgrade, url_of(server, name, server.owner), server.app_role)
        await _load_demonstration(url_of(server, name, server.app_role))
        await _fill(url_of(server, name, "postgres"), events)
        await admin.execute("CHECKPOINT")
        await admin.execute(f"COMMENT ON DATABASE \"{name}\" IS '{fingerprint()}'")
    finally:
        await admin.close()
    return name


async def _load_demonstration(app_url: str) -> None:
    database = PooledDatabase(app_url, Settings(_env_file=None))
    await load(database)
    await database.close()


async def _fill(superuser_url: str, public: int) -> None:
    """Write the events without their indexes, then build these: several times faster than the other way round.

    Foreign keys go unchecked meanwhile: each is read from the row it names.
    """
    quick = {"synchronous_commit": "off", "session_replication_role": "replica", "maintenance_work_mem": "512MB"}
    total = public + public // NOT_PUBLIC
    batches = [(first, min(total, first + BATCH - 1)) for first in range(1, total + 1, BATCH)]
    connections = [await asyncpg.connect(superuser_url, server_settings=quick) for _ in range(WRITERS)]
    indexes = await connections[0].fetch(INDEXES, list(EVENT_TABLES))
    for name, _ in indexes:
        await connections[0].execute(f'DROP INDEX "{name}"')

    async def write(connection: asyncpg.Connection) -> None:
        await connection.execute(HELPERS)
        while batches:
            first, last = batches.pop()
            await connection.execute(EVENTS.format(public=public, first=first, last=last, spread=2 * YEARS * 365))

    await asyncio.gather(*(write(connection) for connection in connections))
    for statement in (*AROUND, *(definition for _, definition in indexes), "VACUUM (ANALYZE)"):
        await connections[0].execute(statement.format(ours=OURS))
    for connection in connections:
        await connection.close()
