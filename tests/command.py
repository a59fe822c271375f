"""The command line as tests use it: as a process, or inside their own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SEARCH = [sys.executable, "-m", "search"]


class Ran:
    """What a process left behind."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def environment(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("SEARCH_INDEX", "NO_COLOR", "COLUMNS", "LINES", "TERM")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "TERM": "xterm-256color", **more}


def run(*arguments: str, cwd: Path, stdin: str = "", before: Sequence[str] = (), **env: str) -> Ran:
    done = subprocess.run(
        [*before, *SEARCH, *arguments],
        cwd=cwd,
        input=stdin.encode(),
        capture_output=True,
        env=environment(**env),
        timeout=60,
        check=False,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def runs(*commands: Sequence[str], cwd: Path, **env: str) -> list[Ran]:
    """Run commands that do not change anything, side by side; it is starting that takes the time."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda command: run(*command, cwd=cwd, **env), commands))


def fails(ran: Ran, *says: str) -> None:
    """Assert an error as the README promises it: status 2, one line on standard error, nothing on standard output."""
    assert (ran.status, ran.out) == (2, ""), ran.err
    assert ran.err.startswith("search: ")
    assert ran.err.count("\n") == 1
    assert ran.err.endswith("\n")
    assert "Traceback" not in ran.err
    assert "unexpected" not in ran.err
    for said in says:
        assert said in ran.err


Inside = Callable[..., Ran]  # the fixture `inside`
