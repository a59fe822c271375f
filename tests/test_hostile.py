"""Articles made to bring an indexer down: each is indexed or named, in bounded memory, and a terminal sees no sign."""

import gzip
import io
import json
import os
import resource
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MEMORY = 1_200_000_000  # bytes that a command may take
GIGABYTE = 1 << 30

Parts = Callable[[], Iterator[bytes]]


class Ran:
    """What a command left behind."""

    def __init__(self, cwd: Path, *arguments: str) -> None:
        def bound() -> None:
            resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))

        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
        done = subprocess.run(
            [sys.executable, "-m", "search", *arguments],
            cwd=cwd,
            env=environment,
            capture_output=True,
            check=False,
            preexec_fn=bound,
        )
        self.status = done.returncode
        self.out, self.err = done.stdout.decode(), done.stderr.decode()
        for line in (self.err if "--json" in arguments or "export" in arguments else self.out + self.err).split("\n"):
            assert line.isprintable(), line


def indexed(cwd: Path, *paths: str, jobs: int = 1) -> tuple[str, str]:
    """Index files; return what was said of articles and of errors. What was indexed is sound, and can be asked."""
    ran = Ran(cwd, "index", *paths, "--jobs", str(jobs))
    assert ran.status == bool(ran.err), ran.err
    if (cwd / "index" / "commit.json").exists():
        checked = Ran(cwd, "check")
        assert checked.status == 0, checked.out + checked.err
        assert Ran(cwd, "find", "rain OR x*", "--limit", "1").status in (0, 1)
    return ran.out.partition(";")[0], ran.err


def many(part: bytes, size: int) -> Parts:
    """Return what yields a part again and again."""
    return lambda: repeat(part * (1 + 1_000_000 // len(part)), 1 + size // 1_000_000)


# Name → content, what is said of it.
SMALL: dict[str, tuple[bytes, str]] = {
    "nul.txt": (b"Rain fell.\0 More rain\0 fell.\n" * 9, "1 added"),
    "invalid.txt": (b"Rain \xff\xfe\xc3( fell \xed\xa0\x80 on the town.\n" * 9, "1 added"),
    "surrogates.jsonl": (rb'{"id": "\ud800", "title": "\udfff", "body": "rain \ud83d \u0000"}' + b"\n", "1 added"),
    "digits.jsonl": (b'{"body": "rain", "n": ' + b"9" * 5000 + b"}\n", "a number that is too long"),
    "deep.jsonl": (b"[" * 100_000 + b"\n", "nested too deeply"),
    "deep-meta.jsonl": (b'{"body": "rain", "x": ' + b"[" * 400 + b"]" * 400 + b"}\n", "1 added"),
    "escapes.txt": (b"\x1b]0;owned\x07\x1b[2J rain \xc2\x9b1m \xe2\x80\xae rain\n", "1 added"),
    "empty.txt": (b"", "1 added"),
    "blank.txt": (b" \t\n" * 1000, "1 added"),
    "nested.txt.gz": (gzip.compress(gzip.compress(b"rain")), "is not text"),
    "nested.jsonl.gz": (gzip.compress(gzip.compress(b'{"body": "rain"}\n' * 999)), "is not UTF-8"),
    "combining.txt": ("\u0301\u0327".encode() * 50_000, "1 added"),
    "combining-title.jsonl": (json.dumps({"title": "\u0301\u0327" * 9_000, "body": "x"}).encode(), "1 added"),
    "combining-key.jsonl": (json.dumps({"\u0301\u0327" * 50_000: "x", "body": "x"}).encode(), "1 added"),
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    """What is said of each of the small files."""
    folder = tmp_path_factory.mktemp("small")
    said = {}
    for name, (content, _) in SMALL.items():
        (folder / name).write_bytes(content)
    ran = Ran(folder, "index", "--jobs", "1", *SMALL)
    said = {name: [line for line in ran.err.splitlines() if line.startswith(f"search: {name}")] for name in SMALL}
    assert Ran(folder, "check").status == 0
    for command in (["find", "rain", "--limit", "50"], ["find", "*", "--ids"], ["show", "escapes.txt"]):
        assert Ran(folder, *command).status == 0, command
    ids = Ran(folder, "find", "*", "--ids", "--limit", "50").out.splitlines()
    is_there = {name: any(name in key or key == "\ufffd" for key in ids) for name in SMALL}
    return {name: ("1 added" if is_there[name] else "", "".join(said[name])) for name in SMALL}


@pytest.mark.parametrize("name", SMALL)
def test_a_hostile_article_is_indexed_or_named(small: dict[str, tuple[str, str]], name: str) -> None:
    added, said = small[name]
    assert SMALL[name][1] in (added if SMALL[name][1] == "1 added" else said)


def test_archives_are_no_articles(tmp_path: Path) -> None:
    text = b"Rain fell on the town. " * 40
    with tarfile.open(tmp_path / "a.tar", "w") as tar, zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in ("../../out.txt", "/etc/out.txt"):
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text))
            archive.writestr(name, text)
    ran = Ran(tmp_path, "index", "a.zip", "a.tar", "--jobs", "1")
    assert "a.zip: is not text" in ran.err
    assert {path.name for path in tmp_path.iterdir()} == {"a.tar", "a.zip", "index"}


def test_names_of_files_do_nothing_to_a_terminal(tmp_path: Path) -> None:
    names = [
        b"line\nfeed.txt",
        b"\x1b]0;owned\x07.txt",
        b"caf\xe9.txt",
        "\u202etxt.exe".encode(),
        b"-rf",
        b"a\\x1b.txt",
    ]
    for name in names:
        (tmp_path / "news" / os.fsdecode(name)).parent.mkdir(exist_ok=True)
        (tmp_path / "news" / os.fsdecode(name)).write_text("Rain fell.")
        (tmp_path / "news" / os.fsdecode(b"bad " + name)).write_bytes(bytes(999))
    assert Ran(tmp_path, "index", "news").status == 1
    for command in (
        ["find", "rain", "--limit", "20"],
        ["find", "rain", "--ids"],
        ["find", "rain", "--json"],
        ["export"],
    ):
        ran = Ran(tmp_path, *command)
        assert ran.status == 0
    assert Ran(tmp_path, "find", "rain", "--count").out == f"{len(names)}\n"
    assert Ran(tmp_path, "check").status == 0


def test_links_pipes_and_devices_are_named_and_circles_end(tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "a.txt").write_text("Rain fell.")
    (tmp_path / "news" / "round").symlink_to(".")
    (tmp_path / "news" / "self").symlink_to("self")
    (tmp_path / "news" / "zero").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "news" / "pipe")
    added, said = indexed(tmp_path, "news")
    assert "1 added" in added
    for what in ("pipe: is a pipe", "self: too many levels", "zero: is a device"):
        assert what in said


