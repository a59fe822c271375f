"""What tests have in common is tested, too."""

import os
import subprocess
import sys
from pathlib import Path

from conftest import TOLD


def test_what_a_test_that_passed_has_to_tell_is_printed(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(f"def test(record_property):\n    record_property({TOLD!r}, '240 ran')\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "conftest", "-c", os.devnull, "--rootdir", ".", "."]
    environment = {**os.environ, "PYTHONPATH": f"{Path(__file__).parent}{os.pathsep}{Path(__file__).parents[1]}"}
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=True)
    assert "240 ran" in ran.stdout.splitlines()
