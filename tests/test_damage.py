"""Damaged files: every flipped byte and truncation is found, and no file makes a query answer wrongly or fail oddly."""

import contextlib
import json
import math
import random
import resource
import struct
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard
from disk import ROOT, Disk, Picture
from work import TORTURE, held, seed_of_run

import search
from search import Article
from search.engine import commit as commits
from search.engine import counts, planes, record
from search.engine.builder import Builder
from search.engine.commit import Commit, FileEntry, SegmentEntry
from search.engine.sections import BLOCK, MAGIC, Sections
from search.engine.storage import LOCK, Folder
from search.reading import find_zones
from search.text.analysis import analyzer

HOME = ROOT / "index"
QUERIES = (
    *(
        "quay",
        "ferry OR barge",
        '"left the quay"',
        "quay AND NOT barge",
        "title:ferry",
        "2021-08-10",
        "fer*",
        "barje~1",
    ),
    *(
        "quay w/3 left",
        "date:2021",
        "barge^2 quay",
        "*",
        "=Ferry",
        "caps(ferry)",
        "source:post",
        "hlead:barge",
        "b?rge",
    ),
)
TEXTS = [
    "The ferry left the quay. The barge stayed. " * (1 + n % 3) + ("quay " * 40 if n == 3 else "") + f"Day {n}."
    for n in range(12)
]
ARTICLES = [
    Article(
        id=f"{n}",
        body=body,
        title=f"Ferry {n}",
        date=f"2021-08-{1 + n:02}" if n % 4 else None,
        source="The Post",
        path=f"news/{n}.txt",
        meta={"topic": "sea"},
    )
    for n, body in enumerate(TEXTS)
]


def made(n_segments: int) -> Picture:
    """Return the files of a small index with some article deleted."""
    disk = Disk()
    index = search.Index(Folder(HOME, disk))
    index.add(ARTICLES[:4])
    if n_segments == 2:
        many = " ".join(f"Pier{number:x}" for number in random.Random(1).sample(range(1 << 20), 250))
        index.add([*ARTICLES[4:11], Article(id="long", body="The harbour master wrote. " * 300 + many)])
    index.delete(["1"])
    files = disk_files(disk)
    kinds = {"": 1, ".deleted": 1, ".json": 1, ".relations": 2, ".segment": 2}
    if n_segments == 1:  # with the article goes the only story
        kinds |= {".relations": 0, ".segment": 1}
    assert Counter(path.suffix for path in files) == Counter(kinds)
    return files


def disk_files(disk: Disk) -> Picture:
    return {HOME: None} | {HOME / name: disk.content(HOME / name) for name in disk.names(HOME) if name != LOCK}


@pytest.fixture(scope="module")
def files() -> Picture:
    return made(2)


def at(files: Picture) -> search.Index:
    return search.Index(Folder(HOME, Disk.showing(files)))


def asked(index: search.Index) -> dict[str, Callable[[], Any]]:
    """Return all that an index can be asked."""
    calls: dict[str, Callable[[], Any]] = {
        query: lambda query=query: [  # type: ignore[misc]  # mypy reads no type into the default of a lambda
            (hit.id, hit.title, round(hit.score, 9), hit.passages, results.total)
            for results in [index.search(query, now="2021-09-01")]
            for hit in results
        ]
        for query in QUERIES
    }
    calls["newest"] = lambda: [hit.id for hit in index.search("quay", sort="newest")]
    calls["recent"] = lambda: [hit.id for hit in index.search("quay", recency="9d", now="2021-09-01")]
    calls["get"] = lambda: index.get("3")
    calls["in"] = lambda: "5" in index
    calls["all"] = lambda: held(index)
    calls["stats"] = index.stats
    return calls


def answers(index: search.Index) -> dict[str, Any]:
    return {name: call() for name, call in asked(index).items()}


def damaged(files: Picture, path: Path, content: bytes) -> Picture:
    return files | {path: content}


def spoilt(content: bytes, at: int, rng: random.Random) -> Iterator[bytes]:
    """Yield a content with another byte at some place, and cut off there."""
    yield content[:at] + bytes([content[at] ^ rng.randrange(1, 256)]) + content[at + 1 :]
    yield content[:at]


def found(files: Picture) -> list[str]:
    """Return what `search check` says."""
    try:
        return at(files).check()
    except search.SearchError as error:
        return [str(error)]


