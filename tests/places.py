"""Folders, ports and processes for tests that run the real programs."""

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
OTHERS = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith("AET_") and name != "PYTHONDONTWRITEBYTECODE"  # a user's Python keeps what it compiled
}


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


def on_loopback() -> socket.socket:
    """A socket to serve on. Answers leave at once: asyncio does not see to that on a socket it is given."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def free_port() -> int:
    """A port of the loopback nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class Served(subprocess.Popen[str]):
    """`scripts/serve` on a data folder, once it listens. `said` is what it printed until then."""

    def __init__(self, data: Path, *words: str) -> None:
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.owner_url = f"postgresql://aet_owner@/aet?host={data / 'postgresql'}"
        super().__init__(
            ["scripts/serve", "--port", str(self.port), *words],
            cwd=ROOT,
            env=OTHERS | {"AET_DATA_DIR": str(data), "AET_LOG_LEVEL": "warning"},  # no one reads the pipe meanwhile
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""
        assert self.stdout
        for line in self.stdout:
            self.said += line
            if "/docs" in line:
                return
        self.stdout.close()
        raise AssertionError(f"scripts/serve ended with {self.wait()}: {self.said}")

    def __exit__(self, *error: object) -> None:
        self.kill()
        super().__exit__(*error)  # type: ignore[arg-type]

    def end(self, by: signal.Signals = signal.SIGTERM) -> str:
        """Ask it to end, as an operator does; what it said since it listens."""
        self.send_signal(by)
        said, _ = self.communicate(timeout=30)
        assert self.returncode == 0, said
        return said
