"""Internships as the matrix asks for them."""

from tests.permissions.world import Ask, Prepare, World


async def a_check(_world: World, _whose: str, _role: str) -> Ask:
    workday = {"weekday": 1, "starts": "09:00", "ends": "12:00"}
    period = {"starts_on": "2026-06-15", "ends_on": "2026-06-19"}
    return Ask({}, {"regime": "pfmp", **period, "timetable": [workday]})


PREPARE: dict[str, Prepare] = {
    "check_internship": a_check,
}