def spoil(files: Picture, every: int, seed: int) -> int:
    """Spoil the bytes of each file, hold `check` to finding it, and queries to right answers or none."""
    rng = random.Random(seed)
    right = answers(at(files))
    n = 0
    for path, content in files.items():
        for place in range(rng.randrange(every), len(content or b""), every):
            for bad in spoilt(content or b"", place, rng):
                told = found(damaged(files, path, bad))
                what = f"seed {seed}: {path} at {place}: {told}"
                assert told, what
                assert str(path) in told[0], what
                assert "expected" in told[0], what
                assert "found" in told[0], what
                assert "search repair" in told[0], what
                n += 1
                if not n % 8:
                    assert right_or_refused(damaged(files, path, bad), right), what
    return n


def right_or_refused(files: Picture, right: dict[str, Any]) -> bool:
    try:
        calls = asked(at(files))
    except search.CorruptionError:
        return True
    for name, call in calls.items():
        try:
            if call() != right[name]:
                return False
        except search.CorruptionError:
            pass
    return True


@pytest.mark.parametrize(("n_segments", "every"), [(1, 61), (2, 499)])
def test_spoilt_bytes_are_found(n_segments: int, every: int) -> None:
    assert spoil(made(n_segments), every, seed_of_run()) > 50


@pytest.mark.slow
def test_every_spoilt_byte_is_found() -> None:
    files = made(1)
    assert spoil(files, 1, seed_of_run()) == 2 * sum(len(content or b"") for content in files.values())


def spoil_large(n: int, seed: int) -> int:
    """Spoil `n` bytes of a file of many blocks, and cut it off there; hold its checksums to finding each."""
    rng = random.Random(seed)
    disk = Disk()
    index = search.Index(Folder(HOME, disk))
    bodies = [" ".join(f"{rng.randrange(1 << 40):x}" for _ in range(300)) for _ in range(80)]
    index.add(Article(id=f"{number}", body=body) for number, body in enumerate(bodies))
    [path] = [path for path in disk_files(disk) if path.suffix == ".segment"]
    content = bytearray(disk.content(path))
    size = len(content)
    assert size > 4 << BLOCK

    class Lent(Folder):
        def map(self, name: str) -> bytes:
            return content  # type: ignore[return-value]  # bytes that change

    for _ in range(n):
        place = rng.randrange(size)
        was, content[place] = content[place], content[place] ^ rng.randrange(1, 256)
        try:
            told = Sections(Lent(HOME), path.name, size).verify()
        except search.CorruptionError as error:
            told = [str(error)]
        content[place] = was
        assert len(told) == 1, f"seed {seed}: {place}: {told}"
        assert str(path) in told[0], told
        with pytest.raises(search.CorruptionError, match="size: expected"):
            Sections(Cut(HOME, content, place), path.name, size)
    assert Sections(Lent(HOME), path.name, size).verify() == []
    return n


class Cut(Folder):
    """A folder of one file, whose end is missing."""

    def __init__(self, path: Path, content: bytearray, end: int) -> None:
        super().__init__(path)
        self._content = bytes(content[:end])

    def map(self, name: str) -> bytes:
        return self._content


@pytest.mark.slow
def test_spoilt_bytes_of_a_large_file_are_found() -> None:
    assert spoil_large(int(20_000 * TORTURE), seed_of_run()) >= 20_000


# Forged: numbers that match their checksums and are impossible


class Forged:
    """A file of sections, taken apart and put together again with checksums that match."""

    def __init__(self, content: bytes) -> None:
        end, length, _ = struct.unpack_from("<QII", content, len(content) - 24)
        self.body = bytearray(content[:end])
        self.contents = json.loads(content[len(content) - 24 - length : len(content) - 24])

    def sealed(self) -> bytes:
        end = len(self.body)
        sums = b"".join(
            struct.pack("<I", zlib.crc32(self.body[at : min(at + (1 << BLOCK), end)]))
            for at in range(0, end, 1 << BLOCK)
        )
        contents = json.dumps(self.contents, sort_keys=True).encode()
        tail = sums + contents + struct.pack("<QI", end, len(contents))
        return bytes(self.body) + tail + struct.pack("<I", zlib.crc32(tail)) + MAGIC


def sealed(commit: dict[str, Any]) -> bytes:
    """Return a commit file with a checksum that matches."""
    rest = {name: value for name, value in commit.items() if name != "crc32"}
    crc = zlib.crc32(json.dumps(rest, sort_keys=True, separators=(",", ":")).encode())
    return commits._written(rest | {"crc32": crc})


