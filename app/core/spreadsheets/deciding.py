"""Which row of the database each row of a file means, and what of it changes.

A row means the one its identifier names, else the one that goes by its surest name. A cell that says what an export
would say changes nothing; an absent column changes nothing; an empty cell empties.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any, Generic
from uuid import UUID

from pydantic import ValidationError

from app.core import problems
from app.core.db import R
from app.core.schemas import Body
from app.core.spreadsheets.cells import Cell, Place, text_of
from app.core.spreadsheets.exporting import written
from app.core.spreadsheets.planning import Fault, ImportAction, Plan, Planned
from app.core.spreadsheets.sheet import Column, Record

Meant = UUID | int
"""The identifier of a row of the database, or the number of the row of the file that is to become one."""


class Decider(Generic[R]):
    """Decides row after row, in the order of the file."""

    def __init__(self, plan: Plan[R], existing: Sequence[R], records: Sequence[Record], place: Place) -> None:
        self.plan, self.sheet, self.writing, self.place = plan, plan.sheet, plan.writing, place
        self.rows = {row.id: row for row in existing}
        self.records: dict[Meant, Record] = {}
        self.by_key: list[dict[Hashable, list[Meant]]] = [{} for _ in self.writing.keys]
        self.met: dict[Meant, int] = {}
        for row, record in zip(existing, records, strict=True):
            self._remember(row.id, record)

    def decide_all(self) -> None:
        """Fill in what becomes of each row."""
        for planned in self.plan.rows:
            meant = self._meant(planned)
            if meant in self.met:
                self._refuse(planned, None, "repeated_row", ImportAction.CONFLICT, row=self.met[meant])
            elif meant in self.rows:
                self.met[meant] = planned.number
                self._compare(planned, self.rows[meant], self.records[meant])
            elif meant is not None:
                self.met[meant] = planned.number
                self._create(planned)

    def _remember(self, meant: Meant, record: Record) -> None:
        self.records[meant] = record
        for key, index in zip(self.writing.keys, self.by_key, strict=True):
            for name in key(record):
                index.setdefault(name, []).append(meant)

    def _meant(self, planned: Planned[R]) -> Any:
        """None where that cannot be told: the row is refused."""
        id_ = planned.values.get("id")
        if id_ is not None and id_ not in self.rows:
            self._refuse(planned, "id", "unknown_reference")
        if any(fault.column == "id" for fault in planned.faults):
            return None
        if id_ is not None:
            return id_
        for rank, key in enumerate(self.writing.keys):
            named = {meant for name in key(planned.values) for meant in self.by_key[rank].get(name, ())}
            named = {meant for meant in named if not self._are_two(planned.values, self.records[meant], rank)}
            if len(named) > 1:
                self._refuse(planned, None, "ambiguous_row")
                return None
            if named:
                return named.pop()
        self._remember(planned.number, planned.values)
        return planned.number

    def _are_two(self, one: Record, other: Record, rank: int) -> bool:
        """Whether a surer name of both tells them apart."""
        for key in self.writing.keys[:rank]:
            names, others = set(key(one)), set(key(other))
            if names and others and not names & others:
                return True
        return False

    def _create(self, planned: Planned[R]) -> None:
        given = self._given(planned, self.writing.create)
        faulty = {self.sheet.by_name[fault.column].said for fault in planned.faults if fault.column}
        body, faults = validated(self.writing.create, given, faulty)
        planned.faults += self._told(faults)
        if body is not None and not planned.faults:
            planned.fields, planned.action = dict(body), ImportAction.CREATE

    def _compare(self, planned: Planned[R], row: R, record: Record) -> None:
        planned.row, planned.id = row, row.id
        place = self.sheet.place(self.place.language, record.get("territory"), names=self.place.names)
        changed: dict[str, Cell] = {}
        for column in self.plan.fields:
            if not _is_same(column, planned.values, record):
                before = written(column.kind, record[column.name], place)
                if text_of(planned.cells[self.plan.at[column.name]]) != text_of(before):
                    changed[column.name] = before
        unread = [
            fault for fault in planned.faults if fault.column in changed or fault.column in ("territory", "version")
        ]
        planned.faults = unread
        if planned.values.get("territory", record.get("territory")) != record.get("territory"):
            planned.faults.append(Fault("territory", "frozen_field"))
        frozen = [name for name in changed if self.sheet.by_name[name].said not in self.writing.update.model_fields]
        planned.faults += [Fault(name, "frozen_field") for name in frozen]
        if not planned.faults and changed:
            self._update(planned, row, record, changed)
        elif not planned.faults:
            planned.action = ImportAction.UNCHANGED

    def _update(self, planned: Planned[R], row: R, record: Record, changed: Mapping[str, Cell]) -> None:
        """Keep the changes that are still some once the fields' own rules (spaces, capitals) have been applied."""
        given = self._given(planned, self.writing.update)
        untouched = {column.said for column in self.plan.fields if column.name not in changed}
        body, faults = validated(self.writing.update, given, untouched)
        planned.faults += self._told(faults)
        if body is None:
            return
        dumped = body.model_dump(include={self.sheet.by_name[name].said for name in changed})
        for name, before in changed.items():
            column = self.sheet.by_name[name]
            if column.said in dumped and not _is_same(column, {name: dumped[column.said]}, record):
                planned.fields[column.said] = getattr(body, column.said)
                said = planned.cells[self.plan.at[name]]
                follows = None if said is not None else written(column.kind, dumped[column.said], self.place)
                planned.changed.append((name, before, said if follows is None else follows))
        planned.action = ImportAction.UPDATE if planned.fields else ImportAction.UNCHANGED
        if planned.fields and planned.values.get("version", row.version) != row.version:
            self._refuse(planned, "version", "changed_since", ImportAction.CONFLICT)

    def _given(self, planned: Planned[R], body: type[Body]) -> dict[str, Any]:
        """What the row says, by the fields of the body."""
        said = {**self.writing.defaults, **planned.values}
        by_field = {self.sheet.by_name[name].said: value for name, value in said.items()}
        return {name: value for name, value in by_field.items() if name in body.model_fields}

    def _told(self, faults: Sequence[Mapping[str, Any]]) -> list[Fault]:
        told = []
        for fault in faults:
            at = problems.fault_of({**fault, "loc": ("body", *fault["loc"])}, None)
            column = self.sheet.column_of(str(fault["loc"][0])) if fault["loc"] else None
            told.append(Fault(column, at.code, at.params))
        return list({(fault.column, fault.code): fault for fault in told}.values())

    @staticmethod
    def _refuse(
        planned: Planned[R], column: str | None, code: str, action: ImportAction = ImportAction.REJECT, **params: object
    ) -> None:
        planned.refuse(Fault(column, code, params), action)


def validated(
    body: type[Body], given: Mapping[str, Any], unasked: Collection[str]
) -> tuple[Body | None, Sequence[Mapping[str, Any]]]:
    """The body of these fields, or pydantic's faults; those of fields `unasked` are nobody's doing here."""
    for fields in (given, {name: value for name, value in given.items() if name not in unasked}):
        try:
            return body.model_validate(fields), []
        except ValidationError as error:
            faults = [
                fault
                for fault in error.errors(include_url=False, include_input=False)
                if not fault["loc"] or fault["loc"][0] not in unasked
            ]
        if faults:
            return None, faults
    return None, []


def _is_same(column: Column[Any], values: Mapping[str, Any], record: Record) -> bool:
    if column.name not in values:
        return False
    one, other = values[column.name], record[column.name]
    return column.kind.is_same(one, other) if one is not None and other is not None else one is other
