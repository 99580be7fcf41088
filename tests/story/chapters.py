"""What follows the meetings: a group decides, mentors accompany, means are counted, and it all can be traced."""

from datetime import UTC, date, datetime

import time_machine

from tests.story.teller import Actor, Json, Teller, every, said

GRADES = ["Très bien", "Bien", "Passable", "À rejeter"]
CHAIN = ["need", "working_group", *["meeting"] * 4, "proposal", "decision", "action", "means"]


async def decide(teller: Teller, group: Json, members: list[Actor], titles: list[str]) -> Json:
    """The group grades what was proposed, in secret: all but two find the first very good."""
    body = {
        "territory_id": teller.territory_id, "question": "Par quoi commencer ?", "secrecy": "secret",
        "working_group_id": group["id"], "options": [{"label": title} for title in titles],
        "method": {"name": "majority_judgment", "grades": GRADES},
        "quorum": {"kind": "percent", "value": 50},
    }  # fmt: skip
    made = await said(teller.staff, "POST", "decisions", body)
    url = f"decisions/{made['id']}"
    source = {"kind": "working_group", "working_group_id": group["id"]}
    await said(teller.staff, "PUT", f"{url}/electors", {"voices": "people", "source": source})
    await said(teller.staff, "POST", f"{url}:open", {})
    for number, member in enumerate(members):
        grades = ("Bien", "Passable") if number < 2 else ("Très bien", "Bien")
        own = await every(member.client, f"{url}/electors")
        assert [row["person"]["id"] for row in own if row["person"]] == [member.person_id]
        elector = next(row["id"] for row in own if row["person"])
        vote = [
            {"option_id": option["id"], "grade": grade} for option, grade in zip(made["options"], grades, strict=True)
        ]
        ballot = {"vote": {"kind": "grades", "grades": vote}}
        cast = await member.client.put(f"/v1/{url}/electors/{elector}/ballot", json=ballot)
        assert cast.status_code == 201, cast.text
    await said(teller.staff, "POST", f"{url}:close", {})
    result = await said(teller.staff, "GET", f"{url}/result")
    first, second = result["ranking"]
    assert (first["majority_grade"], second["majority_grade"]) == ("Très bien", "Bien")
    assert (result["adopted_option_id"], result["turnout"]["ballots"]) == (made["options"][0]["id"], len(members))
    return made


async def tutor(teller: Teller, action: Json, mentors: list[Actor]) -> None:
    """Leaders of the club accompany young people, known by a code alone; six months on, one is asked how it goes."""
    with time_machine.travel(datetime(2013, 10, 7, tzinfo=UTC)):
        for mentor in mentors:
            made = await said(teller.staff, "POST", "mentorships", {"action_id": action["id"]})
            url = f"mentorships/{made['id']}"
            await said(teller.staff, "POST", f"{url}:match", {"mentor_id": mentor.person_id, "actor_id": mentor.id})
            await said(teller.staff, "POST", f"{url}:start", {})
    with time_machine.travel(datetime(2014, 4, 8, tzinfo=UTC)):
        asked = {"months": 6, "situation": "apprenticeship", "note": "Contrat de deux ans"}
        await said(teller.staff, "POST", f"{url}:follow-up", asked)
    with time_machine.travel(datetime(2014, 6, 21, tzinfo=UTC)):
        done = await said(teller.staff, "POST", f"{url}:complete", {"outcome": "apprenticeship"})
    assert [row["situation"] for row in done["follow_ups"]] == ["apprenticeship", None, None, None]


async def give_means(teller: Teller, action: Json) -> None:
    """What the collectivité put into it, planned and spent."""
    body = {
        "action_id": action["id"], "label": "Budget de la DEE", "kind": "budget", "unit": "EUR",
        "planned_amount": "12000.00", "real_amount": "11840.50", "provider_id": teller.actors["DEE"].id,
        "starts_on": "2013-09-01", "ends_on": "2014-06-30",
    }  # fmt: skip
    await said(teller.staff, "POST", "means", body)


async def tell_the_public(teller: Teller, action: Json) -> None:
    """A parution of the online newspaper, and the action on the public tree."""
    channel = {
        "territory_id": teller.territory_id, "kind": "online_newspaper", "name": "Citoyen94",
        "url": "https://www.94.citoyens.com",
    }  # fmt: skip
    made = await said(teller.staff, "POST", "channels", channel)
    body = {
        "channel_id": made["id"], "title": "Des chefs d’entreprise parrainent", "published_on": "2014-06-25",
        "url": "https://www.94.citoyens.com/parrainage", "action_id": action["id"],
    }  # fmt: skip
    await said(teller.staff, "POST", "publications", body)
    await said(teller.staff, "POST", f"actions/{action['id']}:publish", {})
    public = await said(teller.staff, "GET", f"public/actions/{action['id']}")
    assert public["title"] == action["title"]


async def traced(teller: Teller, action: Json) -> None:
    """The action is followed back to the need that was voiced, and on to the means given."""
    chain = await said(teller.staff, "GET", f"actions/{action['id']}/lineage")
    told = [link["kind"] for link in chain["items"]]
    assert told == CHAIN  # three meetings, and the plenary that was told of it


async def mobilised(teller: Teller) -> None:
    """From the plenary to the groups: each figure opens onto as many rows as it says."""
    period = {"from": date(2012, 9, 1).isoformat(), "to": date(2013, 9, 1).isoformat()}
    query = "&".join(f"{name}={said_}" for name, said_ in {"territory": teller.slug, **period}.items())
    funnel = await said(teller.staff, "GET", f"actors/mobilisation?{query}&by=kind")
    steps = {row["step"]: row["people"] for row in funnel["steps"]}
    assert (steps["registered"]["count"], steps["attended"]["count"]) == (140, 140)
    assert steps["contributed"]["count"] == 46  # the groups' 45, and their facilitator
    path, _, asked = steps["contributed"]["rows"].removeprefix("/v1/").partition("?")
    rows = await every(teller.staff, path, **dict(pair.split("=", 1) for pair in asked.split("&")))
    assert len({row["person"]["id"] for row in rows}) == 46
