"""Take one safeguard after the other out of the package, and see that its tests notice.

    python tests/mutations.py [MODULE...]

prints a line for each and ends with status 1 if one went unnoticed. A quarter of an hour; not part of the tests.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent


class Mutation(NamedTuple):
    """A safeguard: where it is, the text that is replaced, by what, and the tests that should notice."""

    module: str
    old: str
    new: str
    tests: str


CRASHES, DAMAGE, STORAGE, REPAIR, BOUNDS = "crashes", "damage or test_storage", "storage", "repair", "bounds"
_RANGE = "self._blocks.touch(self._at + start * self._width, self._at + stop * self._width)"
MUTATIONS = (
    Mutation("storage", "os.fsync(file.fileno())", "pass", STORAGE),
    Mutation("storage", "            os.fsync(handle)\n", "            pass\n", STORAGE),
    Mutation("storage", "            self._system.sync(self._raw)\n", "", CRASHES),
    Mutation("storage", "            self._file.flush()\n", "", CRASHES),
    Mutation("storage", "            raise\n        self.sync()\n", "            raise\n", CRASHES),
    Mutation("storage", "self._system.rename(self.path / beside, self.path / name)", "pass", CRASHES),
    Mutation("storage", 'beside = f"{name}.new"', "beside = name", CRASHES),
    Mutation("storage", "self.path.resolve().parents:", "self.path.resolve().parents[:0]:", CRASHES),
    Mutation("storage", "os.O_WRONLY | os.O_CREAT | os.O_EXCL", "os.O_WRONLY | os.O_CREAT", STORAGE),
    Mutation("storage", '_NO_LINK = getattr(os, "O_NOFOLLOW", 0)', "_NO_LINK = 0", STORAGE),
    Mutation("storage", "if not stat.S_ISREG(os.fstat(handle).st_mode):", "if False:", STORAGE),
    Mutation("storage", "fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)", "pass", STORAGE),
    Mutation("storage", "os.write(handle, str(os.getpid()).encode())", "pass", STORAGE),
    Mutation(
        "storage", "        with contextlib.suppress(OSError):  # what stays", "        if True:  # what stays", CRASHES
    ),
    Mutation("commit", "    if commit.generation <= 1:\n        folder.settle()\n", "", CRASHES),
    Mutation("commit", "if found != crc:", "if False:", DAMAGE),
    Mutation("commit", "if data != _written(", "if False and data != _written(", DAMAGE),
    Mutation("commit", 'if not entry["name"].replace(', 'if False and not entry["name"].replace(', STORAGE),
    Mutation("commit", "if not isinstance(value, int) or not 0 <= value < 1 << 62:", "if False:", DAMAGE),
    Mutation("commit", 'if not any(name.endswith(".segment") for name in names):', "if True:", REPAIR),
    Mutation("writer", "            commits.write(self._folder, self._base)\n", "            pass\n", CRASHES),
    Mutation("writer", "        self._folder.sync()\n        commits.write", "        commits.write", CRASHES),
    Mutation("writer", "            if gone:\n                self._folder.sync()\n", "", CRASHES),
    Mutation("writer", "with contextlib.suppress(StorageError):", "if True:", CRASHES),
    Mutation("sections", "if found != expected:", "if False:", DAMAGE),
    Mutation("sections", "found == crc, f", "True, f", DAMAGE),
    Mutation("sections", "len(data) == size >= len(MAGIC) + ends", "True", DAMAGE),
    Mutation("sections", "data[:8] == data[-8:] == MAGIC", "True", DAMAGE),
    Mutation("sections", "len(MAGIC) <= start <= stop <= end and not", "not", DAMAGE),
    Mutation("segment", "        self._fit()\n", "", DAMAGE),
    Mutation("segment", "if starts[-1] + own[-1] > len(self._low8):", "if False:", DAMAGE),
    Mutation("segment", "if not isinstance(value, int) or abs(value) >= 1 << 62:", "if False:", DAMAGE),
    Mutation("planes", "if not 0 <= zstandard.frame_content_size(frame) <= LARGEST:", "if False:", DAMAGE),
    Mutation("planes", "except zstandard.ZstdError as error:", "except FloatingPointError as error:", DAMAGE),
    Mutation("record", "if len(head) != _FIELDS + 1:", "if False:", DAMAGE),
    Mutation("record", "if not isinstance(further, dict) or", "if False and", DAMAGE),
    Mutation("snapshot", "segment.n_docs == entry.n_docs,", "True,", DAMAGE),
    Mutation("snapshot", 'file.expect(name, f"rising numbers below {end}", rising, "others")', "pass", DAMAGE),
    Mutation("repair", ", spared=frozenset(damaged)", "", REPAIR),
    Mutation("repair", "if transaction.record(article.id) is None:", "if True:", REPAIR),
    Mutation("vocabulary", "if most <= 0 or self._n_compared >", "if self._n_compared >", BOUNDS),
    Mutation("scoring", "if len(leaves) * len(docs) > AT_ONCE:", "if False:", BOUNDS),
    Mutation("backup", "    for problem in file.verify():\n        raise CorruptionError(problem)\n", "", REPAIR),
    Mutation("backup", "        target.sync()\n", "", REPAIR),
    Mutation("backup", "        target.settle()\n", "", REPAIR),
    Mutation(
        "storage", "                return False\n        self.sync()\n", "                return False\n", REPAIR
    ),
    Mutation("storage", "        self.remove(beside)\n", "", STORAGE),
    Mutation("storage", "0o600", "0o644", STORAGE),
    Mutation("sections", "whole == size, f", "True, f", DAMAGE),
    Mutation("sections", " and not (start % ALIGN or (stop - start) % _WIDTHS[kind])", "", DAMAGE),
    Mutation("sections", "start % ALIGN or ", "", DAMAGE),
    Mutation("sections", "self._blocks.touch(at, at + self._width)", "pass", STORAGE),
    Mutation("sections", "self._blocks.touch(at - self._width, at + self._width)", "pass", STORAGE),
    *(
        Mutation("sections", f"{touch}\n        return {found}", f"pass\n        return {found}", STORAGE)
        for touch, found in (
            (_RANGE, "self._data[start:stop]"),
            (_RANGE, "self._numbers[start:stop].tolist()"),
            ("self._blocks.touch(self._at, self._at + len(self._data) * self._width)", "self._numbers\n"),
            ("self._blocks.touch(begin, end)", "self._file[begin:end]"),
        )
    ),
    Mutation("sections", "self._at + min(stop, len(self._data))", "self._at + stop", STORAGE),
    Mutation("segment", "len(file[name]) == n, len", "True, len", DAMAGE),
    Mutation("segment", "len(file[name]) in (0, self.n_docs),", "True,", DAMAGE),
    Mutation("edges", "len(file[name]) == n, len", "True, len", DAMAGE),
)


def is_noticed(mutation: Mutation, rounds: int) -> bool:
    """Tell whether some test fails without a safeguard, within some runs: what is tried is chosen at random."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in ("search", "tests"):
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "data", "bench"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        path = copy / "search" / "engine" / f"{mutation.module}.py"
        text = path.read_text(encoding="utf-8")
        assert text.count(mutation.old) == 1, mutation
        path.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
        files = [f"tests/test_{name}.py" for name in ("crashes", "damage", "repair", "storage", "bounds")]
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-k", mutation.tests, *files]
        for turn in range(rounds):
            chosen = ["-m", "slow or not slow"] if turn == rounds - 1 else []
            ran = subprocess.run(
                [*command, *chosen],
                cwd=copy,
                env={**os.environ, "PYTHONPATH": folder},
                capture_output=True,
                check=False,
            )
            if ran.returncode == 1:
                return True
            assert ran.returncode == 0, ran.stdout.decode()
    return False


def main(modules: list[str]) -> int:
    """Try those in some modules, or all; return how many safeguards went unnoticed."""
    unnoticed = 0
    chosen = [each for each in MUTATIONS if each.module in modules or not modules]
    for mutation in chosen:
        noticed = is_noticed(mutation, 3)
        unnoticed += not noticed
        print("noticed  " if noticed else "UNNOTICED", f"{mutation.module}: {mutation.old.strip()!r}", flush=True)
    print(f"{len(chosen)} safeguards, {unnoticed} of them gone unnoticed")
    return unnoticed


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))
