"""What Schemathesis is told of the contract in Python: workbooks are sent as they are, octets."""

import schemathesis

from app.core.spreadsheets.asking import ODS, XLS, XLSX

schemathesis.serializer.alias([XLSX, ODS, XLS], "application/octet-stream")