def forms(n: int) -> bytes:
    return b" ".join(b"x%07x" % number for number in range(n))


LARGE: dict[str, tuple[Parts, str]] = {
    "line.txt": (many(b"rain ", GIGABYTE), "is longer than 16 MiB"),
    "line.jsonl": (lambda: chain([b'{"body": "'], many(b"rain ", GIGABYTE)(), [b'"}\n']), "is longer than 32 MiB"),
    "lines.txt": (many(b"a\n", 3_000_000), "more than 250,000 lines"),
    "blanks.txt": (many(b"\n", 3_000_000), "more than 250,000 lines"),
    "lines.jsonl": (many(b'{"body":"x"}\n', 999_999), "added"),
    "longest.txt": (many(b"rain and more ", 3_000_000), "1 added"),
    "long.txt": (many(b"rain and more ", 9_000_000), "longer than 4 million characters"),
    "long.jsonl": (lambda: chain([b'{"body": "'], many(b"rain ", 9_000_000)(), [b'"}\n']), "longer than 4 million"),
    "us.txt": (many(b"US ", 3_000_000), "1 added"),
    "forms.txt": (lambda: iter([forms(400_000)]), "1 added"),
    "word.txt": (many(b"x", 3_000_000), "1 added"),
    "combining.txt": (many("\u0301\u0327".encode(), 5_000_000), "1 added"),
    "stops.txt": (many(b".", 3_000_000), "1 added"),
    "hyphens.txt": (many(b"a-", 3_000_000), "1 added"),
    "initials.txt": (many(b"a.", 3_000_000), "1 added"),
    "numbers.txt": (many(b"1,", 3_000_000), "1 added"),
    "quotes.txt": (many(b'"', 3_000_000), "1 added"),
    "keys.jsonl": (
        lambda: iter([json.dumps({"body": "x"} | {f"k{n}": "v" for n in range(40_000)}).encode()]),
        "1 added",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_a_large_hostile_article_is_indexed_or_named(tmp_path: Path, name: str) -> None:
    content, said = LARGE[name]
    with (tmp_path / name).open("wb") as file:
        file.writelines(content())
    added, error = indexed(tmp_path, name)
    (tmp_path / name).unlink()
    assert said in added + error


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".gz", ".xz", ".zst"])
def test_a_bomb_is_refused_by_name(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"bomb.txt{ending}"
    command = {".gz": "gzip -1", ".xz": "xz -0", ".zst": "zstd -q -1"}[ending]
    with path.open("wb") as file, subprocess.Popen(command.split(), stdin=-1, stdout=file) as packer:
        assert packer.stdin
        packer.stdin.writelines(many(b"\0" if ending == ".gz" else b"rain ", GIGABYTE)())
        packer.stdin.close()
    assert path.name in indexed(tmp_path, path.name)[1]
