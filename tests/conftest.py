"""What several test modules need."""

import os
from pathlib import Path

import pytest
from command import Inside, Ran
from hypothesis import settings

from search import cli
from search.cli import options
from search.engine import compaction

# No question has a time limit of its own, as a busy machine may pause at any. CI asks each change what it asked the one
# before; elsewhere the questions are others each time.
settings.register_profile("unhurried", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("unhurried")

compaction.AHEAD = 1  # else the small indexes of tests would hardly ever have several segments


TOLD = "told"  # the property in which a test records what is to be printed when it has passed


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests that passed have to tell; pytest shows the output of others alone."""
    for report in terminalreporter.getreports("passed"):
        for text in [text for name, text in report.user_properties if name == TOLD]:
            terminalreporter.section(report.nodeid, sep="-")
            terminalreporter.write_line(str(text))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of third-party data to measure on; not part of the project. In CI it must be there."""
    path = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not path.is_dir():
        assert not os.environ.get("CI"), f"{path} is missing: set SHARED_DATA"
        pytest.skip(f"needs {path}, which is not part of the project; set SHARED_DATA")
    return path


@pytest.fixture
def inside(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Inside:
    """Return `command.run` without a process, for tables of what a process was seen to do with a few."""

    def run_inside(*arguments: str, cwd: Path) -> Ran:
        with monkeypatch.context() as patched:
            patched.chdir(cwd)
            patched.delenv("SEARCH_INDEX", raising=False)
            patched.setattr(options.common, "index", None)
            patched.setattr(options.common, "debug", False)
            status = cli.run(list(arguments))
        return Ran(status, *capsys.readouterr())

    return run_inside
