"""What an import answers: what becomes of each row, and why."""

from collections.abc import Iterable
from io import BytesIO
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core import i18n
from app.core.examples import add_example
from app.core.schemas import View
from app.core.spreadsheets.asking import ImportMode
from app.core.spreadsheets.cells import Cell, text_of
from app.core.spreadsheets.planning import Fault, ImportAction, Plan, Planned
from app.core.spreadsheets.sheet import REMARKS, Sheet
from app.core.spreadsheets.writing import XlsxWriter


class RowFault(View):
    """What is wrong at one place of the file."""

    row: Annotated[int, Field(description="number of the row in the file, headings counted", examples=[12])]
    column: Annotated[str | None, Field(description="name of the column; null: the whole row", examples=["siret"])]
    code: Annotated[str, Field(description="which fault; does not change with the language", examples=["siret"])]
    message: Annotated[str, Field(description="the fault in a sentence", examples=["Ce n’est pas un SIRET."])]
    hint: Annotated[str | None, Field(description="what to do about it", examples=["14 chiffres."])]


class CellChange(View):
    """One cell that changes a row, as text."""

    model_config = ConfigDict(populate_by_name=True, from_attributes=True, json_schema_extra=add_example)

    column: Annotated[str, Field(examples=["name"])]
    before: Annotated[str | None, Field(alias="from", description="what is there", examples=["Atelier"])]
    after: Annotated[str | None, Field(alias="to", description="what the file says", examples=["Atelier du Pont"])]


class RowReport(View):
    """What becomes of one row of the file."""

    row: Annotated[int, Field(description="number of the row in the file, headings counted", examples=[12])]
    action: Annotated[ImportAction, Field(examples=["update"])]
    id: Annotated[UUID | None, Field(description="the row meant, or made; null: none yet")]
    changes: list[CellChange]
    errors: list[RowFault]


class Counts(View):
    """How many rows."""

    create: Annotated[int, Field(examples=[2])]
    update: Annotated[int, Field(examples=[1])]
    unchanged: Annotated[int, Field(examples=[40])]
    conflict: Annotated[int, Field(description="changed by others since the export, or meant twice", examples=[0])]
    reject: Annotated[int, Field(description="with an error", examples=[0])]


class ImportNotice(View):
    """What was passed over in the file."""

    column: Annotated[str | None, Field(description="the heading, if it is about a column", examples=["Couleur"])]
    code: Annotated[str, Field(examples=["unknown_column"])]
    message: Annotated[str, Field(examples=["Colonne inconnue : elle n’a pas été lue."])]


class ImportReport(View):
    """What becomes, or became, of each row of a file."""

    mode: ImportMode
    is_written: Annotated[bool, Field(description="whether something was written", examples=[False])]
    digest: Annotated[
        str, Field(description="give it to apply exactly this", examples=["6f1c0e7d2b9a4c35.90b1d2e3f4a5c6b7"])
    ]
    counts: Counts
    notices: list[ImportNotice]
    rows: list[RowReport]


def report(plan: Plan[Any], mode: ImportMode, digest: str, language: i18n.Language) -> ImportReport:
    """The answer to an import."""
    actions = [planned.action for planned in plan.rows]
    return ImportReport(
        mode=mode,
        is_written=mode is ImportMode.APPLY and any(planned.is_to_write for planned in plan.rows),
        digest=digest,
        counts=Counts(**{action.value: actions.count(action) for action in ImportAction}),
        notices=[
            ImportNotice(column=fault.column, code=fault.code, message=_message(fault, language))
            for fault in plan.notices
        ],
        rows=[_row(plan, planned, language) for planned in plan.rows],
    )


def _row(plan: Plan[Any], planned: Planned[Any], language: i18n.Language) -> RowReport:
    return RowReport(
        row=planned.number,
        action=planned.action,
        id=planned.id,
        changes=[
            CellChange(column=name, before=text_of(before), after=text_of(after))
            for name, before, after in planned.changed
        ],
        errors=[
            RowFault(
                row=planned.number, column=fault.column, code=fault.code,
                message=_message(fault, language), hint=_hint(plan.sheet, fault, language),
            )
            for fault in planned.faults
        ],
    )  # fmt: skip


def _message(fault: Fault, language: i18n.Language) -> str:
    known = (f"error.{fault.code}", f"reason.{fault.code}", f"problem.{fault.code}.detail")
    key = next((key for key in known if i18n.has(key)), "error.invalid")
    return i18n.text(language, key, **fault.params)


def _hint(sheet: Sheet[Any], fault: Fault, language: i18n.Language) -> str | None:
    """What to do: as the fault says, else which form the column expects."""
    if i18n.has(f"hint.{fault.code}"):
        return i18n.text(language, f"hint.{fault.code}")
    column = sheet.by_name.get(fault.column or "")
    return column.kind.told(language) if column else None


def annotated(plan: Plan[Any], headings: list[str], language: i18n.Language) -> bytes:
    """The file as it was sent, with a last column that says of each row what becomes of it."""
    kept = [position for position, column in enumerate(plan.columns) if column is not REMARKS]
    file = BytesIO()
    told = [*(headings[position] for position in kept), REMARKS.heading(language)]
    writer = XlsxWriter(file, i18n.text(language, f"sheet.{plan.sheet.name}"), told, language)
    writer.add(_annotated_rows(plan, kept, language))
    writer.close()
    return file.getvalue()


def _annotated_rows(plan: Plan[Any], kept: list[int], language: i18n.Language) -> Iterable[list[Cell]]:
    for planned in plan.rows:
        said = [i18n.text(language, f"import.{planned.action}")]
        said += [f"{_named(plan, fault, language)}{_message(fault, language)}" for fault in planned.faults]
        yield [*(planned.cells[position] for position in kept), "\n".join(said)]


def _named(plan: Plan[Any], fault: Fault, language: i18n.Language) -> str:
    column = plan.sheet.by_name.get(fault.column or "")
    return f"{column.heading(language)} : " if column else ""