def leaves(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Yield where each value of a JSON document stands: container and key."""
    for key, value in list(tree.items() if isinstance(tree, dict) else enumerate(tree)):
        yield tree, key
        if isinstance(value, dict | list):
            yield from leaves(value)


HOSTILE: tuple[Any, ...] = (
    *(0, 1, -1, 2, 255, 1 << 16, (1 << 31) - 1, 1 << 32, (1 << 62) - 1, 1 << 63, 1 << 70, -(1 << 63), 1e308, math.nan),
    *(None, True, "", "x", "<u4", "|O", "../../x", [], {}, [[]], {"x": 1}),
)


def forgeries(files: Picture, rng: random.Random) -> Iterator[tuple[str, Picture]]:
    """Yield, for ever, files with something in them that was never written, and what it is."""
    paths = [path for path, content in files.items() if content]
    commit = json.loads(files[HOME / "commit.json"] or b"")
    while True:
        path = rng.choice(paths)
        content = files[path] or b""
        if path.name == "commit.json":
            forged = json.loads(content)
            container, key = rng.choice(list(leaves(forged)))
            container[key] = value = rng.choice(HOSTILE)
            yield f"{path}: {key} {value!r}", files | {path: sealed(forged)}
            continue
        file = Forged(content)
        if rng.random() < 0.3:
            container, key = rng.choice(list(leaves(file.contents)))
            container[key] = value = rng.choice(HOSTILE)
            what = f"{path}: {key} {value!r}"
        else:
            part = rng.choice([name for name, (_, n, _) in file.contents["sections"].items() if n])
            start, n, kind = file.contents["sections"][part]
            width = int(kind[2:])
            number = rng.randrange(n // width)
            value = rng.choice((0, 1, 255, 2 ** (8 * width) - 1, 2 ** (8 * width - 1), rng.randrange(2 ** (8 * width))))
            for each in range(number, min(n // width, number + rng.choice((1, 1, 2, 100)))):
                struct.pack_into(
                    f"<{'BHIQ'[width.bit_length() - 1]}", file.body, start + each * width, value % 2 ** (8 * width)
                )
            what = f"{path}: {part}[{number}] {value}"
        forged_content = file.sealed()
        entries = json.loads(json.dumps(commit))
        for entry in entries["segments"]:
            for owner in (entry, entry["deleted"] or {}):
                if owner.get("name") == path.name:
                    owner["bytes"] = len(forged_content)
        yield what, files | {path: forged_content, HOME / "commit.json": sealed(entries)}


@contextlib.contextmanager
def bounded() -> Iterator[None]:
    """Let this process have half a gigabyte more than it has."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 29), before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.fixture
def little_memory() -> Iterator[None]:
    with bounded():
        yield


def forge(files: Picture, n: int, seed: int) -> int:
    """Ask forged files everything; return how often the answer was that something is wrong."""
    rng = random.Random(seed)
    return sum(
        ask_all(forged, f"seed {seed}: {what}")
        for _, (what, forged) in zip(range(n), forgeries(files, rng), strict=False)
    )


def ask_all(files: Picture, what: str) -> int:
    """Ask everything; return how often the answer was that something is wrong."""
    refused = 0
    try:
        calls = asked(at(files))
    except search.CorruptionError:
        return 1
    calls["check"] = at(files).check
    calls["add"] = lambda: at(files).add([Article(id="3", body="The ferry came back.")])
    calls["compact"] = lambda: at(files).compact()
    for name, call in calls.items():
        try:
            call()
        except search.CorruptionError:
            refused += 1
        except search.SearchError:
            pass
        except Exception as error:
            error.add_note(f"{what}: {name}")
            raise
    return refused


def with_record(stored: bytes) -> Picture:
    """Return the files of an index of which one article is stored as `stored`."""
    disk = Disk()
    folder = Folder(HOME, disk)
    folder.make()
    builder = Builder(analyzer("english"), memory=1 << 24)
    for article in ARTICLES[:3]:
        builder.add(article, (), record.encode(article, ()))
        if article.id == "1":
            builder._records[-1] = stored
    segment = SegmentEntry(FileEntry("1.segment", builder.write(folder, "1.segment")[0]), 3)
    commits.write(folder, Commit(1, 2, analyzer("english").id, segments=(segment,)))
    return disk_files(disk)


def forge_records(n: int, seed: int) -> int:
    """Store what is no record in the place of one."""
    rng = random.Random(seed)
    whole = record.encode(ARTICLES[1], find_zones(ARTICLES[1].body, title=ARTICLES[1].title))
    refused = 0
    for _ in range(n):
        stored = bytearray(whole)
        for _ in range(rng.choice((1, 1, 2, 9))):
            place = rng.randrange(min(len(stored), rng.choice((20, 99, 9999))))
            stored[place : place + rng.randrange(3)] = rng.choice(
                (b"", b"\x1f", b"\x1e", b"9", b"[", b"\xff", b"\0", b"\xe6")
            )
        refused += ask_all(with_record(bytes(stored)), f"seed {seed}: {bytes(stored)!r}")
    return refused


def test_a_commit_and_its_segments_agree_on_how_many_articles_there_are(files: Picture) -> None:
    commit = json.loads(files[HOME / "commit.json"] or b"")
    for entry in [each for segment in commit["segments"] for each in (segment, segment["deleted"]) if each]:
        entry["articles"] += 1
        with pytest.raises(search.CorruptionError, match="articles"):
            at(files | {HOME / "commit.json": sealed(commit)})
        entry["articles"] -= 1
    assert at(files | {HOME / "commit.json": sealed(commit)}).stats().deleted


def with_file(files: Picture, path: Path, content: bytes) -> Picture:
    """Return files of which one is another, as the commit says."""
    commit = json.loads(files[HOME / "commit.json"] or b"")
    for entry in [*commit["segments"], *commit["relations"]]:
        entry["bytes"] = len(content) if entry["name"] == path.name else entry["bytes"]
    return files | {path: content, HOME / "commit.json": sealed(commit)}


def test_sections_are_as_long_as_what_they_are_about(files: Picture) -> None:
    path = next(path for path in files if path.suffix == ".segment")
    for name, part in (("articles", "frame_ends"), ("terms", "word_ends")):
        file = Forged(files[path] or b"")
        file.contents["meta"][name] = 1 << 23
        with pytest.raises(search.CorruptionError, match=f"{part}: expected 8388608 numbers"):
            at(with_file(files, path, file.sealed()))


def test_a_file_ends_where_it_says(files: Picture) -> None:
    path = next(path for path in files if path.suffix == ".segment")
    content = bytearray(files[path] or b"")
    end, length, _ = struct.unpack_from("<QII", content, len(content) - 24)
    struct.pack_into("<I", content, len(content) - 16, length + 1)
    struct.pack_into("<I", content, len(content) - 12, zlib.crc32(content[end : len(content) - 12]))
    with pytest.raises(search.CorruptionError, match=f"end: expected {len(content)} bytes in all"):
        at(files | {path: bytes(content)})


@pytest.mark.parametrize(("more_start", "more_bytes"), [(4, 0), (0, -3)], ids=["aligned", "whole numbers"])
def test_a_section_is_aligned_and_of_whole_numbers(files: Picture, more_start: int, more_bytes: int) -> None:
    path = next(path for path in files if path.suffix == ".segment")
    file = Forged(files[path] or b"")
    start, n, kind = file.contents["sections"]["low16"]
    file.contents["sections"]["low16"] = start + more_start, n + more_bytes, kind
    with pytest.raises(search.CorruptionError, match="low16: expected a section inside"):
        at(with_file(files, path, file.sealed()))


@pytest.mark.parametrize(
    ("suffix", "part"),
    [
        (".segment", "dictionary"),
        *((".relations", part) for part in ("ends", "pair", "shared_a", "shared_b")),
    ],
)
def test_columns_about_the_same_things_are_equally_long(suffix: str, part: str) -> None:
    files = made(2)
    path = next(path for path in files if path.suffix == suffix)
    file = Forged(files[path] or b"")
    start, n, kind = file.contents["sections"][part]
    width = int(kind[2:])
    file.contents["sections"][part] = start, n - width if n else width, kind
    with pytest.raises(search.CorruptionError, match=f"{part}: expected .* numbers"):
        answers(at(with_file(files, path, file.sealed())))


def test_deleted_articles_are_some_that_there_are(files: Picture) -> None:
    [path] = [path for path in files if path.suffix == ".deleted"]
    for part in ("docs", "terms"):
        file = Forged(files[path] or b"")
        start, _, _ = file.contents["sections"][part]
        struct.pack_into("<I", file.body, start, 1 << 20)
        with pytest.raises(search.CorruptionError, match=f"{part}: expected rising"):
            at(files | {path: file.sealed()})
    file = Forged(files[path] or b"")
    start, _, kind = file.contents["sections"]["docs"]
    file.contents["sections"]["docs"] = start, 0, kind
    with pytest.raises(search.CorruptionError, match="docs: expected some articles"):
        at(files | {path: file.sealed()})


@pytest.mark.parametrize(
    ("suffix", "part"),
    [
        *((".segment", part) for part in ("text", "outlet", "sketched", "least", "by_text", "prints", "holders")),
        *((".relations", part) for part in ("texts", "ends", "related", "pair", "kind", "shared_a", "shared_b")),
        *((".relations", part) for part in ("entries", "entry_ends", "word", "other", "word_a", "word_b")),
    ],
)
def test_no_number_in_sketches_and_relations_can_be_another_one(suffix: str, part: str) -> None:
    disk = Disk()
    outlets = ("Post", "Wire", "Echo")
    more = [f"The {name} saw {n + 2} barges of its own{' go' * n}." for n, name in enumerate(outlets)]
    body = (
        "The harbour master wrote that the ferry left the quay at six with forty people and two lorries, and that the "
        "barge behind it waited for the tide to turn."
    )
    search.Index(Folder(HOME, disk)).add(
        Article(id=name, body=f"{said} {line}" if part != "by_text" else said, source=name)
        for name, line, said in zip(outlets, more, (body, body, body.replace("harbour", "harbor")), strict=True)
    )
    files = disk_files(disk)
    assert not at(files).check()
    [path] = [path for path in files if path.suffix == suffix]
    content = files[path] or b""
    start, n, kind = Forged(content).contents["sections"][part]
    assert n
    width = int(kind[2:])
    for place in range(start, start + n, width):
        file = Forged(content)
        file.body[place] ^= 1
        try:
            found = at(files | {path: file.sealed()}).check()
        except search.CorruptionError:
            continue
        assert found, f"{part} {place}"


@pytest.mark.usefixtures("little_memory")
def test_no_room_is_made_for_places_that_are_not_there() -> None:
    disk = Disk()
    index = search.Index(Folder(HOME, disk))
    index.add([Article(id="a", title="Quay " * 40, body="The quay stayed. " * 300)])
    files = disk_files(disk)
    [path] = [path for path in files if path.suffix == ".segment"]
    file = Forged(files[path] or b"")
    start, n, _ = file.contents["sections"]["other"]
    _, n_others, kind = file.contents["sections"]["other_at"]
    n_numbers = n_others // int(kind[2:]) * counts.N_FIELDS
    forged = zstandard.compress(bytes(3 * n_numbers) + b"\x10" * n_numbers)  # four planes: each number is 1 << 28
    assert 0 < len(forged) <= n
    file.body[start : start + n] = forged.ljust(n, b"\0")
    with pytest.raises(search.CorruptionError, match="counts: expected"):
        at(files | {path: file.sealed()}).search('"the quay"')


@pytest.mark.parametrize("further", ["[1]", "{", '{"meta": 1}', '{"url": []}', '{"x": 1}', "9" * 5000, "[" * 9_000])
def test_what_is_no_further_field_is_an_error(further: str) -> None:
    stored = record.encode(ARTICLES[1], ()).split(b"\x1f")
    stored[7] = further.encode()
    assert ask_all(with_record(b"\x1f".join(stored)), further) > 3


def test_a_frame_of_impossible_size_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planes, "LARGEST", 999)
    frame = zstandard.compress(bytes(1000))
    with pytest.raises(ValueError, match="another one"):
        planes.Inflater().inflate(frame)


