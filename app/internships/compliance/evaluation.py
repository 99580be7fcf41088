"""From a placement and a day to findings: each rule in force that day, measured. Pure: no database, no clock."""

from dataclasses import dataclass
from datetime import date

from app.internships.compliance.facts import Placement
from app.internships.compliance.measures import MEASURES, most_at_host
from app.internships.compliance.rules import Measure, Rule, Severity, in_force


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that is not kept on a day, and the value found there. `limit` is the rule's, for this host if it asks."""

    rule: Rule
    day: date
    value: int
    limit: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that was found, by day; and the rules that could not be asked, because a fact is not known."""

    findings: tuple[Finding, ...]
    unevaluated: tuple[Rule, ...]

    @property
    def is_blocked(self) -> bool:
        """Whether a finding stands in the way."""
        return any(finding.rule.severity is Severity.BLOCKING for finding in self.findings)


def evaluate(placement: Placement, on: date) -> Verdict:
    """What the rules in force `on` a day say of a placement."""
    rules = in_force(on, placement.regime)
    unknown = tuple(rule for rule in rules if _lacks_a_fact(rule, placement))
    worked = list(placement.worked())
    findings = [
        Finding(rule, day, value, _limit(rule, placement))
        for rule in rules
        if rule not in unknown
        for day, value in MEASURES[rule.measure](rule, placement, worked)
    ]
    return Verdict(tuple(sorted(findings, key=lambda finding: (finding.day, finding.rule.code))), unknown)


def _lacks_a_fact(rule: Rule, placement: Placement) -> bool:
    if rule.measure is Measure.HOST_SHARE and placement.host_headcount is None:
        return True
    return rule.asks_age and placement.birth_date is None


def _limit(rule: Rule, placement: Placement) -> int:
    if rule.measure is Measure.HOST_SHARE and placement.host_headcount is not None:
        return most_at_host(rule, placement.host_headcount)
    return rule.limit
