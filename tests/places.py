"""Folders, ports and processes for tests that run the real programs."""

import contextlib
import os
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def reachable_folder() -> Iterator[Path]:
    """A folder every account can reach (root's PostgreSQL runs as another); what runs there is ended afterwards."""
    with tempfile.TemporaryDirectory(prefix="aet-", ignore_cleanup_errors=True) as name:
        place = Path(name)
        place.chmod(0o755)
        yield place
        for pid in postmasters(place):
            os.kill(pid, signal.SIGKILL)


def postmasters(place: Path) -> list[int]:
    """The running PostgreSQL servers whose data is under `place`."""
    found = [int(path.read_text().split()[0]) for path in place.glob("**/postmaster.pid")]
    return [pid for pid in found if is_running(pid)]


def is_running(pid: int) -> bool:
    """Whether the process lives (a killed one that nobody has reaped yet does not)."""
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rsplit(") ", 1)[1][0] != "Z"


def free_port() -> int:
    """A port of the loopback nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