def test_forged_records_end_with_one_clear_error() -> None:
    assert forge_records(6, seed_of_run()) > 5


@pytest.mark.usefixtures("little_memory")
def test_forged_files_end_with_one_clear_error(files: Picture) -> None:
    assert forge(files, 16, seed_of_run()) > 5


@pytest.mark.slow
@pytest.mark.usefixtures("little_memory")
def test_many_forged_files_end_with_one_clear_error(files: Picture) -> None:
    seed = seed_of_run()
    assert forge(files, int(400 * TORTURE), seed) + forge_records(int(100 * TORTURE), seed) > 300


def test_verifying_may_be_turned_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = search.open(tmp_path)
    index.add(ARTICLES)
    [path] = tmp_path.glob("*.segment")
    data = bytearray(path.read_bytes())
    data[30] ^= 1  # padding: no answer needs it, its block is touched by all
    path.write_bytes(data)
    with pytest.raises(search.CorruptionError, match="checksum"):
        search.open(tmp_path).search("ferry")
    trusting = search.open(tmp_path, verify=False)
    assert len(trusting.search("ferry", group=False)) == 10
    assert "checksum" in trusting.check()[0]
    monkeypatch.setenv("SEARCH_VERIFY", "0")
    assert len(search.open(tmp_path).search("ferry", group=False)) == 10
    with pytest.raises(search.CorruptionError, match="checksum"):
        search.open(tmp_path).delete(["1"])
