"""How a caller asks for a file, or sends one: `Accept` or `format`, a body of its own type or a form."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from starlette.datastructures import UploadFile

from app.core import errors, i18n
from app.core.errors import ErrorAt, InvalidInput
from app.core.responses import ON_LIST, Responses, problems
from app.settings import Settings

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
XLS = "application/vnd.ms-excel"
FORM = "multipart/form-data"
ACCEPTED = frozenset({CSV, XLSX, ODS, XLS, FORM, "application/octet-stream"})
"""Media types of a body an import reads. Which format it is, the file itself tells."""
LARGEST_FILE = 20 << 20
IMPORTS = "*:import"
"""The paths that take such a body."""


class FileFormat(StrEnum):
    """In which form a list is wanted."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


MEDIA_TYPES = {FileFormat.CSV: CSV, FileFormat.XLSX: XLSX}


@dataclass(frozen=True, slots=True)
class FileRequest:
    """The form asked for, and the language of headings and labels."""

    format: FileFormat
    language: i18n.Language
    request: Request

    @property
    def is_file(self) -> bool:
        """Whether all rows are wanted, rather than a page of them."""
        return self.format is not FileFormat.JSON


def file_request(
    request: Request,
    wanted: Annotated[
        FileFormat | None, Query(alias="format", description="instead of `Accept`: json, csv or xlsx")
    ] = None,
) -> FileRequest:
    """Read in which form the answer is wanted."""
    chosen = wanted or _accepted(request.headers.get("accept", ""))
    return FileRequest(chosen, i18n.language(request.headers.get("accept-language")), request)


FileAsked = Annotated[FileRequest, Depends(file_request)]


def _accepted(accept: str) -> FileFormat:
    """The form preferred by `Accept`; JSON unless a spreadsheet is named before it."""
    best, chosen = 0.0, FileFormat.JSON
    forms = {CSV: FileFormat.CSV, XLSX: FileFormat.XLSX, "application/json": FileFormat.JSON, "*/*": FileFormat.JSON}
    for part in accept.lower().split(","):
        media_type, _, weight = part.partition(";")
        quality = _quality(weight)
        if media_type.strip() in forms and quality > best:
            best, chosen = quality, forms[media_type.strip()]
    return chosen


def _quality(weight: str) -> float:
    name, _, value = weight.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


class ImportMode(StrEnum):
    """Whether to write."""

    PREVIEW = "preview"
    APPLY = "apply"


class OnError(StrEnum):
    """What becomes of the rows without an error when others have one."""

    REFUSE = "refuse"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """A file to take in. `digest` is the preview's; `most_rows` bounds the file."""

    file: bytes
    mode: ImportMode
    digest: str | None
    on_error: OnError
    answer: FileRequest
    most_rows: int


async def import_request(
    request: Request,
    answer: FileAsked,
    mode: Annotated[
        ImportMode, Query(description="preview: say what would change and write nothing; apply: write it")
    ] = ImportMode.PREVIEW,
    digest: Annotated[
        str | None, Query(max_length=200, description="`digest` of the preview; apply asks for it")
    ] = None,
    on_error: Annotated[
        OnError, Query(description="refuse: one row in error, and nothing is written; skip: the others are")
    ] = OnError.REFUSE,
) -> ImportRequest:
    """Read the file sent and what to do with it. Raises `InvalidInput` without a file."""
    file = await _file_of(request)
    if not file:
        raise InvalidInput(ErrorAt("#", "missing"))
    if mode is ImportMode.APPLY and not digest:
        raise InvalidInput(ErrorAt("?digest", "missing"))
    settings: Settings = request.app.state.settings
    return ImportRequest(file, mode, digest, on_error, answer, settings.import_max_rows)


ImportAsked = Annotated[ImportRequest, Depends(import_request)]


async def _file_of(request: Request) -> bytes:
    if not request.headers.get("content-type", "").lower().startswith(FORM):
        return await request.body()
    async with request.form(max_files=1, max_fields=10) as form:
        sent = form.get("file")
        if not isinstance(sent, UploadFile):
            raise InvalidInput(ErrorAt("#/file", "missing"))
        return await sent.read()


_TEXT: dict[str, Any] = {"schema": {"type": "string"}, "example": "Nom;Nature;SIRET\r\nAtelier du Pont;Entreprise;\r\n"}
_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}, "example": "(a workbook)"}
_FILES: dict[int | str, dict[str, Any]] = {200: {"content": {CSV: _TEXT, XLSX: _BINARY}}}
ON_FILE_LIST: Responses = {**ON_LIST, 200: {**ON_LIST[200], **_FILES[200]}}
"""A list that is also had as a file."""

ON_IMPORT: Responses = {
    200: {"content": {XLSX: _BINARY}},
    **problems(
        errors.MalformedRequest,
        errors.NotAuthenticated,
        errors.NotAllowed,
        errors.InvalidInput,
        errors.ImportRefused,
        errors.PayloadTooLarge,
        errors.UnsupportedMediaType,
        errors.PreviewOutdated,
        errors.RequestInFlight,
        errors.KeyReused,
        errors.InternalError,
        errors.Unavailable,
    ),
}
IMPORT_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file: CSV (UTF-8, UTF-16 or Windows-1252; semicolons, commas or tabs), XLSX, ODS or XLS.",
        "content": {
            CSV: _TEXT,
            XLSX: _BINARY,
            ODS: _BINARY,
            XLS: _BINARY,
            FORM: {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                },
                "example": {"file": "(a workbook)"},
            },
        },
    }
}
"""What an import takes (`openapi_extra=` of its route)."""
