"""Query strings and files that nobody writes on purpose, each made from one number."""

import gzip
import json
import lzma
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random

import zstandard
from work import some

import search
from search import Article
from search.engine import record
from search.engine.incoming import prepared
from search.errors import ReadError
from search.query import names, parse

ROOT = Path(__file__).parents[1]
_SIGNS = (
    *'( ) " [ ] { } * ? ~ ~2 ^2 ^ = ! + - : / \\ & | < > , . ; # @ % $ _ `'.split(),
    *"AND OR NOT ANDNOT ANDMAYBE REQUIRE TO w/2 pre/3 w/99999999999999 /s /p atleast3( caps( ( ) ) )".split(),
    *"title: body: date: since: until: hlead: source: foo: : :: date:[ date:> date:'last date:none desk:".split(),
    *"ferry Ferry barge* fe?r* *r* berge~ tug~2/1 =Ferry US us U.S. don't air-strikes 2021-08-10 1,200 9/11".split(),
    *"^1 ^0.5 length> length>= length:3.. >3 allcaps( nocaps( first50: first50:( quote: by: by:Mara date:[ ]".split(),
    *"date:{ -date: \u2018 \u2019 \u2018ferry ferry\u2019 ~99999999999 31-April date:2021-02-31 *) w/5".split(),
    *(" to ", "[2021 to", "date:\u2018last week\u2019", "date: 2021", "length > 3", "since: monday"),
    *("“", "”", "«", "’", "\u00a0", "\u200b", "\u202e", "\x00", "\x1b", "\n", "\t", "é", "e\u0301", "ß", "İ", "ﬁ"),
    *("日本", "שלום", "😀", "\ud800", "\udfff", "\U0010ffff", "²", "٣", "ǅ", "\ufeff", "\ufffd", "\u0345", "ΐ"),
)


def query(seed: int) -> str:
    """Return a query string."""
    chance = Random(seed)
    parts = []
    for _ in range(chance.choice((1, 2, 4, 10))):
        match chance.randrange(8):
            case 0:
                parts.append("".join(chr(chance.randrange(1 << chance.choice((7, 8, 16))) or 1) for _ in range(4)))
            case 1:
                parts.append(chance.choice(_SIGNS) * chance.choice((2, 3, 40)))
            case _:
                parts.append(chance.choice(_SIGNS))
        parts.append(chance.choice(("", "", " ")))
    return "".join(parts)


def hold(index: search.Index, text: str) -> None:
    """Ask, and hold the answer to what holds for every one."""
    for further in (frozenset[str](), names(text)):
        read = parse(text, further=further)
        assert parse(read.reading, further=further).tree == read.tree
    results = index.search(text, limit=3, passages=2)
    assert results.total >= len(results)
    for hit in results:
        for passage in hit.passages:
            body = index.get(hit.id).text
            assert body[passage.start : passage.end] == passage.text
            assert all(passage.start <= start < end <= passage.end for start, end in passage.highlights)


def asked(location: Path) -> search.Index:
    """Return an index to ask."""
    index = search.open(location)
    index.add(Article(id=key, body=body, date="2021-08-10") for key, body in some("abcdef", "ferry").items())
    index.add(search.read([ROOT / "seeds"]))
    index.add([Article(id="odd", title="US ferry", body="".join(_SIGNS) + " Ferry. " + " ".join(_SIGNS))])
    return index


@cache
def _originals() -> Sequence[tuple[str, bytes]]:
    found = []
    for path in sorted((ROOT / "seeds").iterdir()):
        data = path.read_bytes()
        found.append((path.name, data))
        if len(found) % 4 == 0:
            found.append((f"{path.name}.gz", gzip.compress(data, mtime=0)))
            found.append((f"{path.name}.xz", lzma.compress(data)))
            found.append((f"{path.name}.zst", zstandard.compress(data)))
            found.append((path.name, data.decode().encode("utf-16")))
            found.append((path.name, data.decode().encode("cp1252", "replace")))
    records = [
        {
            "id": n,
            "title": "A",
            "text": "One. Two.\n\nTHREE",
            "zones": [["body", 0, 9], ["subheading", 11, 16]],
            "x": [n],
        }
        for n in range(3)
    ]
    found.append(("records.jsonl", "".join(f"{json.dumps(each)}\n" for each in records).encode()))
    return found


_BYTES: tuple[bytes, ...] = (
    b"\0",
    b"\xff",
    b"\x1b",
    b"\x1e",
    b"\x1f",
    b"\xc3(",
    b"\xed\xa0\x80",
    b"\n" * 9,
    b"{",
    b"}",
    b'"',
    b"\\ud800",
)
_BYTES += (
    b"9" * 5000,
    b"[" * 3000,
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\x1f\x8b\x08",
    b"(\xb5/\xfd",
    "\u0301".encode() * 50,
)


def file(seed: int) -> tuple[str, bytes]:
    """Return the name and the bytes of a file."""
    chance = Random(seed)
    name, original = chance.choice(_originals())
    data = bytearray(original)
    for _ in range(chance.choice((1, 1, 2, 5, 30))):
        at = chance.randrange(len(data) + 1)
        size = chance.choice((1, 1, 4, 60, len(data)))
        match chance.randrange(7):
            case 0:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del data[at : at + size]
            case 2:
                data[at:at] = chance.choice(_BYTES)
            case 3:
                data[at:at] = data[at : at + size] * chance.choice((1, 3))
            case 4:
                other = chance.choice(_originals())[1]
                data[at : at + size] = other[chance.randrange(len(other)) :][:size]
            case 5:
                data[at : at + size] = chance.randbytes(min(size, 60))
            case _:
                data[at : at + 1] = chance.choice(_BYTES)
        del data[200_000:]
    return name, bytes(data)


def read(folder: Path, seed: int) -> list[Article]:
    """Read what `file` makes, hold its articles to what holds for every one, and return them."""
    name, data = file(seed)
    path = folder / name
    path.write_bytes(data)
    errors: list[ReadError] = []
    articles = list(search.read([path], errors=errors.append))
    path.unlink()
    assert articles or errors or not data.strip(), f"fuzz.file({seed})"
    assert all(str(error).isprintable() for error in errors), f"fuzz.file({seed}): {errors}"
    for article in articles:
        (new,) = prepared([article])
        assert record.decode(new.stored).body == article.body, f"fuzz.file({seed})"
        inside = "".join(article.body[zone.start : zone.end] for zone in new.zones)
        assert "".join(inside.split()) == "".join(article.body.split()), f"fuzz.file({seed})"
    return articles
