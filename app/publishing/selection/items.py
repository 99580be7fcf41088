"""One public event as JSON, in SQL: the explicit list of what anyone may read of it.

The order of the fields is that of `schemas.PublicEvent`. Instants of the event itself carry the offset of
its own zone on that day.
"""


def local(instant: str, there: str) -> str:
    """SQL for an instant as RFC 3339, given its wall clock there. `to_char` would cost ten times as much."""
    utc = f"({instant} at time zone interval '0')"
    sign = f"case when {there} < {utc} then '' else '+' end"
    return f"overlay(left({there}::text, 19) placing 'T' from 11) || left({sign} || ({there} - {utc})::text, 6)"


def one(fields: str) -> str:
    """SQL for one JSON object of the fields of a SELECT list."""
    return f"(select row_to_json(r) from (select {fields}) r)"


PLACE = f"""case when e.place_name is not null or e.place_address is not null or e.latitude is not null then
    {one("e.place_name as name, e.place_address as address, e.latitude, e.longitude, e.acceslibre_id")} end"""
IMAGE_ENDS = "((e.image_rights_until + 1)::timestamp at time zone e.timezone)"
CHANGES_AT = f"least(case when e.ends_at > $1 then e.ends_at end, case when {IMAGE_ENDS} > $1 then {IMAGE_ENDS} end)"
IMAGE = f"""case when e.image_url is not null and (e.image_rights_until is null or {IMAGE_ENDS} > $1) then
    {one("e.image_url as url, e.image_alt as alt, e.image_credit as credit, e.image_licence as licence")} end"""
REGISTRATION = one("e.registration_mode as mode, e.registration_url as url, e.capacity, e.has_waitlist")
# As `events.states.availability` has it.
AVAILABILITY = """case when e.status in ('cancelled', 'postponed') then 'called_off' when e.ends_at <= $1 then 'over'
    when e.registration_mode = 'external' then 'elsewhere' when e.registration_mode = 'none' then 'not_required'
    when e.capacity is null or e.seats_taken < e.capacity then 'open'
    when e.has_waitlist then 'waitlist' else 'full' end"""
LINKS = one("z.u as self, z.u || '.html' as html, z.u || '.ics' as ics")

# An event that does not stand as announced has its own id as `change_notice`, for the sentence to take its place.
PUBLIC = f"""e.id, e.title, e.summary, e.description, e.kind, e.status,
    case when e.status <> 'scheduled' then e.id end as change_notice,
    former.dates as former_dates,
    {local("e.starts_at", "z.starts")} as starts_at, {local("e.ends_at", "z.ends")} as ends_at,
    e.timezone, e.is_all_day, case when m.insee_code is not null then {one("m.insee_code, m.name")} end as municipality,
    {PLACE} as place, e.attendance_mode, e.online_url,
    coalesce(actors.organisers, '[]') as organisers, coalesce(actors.partners, '[]') as partners,
    coalesce(themes.themes, '[]') as themes, e.keywords, {IMAGE} as image, e.accessibility,
    {REGISTRATION} as registration, {AVAILABILITY} as availability,
    {one("t.slug, t.name")} as territory, {LINKS} as links,
    coalesce(e.publish_at, e.published_at) as published_at, e.updated_at"""

FORMER = f"{local('d.starts_at', 'd.starts')} as starts_at, {local('d.ends_at', 'd.ends')} as ends_at"
# OFFSET 0 keeps the planner from writing these out several times, or from reading a small table whole for each row.
AROUND = f"""
join territories t on t.id = e.territory_id
left join municipalities m on m.insee_code = e.insee_code
cross join lateral (select $2::text || '/v1/public/events/' || e.id as u,
    e.starts_at at time zone e.timezone as starts, e.ends_at at time zone e.timezone as ends offset 0) z
cross join lateral (
    select json_agg(row_to_json(a)) filter (where l.role = 'organiser') as organisers,
        json_agg(row_to_json(a)) filter (where l.role = 'partner') as partners
    from (select l.actor_id, l.role from event_actors l where l.event_id = e.id order by l.role, l.position) l
    cross join lateral (select a.id, a.name from actors a where a.id = l.actor_id) a) actors
cross join lateral (
    select json_agg(row_to_json(h)) as themes from (select h.slug, h.name from event_themes l
        cross join lateral (select h.slug, h.name, h.position from themes h where h.id = l.theme_id offset 0) h
        where l.event_id = e.id order by h.position, h.slug) h) themes
cross join lateral (
    select coalesce(json_agg({one(FORMER)}), '[]') as dates from (
        select d.starts_at, d.ends_at,
            d.starts_at at time zone e.timezone as starts, d.ends_at at time zone e.timezone as ends
        from event_former_dates d where d.event_id = e.id order by d.replaced_at offset 0) d) former"""

CHANGED = """json_build_array(e.id, e.status, e.starts_at, e.ends_at, e.timezone, e.is_all_day, e.status_note,
    (select coalesce(json_agg(json_build_array(d.starts_at, d.ends_at) order by d.replaced_at), '[]')
     from event_former_dates d where d.event_id = e.id))"""


def fields(*, detailed: bool) -> str:
    """The SELECT list of one event; `detailed` adds what calendars and feeds need and the JSON does not show."""
    return f"{PUBLIC}, e.sequence as sequence, e.significant_at as significant_at" if detailed else PUBLIC
