"""What published means in SQL for any kind of row with a publication (`core/publication.py`). `$1` is now."""


def announced(row: str) -> str:
    """Condition: the row of this alias is published and not under embargo."""
    return f"""{row}.publication = 'published'
        and ({row}.publish_at is null or {row}.publish_at <= $1::timestamptz)"""


def next_announced(table: str) -> str:
    """The next instant at which a row of the table comes out of its embargo."""
    return f"""(select min(p.publish_at) from {table} p
        where p.publication = 'published' and p.publish_at > $1::timestamptz)"""


def gone(table: str, resource: str) -> str:
    """Statement: whether the row with the id `$1` was public and is no longer: withdrawn since, or deleted.

    `resource` is what the rows of the table are called in paths and in the journal.
    """
    return f"""select true from {table} where id = $1 and publication = 'withdrawn'
            and (publish_at is null or publish_at <= withdrawn_at)
        union all select true from tombstones where resource_id = $1 and resource = '{resource}'
        limit 1"""
