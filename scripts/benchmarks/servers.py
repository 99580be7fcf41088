"""The servers under load, each a process of its own, one worker."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from scripts.benchmarks.measure import CannotMeasure

PROJECT = Path(__file__).parents[2]
LONGEST_START_S = 60.0
SECRET = "a-secret-for-measuring-of-enough-length"


@dataclass(frozen=True)
class Server:
    """A running server."""

    base_url: str
    pid: int


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextlib.contextmanager
def running(words: list[str], environment: dict[str, str], *, port: int, ready: str) -> Iterator[Server]:
    """A process that listens on `port`, from when `ready` answers until the end of the block.

    Raises `CannotMeasure` with what it said when it does not start.
    """
    base_url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            words, cwd=PROJECT, env=os.environ | environment, stdout=said, stderr=subprocess.DEVNULL
        )
        try:
            _wait(process, base_url + ready)
            yield Server(base_url, process.pid)
        except TimeoutError as error:
            said.seek(0)
            raise CannotMeasure(f"{' '.join(words)} did not start: {said.read()[-500:]}") from error
        finally:
            process.terminate()
            process.wait()


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    until = time.monotonic() + LONGEST_START_S
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(URLError, OSError), urlopen(url, timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.02)
    raise TimeoutError


def application(app_url: str, owner_url: str, *, kept_mib: int) -> contextlib.AbstractContextManager[Server]:
    """`aet serve` as an operator runs it (logs as JSON, thrown away), on a database that is there."""
    port = free_port()
    words = [sys.executable, "-m", "app.cli", "serve", "--no-demo", "--port", str(port)]
    return running(words, environment(app_url, owner_url, kept_mib=kept_mib), port=port, ready="/readyz")


def environment(app_url: str, owner_url: str, *, kept_mib: int) -> dict[str, str]:
    """The settings of a server under load."""
    return {
        "AET_DATABASE_URL": app_url,
        "AET_OWNER_DATABASE_URL": owner_url,
        "AET_KEPT_ANSWERS_MIB": str(kept_mib),
        "AET_LOG_FORMAT": "json",
        "AET_SECRET_KEY": SECRET,
    }


def reference(which: str, app_url: str) -> contextlib.AbstractContextManager[Server]:
    """One of the servers of `reference.py`."""
    port = free_port()
    words = [sys.executable, "-m", "scripts.benchmarks.reference", which, str(port)]
    return running(
        words, environment(app_url, app_url, kept_mib=0), port=port, ready="/livez" if which == "open" else "/hello"
    )


def second_start() -> float:
    """Seconds from `scripts/serve` to its first answer, on a data folder a first start has made."""
    with tempfile.TemporaryDirectory(prefix="aet-bench-") as folder:
        Path(folder).chmod(0o755)
        for _ in range(2):
            port = free_port()
            given = {"AET_DATA_DIR": f"{folder}/data", "AET_PORT": str(port)}
            given |= dict.fromkeys(("AET_DATABASE_URL", "AET_OWNER_DATABASE_URL"), "")
            begun = time.monotonic()
            with running(["scripts/serve"], given, port=port, ready="/readyz"):
                taken = time.monotonic() - begun
    return taken
