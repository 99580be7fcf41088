"""The container's health check: asks this machine's server whether it lives, past any proxy that is set."""

import os
import sys
from http.client import HTTPConnection, HTTPException


def main() -> int:
    """0 when it lives, else 1."""
    asked = HTTPConnection("127.0.0.1", int(os.environ.get("AET_PORT", "8000")), timeout=2)
    try:
        asked.request("GET", "/livez")
        return 0 if asked.getresponse().status == 200 else 1
    except (OSError, HTTPException):
        return 1
    finally:
        asked.close()


if __name__ == "__main__":
    sys.exit(main())
