"""Files and records become articles; what cannot be read is named, and the rest goes on."""

import codecs
import gzip
import io
import json
import lzma
import os
import random
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from search.errors import ReadError
from search.model import Article, Zone
from search.reading import read, read_records
from search.reading.opening import lines

SEEDS = Path(__file__).parents[1] / "seeds"
RECORD = {"id": "a1", "title": "Dam bursts", "date": "2022-03-13", "body": "An earth dam burst.\n\nNobody was hurt."}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ids(*paths: str | Path) -> list[str]:
    return [article.id for article in read(paths)]


def with_errors(*paths: str | Path) -> tuple[list[str], list[str]]:
    """Return the ids of the articles and the messages of the errors."""
    errors: list[ReadError] = []
    found = [article.id for article in read(paths, errors=errors.append)]
    return found, [str(error) for error in errors]


def from_lines(*records: Any, name: str = "-") -> tuple[list[Article], list[ReadError]]:
    data = b"".join((r if isinstance(r, bytes) else json.dumps(r).encode()) + b"\n" for r in records)
    errors: list[ReadError] = []
    return list(read_records(io.BytesIO(data), name, errors=errors.append)), errors


def one(**record: Any) -> Article:
    (article,), errors = from_lines(record)
    assert not errors
    return article


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_folder_is_read_in_the_order_of_names_without_hidden_files(here: Path) -> None:
    for name in ("b.txt", "a/2.txt", "a/10.txt", ".hidden.txt", ".git/config.txt", "c"):
        (here / "news" / name).parent.mkdir(parents=True, exist_ok=True)
        (here / "news" / name).write_text("The river rose.")
    assert ids("news") == ["news/a/10.txt", "news/a/2.txt", "news/b.txt", "news/c"]
    assert ids("news/.hidden.txt") == ["news/.hidden.txt"]


def test_the_id_of_a_file_is_its_normalised_path(here: Path) -> None:
    (here / "news").mkdir()
    (here / "news" / "a.txt").write_text("x")
    outside = here.parent / "outside.txt"
    outside.write_text("x")
    for path in ("news/a.txt", "./news/../news//a.txt", here / "news" / "a.txt"):
        assert ids(path) == ["news/a.txt"]
    assert ids("../outside.txt") == [outside.as_posix()]


def test_an_article_of_a_file_has_what_its_zones_say(here: Path) -> None:
    text = "Dam bursts\nBy Ann Lee\n10 March 2022\n\nAn earth dam burst.\n\nSource: NNA\n"
    (here / "a.txt").write_text(text)
    (article,) = read(["a.txt"])
    assert article.text == text
    assert (article.title, article.author, article.date, article.source) == (
        "Dam bursts",
        "Ann Lee",
        "2022-03-10",
        "NNA",
    )
    assert (article.path, article.encoding, article.date_source) == ("a.txt", "utf-8", "stated: prefix")
    assert article.zones is not None
    assert [zone.kind for zone in article.zones] == ["title", "author", "date", "body", "source"]


def test_newlines_stay_and_a_byte_order_mark_is_not_counted(here: Path) -> None:
    (here / "a.txt").write_bytes("\ufeffRain.\r\n\rMore rain.\u2028End.\n".encode("utf-16"))
    (article,) = read(["a.txt"])
    assert article.text == "\ufeffRain.\r\n\rMore rain.\u2028End.\n"  # encoding added a mark of its own
    assert article.encoding == "utf-16"


def test_an_empty_file_is_an_article_without_text(here: Path) -> None:
    (here / "a.txt").touch()
    (article,) = read(["a.txt"])
    assert (article.text, article.zones) == ("", ())


def test_what_cannot_be_read_is_named_and_the_rest_is_read(here: Path) -> None:
    (here / "a.txt").write_text("Rain.")
    (here / "b.bin").write_bytes(bytes(1000))
    (here / "c.txt").symlink_to("nowhere")
    os.mkfifo(here / "d")
    (here / "e.txt").write_text("More rain.")
    found, errors = with_errors(".", "missing.txt", "a\0b", "/dev/null")
    assert found == ["a.txt", "e.txt"]
    assert errors == [
        "b.bin: is not text: convert it, or leave it out",
        "c.txt: is a link to nothing: mend or remove it",
        "d: is a pipe, not a file or folder: leave it out",
        "missing.txt: does not exist: check the path",
        "'a\\x00b': cannot be a path: it contains a NUL",
        "/dev/null: is a device, not a file or folder: leave it out",
    ]


def test_without_a_handler_the_first_failure_raises(here: Path) -> None:
    with pytest.raises(ReadError, match="missing: does not exist"):
        list(read(["missing"]))


def test_a_socket_is_refused(here: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s")
        assert with_errors("s") == ([], ["s: is a socket, not a file or folder: leave it out"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_an_error(here: Path) -> None:
    (here / "a.txt").write_text("x")
    (here / "a.txt").chmod(0)
    assert with_errors(".") == ([], ["a.txt: permission denied"])


def test_circles_of_links_end(here: Path) -> None:
    (here / "a" / "b").mkdir(parents=True)
    (here / "a" / "b" / "x.txt").write_text("x")
    (here / "a" / "b" / "up").symlink_to("../..")
    (here / "a" / "again").symlink_to("b")
    assert ids("a") == ["a/again/x.txt"] or ids("a") == ["a/b/x.txt"]


def test_very_deep_folders_are_read(here: Path) -> None:
    deep = here
    for _ in range(400):
        deep = deep / "d"
        deep.mkdir()
    (deep / "x.txt").write_text("x")
    assert len(ids("d")) == 1


def test_a_name_that_is_no_text_is_written_in_hexadecimal(here: Path) -> None:
    with open(b"caf\xe9.txt", "w") as file:  # noqa: PTH123  # bytes that are no text
        file.write("x")
    (name,) = ids(".")
    assert name == "caf\\xe9.txt"
    name.encode()


def test_one_path_instead_of_many_is_the_callers_mistake() -> None:
    with pytest.raises(TypeError):
        read("seeds")


# --- compression ------------------------------------------------------------------------------------------------------

COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": lambda data: gzip.compress(data),
    ".xz": lambda data: lzma.compress(data),
    ".zst": lambda data: zstandard.ZstdCompressor(write_checksum=True).compress(data),
    ".lzma": lambda data: lzma.compress(data, format=lzma.FORMAT_ALONE),
}


@pytest.mark.parametrize("ending", COMPRESS)
def test_compressed_files_are_read(here: Path, ending: str) -> None:
    Path(f"a.txt{ending}").write_bytes(COMPRESS[ending]("Käse.\n".encode("cp1252")))
    data = COMPRESS[ending](json.dumps(RECORD).encode() + b"\n") + COMPRESS[ending](b'{"text": "second member"}\n')
    Path(f"b.jsonl{ending}").write_bytes(data)
    assert [(article.id, article.text[:5]) for article in read(["."])] == [
        (f"a.txt{ending}", "Käse."),
        ("a1", "An ea"),
        (f"b.jsonl{ending}#2", "secon"),
    ]


@pytest.mark.parametrize("ending", COMPRESS)
def test_damaged_and_truncated_files_are_errors(here: Path, ending: str) -> None:
    noise = bytes(random.Random(7).choices(b"abcdefgh \n", k=200_000))
    data = COMPRESS[ending](noise)
    Path(f"cut.txt{ending}").write_bytes(data[: len(data) // 2])
    Path(f"damaged.txt{ending}").write_bytes(data[:2000] + b"\xff" * 500 + data[2500:])
    found, errors = with_errors(".")
    assert not found
    assert "cut off" in errors[0]
    assert "damaged" in errors[1]


@pytest.mark.parametrize("ending", COMPRESS)
def test_a_decompression_bomb_is_refused(here: Path, ending: str) -> None:
    Path(f"bomb.txt{ending}").write_bytes(COMPRESS[ending](b"a" * (8 << 20)))
    Path(f"small.txt{ending}").write_bytes(COMPRESS[ending](b"a " * (1 << 18)))
    found, errors = with_errors(".")
    assert found == [f"small.txt{ending}"]
    assert len(errors) == 1
    assert f"bomb.txt{ending}: grows more than 200 times" in errors[0]


@pytest.mark.parametrize("ending", COMPRESS)
def test_a_file_that_repeats_itself_at_the_front_is_no_bomb(here: Path, ending: str) -> None:
    same = b'{"text": "' + b"rain " * 200 + b'"}\n'
    noise = "".join(random.Random(7).choices("abcdefgh ", k=60_000))
    data = same * 1500 + json.dumps({"text": noise}).encode()
    Path(f"a.jsonl{ending}").write_bytes(COMPRESS[ending](data))
    found, errors = with_errors(".")
    assert not errors
    assert len(found) == 1501


# --- records ----------------------------------------------------------------------------------------------------------


def test_a_record_keeps_all_it_says() -> None:
    article = one(
        **RECORD,
        url="https://e.example",
        source="NNA",
        author="Ann Lee",
        section="news",
        words=7,
        tags=["a", "b"],
        ids=[1],
        empty=None,
    )
    assert (article.id, article.title, article.date) == ("a1", "Dam bursts", "2022-03-13")
    assert (article.url, article.source, article.author) == ("https://e.example", "NNA", "Ann Lee")
    assert (article.path, article.date_source) == ("-", "stated: field")
    assert article.meta == {"section": "news", "words": "7", "tags": "a, b", "ids": "[1]"}


def test_text_is_another_name_of_body_and_an_id_may_be_missing_or_a_number() -> None:
    articles, _ = from_lines({"text": "x"}, {"id": 7, "body": "y"}, {"id": "", "body": ""}, name="f.jsonl")
    assert [(a.id, a.text) for a in articles] == [("f.jsonl#1", "x"), ("7", "y"), ("f.jsonl#3", "")]


def test_keys_given_win_over_the_text() -> None:
    body = "2021-08-10 The dam burst.\n\nSource: Echo\n\nAuthor: Bo Dunn"
    article = one(body=body, source="NNA", author="Ann Lee", date="2022")
    assert (article.source, article.author, article.date, article.date_source) == (
        "NNA",
        "Ann Lee",
        "2022",
        "stated: field",
    )
    assert [zone.kind for zone in article.zones or ()] == ["date", "body", "source", "author"]
    article = one(body=body)
    assert (article.source, article.author, article.date) == ("Echo", "Bo Dunn", "2021-08-10")
    assert article.date_source == "stated: prefix"


def test_a_date_that_cannot_be_read_is_kept_as_it_was_written() -> None:
    article = one(body="x", date="the other day")
    assert (article.date, article.date_source, article.meta) == (None, None, {"date": "the other day"})


def test_an_exported_record_is_taken_as_it_is() -> None:
    article = one(
        id="n/a.txt", path="n/a.txt", text="AB CD", zones=[["title", 0, 2], ["body", 3, 5]],
        date="2021", date_source="inferred from x", encoding="windows-1252",
    )  # fmt: skip
    assert article.zones == (Zone("title", 0, 2), Zone("body", 3, 5))
    assert (article.path, article.date_source, article.encoding) == ("n/a.txt", "inferred from x", "windows-1252")


@pytest.mark.parametrize(
    "zones",
    [
        [["body", 0, 2]],
        [["body", 0, 6]],
        [["body", 0, 3], ["body", 3, 5]],
        [["body", 3, 5], ["body", 0, 2]],
        [["body", 0, 4], ["body", 3, 5]],
        [["lead", 0, 5]],
        [["body", 0]],
        [["body", "0", 5]],
        {"body": [0, 5]},
        "body",
    ],
)
def test_zones_that_are_none_are_errors(zones: object) -> None:
    articles, (error,) = from_lines({"text": "AB CD", "zones": zones})
    assert not articles
    assert "zones" in error.why


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{", "no JSON"),
        (b"[1]", "no JSON object"),
        (b'"text"', "no JSON object"),
        (b'{"id": 1}', "no `body` and no `text`"),
        (b'{"body": 3}', "`body` is a number"),
        (b'{"body": "x", "title": ["t"]}', "`title` is a list"),
        (b'{"body": "x", "id": true}', "`id` is true or false"),
        (b'{"body": "x", "id": {}}', "`id` is an object"),
        (b'{"body": "x", "date": 2021}', "`date` is a number"),
        (b'{"body": "x", "text": "y"}', "another `text`"),
        (b'{"body": "\xff"}', "not UTF-8 (byte 11)"),
        (b'{"body": ' + b"[" * 100_000, "nested too deeply"),
        (b'{"body": "x", "n": ' + b"9" * 5000 + b"}", "a number that is too long"),
        (b'{"body": "x", "title": "' + b"t" * 20_001 + b'"}', "`title` is longer than 20,000 characters"),
        (b'{"body": "x", "id": "' + b"t" * 20_001 + b'"}', "`id` is longer"),
        (b'{"body": "' + b"a\\n" * 250_001 + b'"}', "more than 250,000 lines"),
    ],
    ids=lambda value: repr(value[:30]),
)
def test_a_bad_line_is_named_and_the_others_are_read(line: bytes, why: str) -> None:
    articles, errors = from_lines(RECORD, b"", line, {"id": "last", "body": "z"}, name="f.jsonl")
    assert [article.id for article in articles] == ["a1", "last"]
    (error,) = errors
    assert error.path == "f.jsonl#3"
    assert why in error.why
    assert "\n" not in str(error)


def test_a_line_that_is_too_long_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.reading.records.MAX_BYTES", 1000)
    articles, errors = from_lines(RECORD, {"body": "x" * 100_000}, {"id": "b", "body": "y"})
    assert [article.id for article in articles] == ["a1", "b"]
    assert [error.path for error in errors] == ["-#2"]


def test_lone_surrogates_become_replacement_characters() -> None:
    (article,), _ = from_lines(rb'{"id": "\ud83c\udf0a \udc00", "body": "a\ud800b \\ud800", "m": {"\udfff": 1}}')
    assert (article.id, article.text) == ("🌊 \ufffd", "a\ufffdb \\ud800")
    assert article.meta == {"m": '{"\ufffd": 1}'}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_records_may_be_in_any_unicode_encoding(encoding: str) -> None:
    data = "".join(json.dumps({"id": str(n), "body": "ça\u2028va"}, ensure_ascii=False) + "\r\n" for n in range(5000))
    articles = list(read_records(io.BytesIO(data.encode(encoding)), "-"))
    assert len(articles) == 5000
    assert {article.text for article in articles} == {"ça\u2028va"}


def test_records_are_known_by_their_first_line(here: Path) -> None:
    line = json.dumps(RECORD) + "\n"
    (here / "a.json").write_text(line * 2)
    (here / "b.txt").write_text(line)
    (here / "c.news").write_text('{"x": 1}\n')
    assert ids(".") == ["a1", "a1", "b.txt", "c.news"]


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_list_is_read_whole(mark: bytes, indent: int | None, here: Path) -> None:
    listed = [
        {"id": "a", "body": "Dam \ud800 held.", "author": ["Ann Roe", "Bo Lee"]},
        {"body": "Fog."},
        5,
        {"id": "c"},
    ]
    (here / "a.json").write_bytes(mark + json.dumps(listed, indent=indent).encode())
    errors: list[ReadError] = []
    articles = list(read(["a.json"], errors=errors.append))
    assert [(article.id, article.body, article.author) for article in articles] == [
        ("a", "Dam \ufffd held.", "Ann Roe, Bo Lee"),
        ("a.json#2", "Fog.", None),
    ]
    assert [str(error) for error in errors] == [
        "a.json#3: is no JSON object: write one object a line",
        "a.json#4: has no `body` and no `text`: give it one (it has 'id')",
    ]


def test_an_object_over_several_lines_is_one_article(here: Path) -> None:
    (here / "a.json").write_text(json.dumps({"id": "a", "body": "Fog."}, indent=1))
    (here / "b.json").write_text('[{"id": "b", "body": "Fog."')
    (here / "c.json").write_text("[" * 100_000)
    found, errors = with_errors("a.json", "b.json", "c.json")
    assert found == ["a"]
    assert [error.partition(":")[0] for error in errors] == ["b.json", "c.json"]


def test_lines_are_read_one_by_one_whatever_the_first_is() -> None:
    articles, errors = from_lines([1], RECORD, b"{", RECORD | {"id": "b"}, name="a.jsonl")
    assert [article.id for article in articles] == ["a1", "b"]
    assert [error.path for error in errors] == ["a.jsonl#1", "a.jsonl#3"]


def test_however_deeply_nested_a_line_is_an_article_or_an_error() -> None:
    for depth in range(200, 1200):
        nested = b"[" * depth + b"]" * depth
        articles, errors = from_lines(b'{"id": "a\\u0062", "body": "Fog.", "m": ' + nested + b"}")
        assert len(articles) + len(errors) == 1


def test_an_article_without_a_body_says_that_it_has_none() -> None:
    articles, errors = from_lines(
        {"id": "a", "title": "Fog", "body": ""}, {"id": "b", "title": "Fog", "content": "It was."}
    )
    assert [article.id for article in articles] == ["a"]
    assert [str(error) for error in errors] == [
        "-#2: has no `body` and no `text`: give it one (it has 'id', 'title', 'content')"
    ]


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.html", "<p>Fog.", "an HTML page"),
        ("b", "\n<!-- saved -->\n<!DOCTYPE html><title>Fog</title>", "an HTML page"),
        ("c.txt", "<HTML lang=en><p>Fog.", "an HTML page"),
        ("d.xml", "Fog.", "XML"),
        ("e", '<?xml version="1.0"?><rss><item>Fog.', "XML"),
        ("f", "WARC/1.0\r\nWARC-Type: response\r\n", "a web archive"),
        ("g.eml", "From: a@b.example\n\nFog.", "a mail"),
        ("h.csv", "id,body\n1,Fog.", "a table"),
        ("i", "{\\rtf1 Fog.}", "rich text"),
    ],
)
def test_text_that_is_no_article_is_refused_by_name(name: str, content: str, what: str, here: Path) -> None:
    for path, data in ((here / name, content.encode()), (here / f"{name}.gz", gzip.compress(content.encode()))):
        path.write_bytes(data)
        found, (error,) = with_errors(path.name)
        assert not found
        assert error.startswith(f"{path.name}: is {what}: ")
    (here / "html-in.txt").write_text("Fog <html> lifted.\n\nWARC/1.0 is a format.")
    assert ids("html-in.txt") == ["html-in.txt"]


def test_standard_input_may_be_compressed_and_is_read_as_it_is_asked_for() -> None:
    data = gzip.compress(b"".join(json.dumps({"body": str(n)}).encode() + b"\n" for n in range(100_000)))
    stream = io.BytesIO(data)
    articles = read_records(stream, "-")
    assert next(articles).id == "-#1"
    assert stream.tell() < len(data)


def test_a_stream_of_text_is_told_from_one_of_bytes() -> None:
    with pytest.raises(TypeError, match="opened with 'rb'"):
        read_records(io.StringIO('{"id": "a", "body": "Rain."}'), "-")  # type: ignore[arg-type]


@given(st.lists(st.binary(max_size=12)), st.integers(0, 20))
def test_lines_are_those_of_the_whole_cut_to_the_limit(parts: list[bytes], limit: int) -> None:
    whole = b"".join(parts)
    expected = [line[: limit + 1] for line in io.BytesIO(whole)]
    assert list(lines(parts, limit)) == expected


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: json.dumps({"body": text}).encode()))
def test_any_bytes_are_articles_or_errors(data: bytes) -> None:
    errors: list[ReadError] = []
    for article in read_records(io.BytesIO(data), "-", errors=errors.append):
        article.text.encode()
    assert all(str(error).startswith("-") for error in errors)


@given(st.text(max_size=100))
def test_every_text_survives_a_record(text: str) -> None:
    assert one(body=text).text == text


# --- samples ----------------------------------------------------------------------------------------------------------


def test_the_samples_show_every_trap() -> None:
    articles = {article.id.rpartition("/")[2]: article for article in read([SEEDS])}
    assert len(articles) >= 16
    kinds = {zone.kind for article in articles.values() for zone in article.zones or ()}
    assert kinds == {
        "title", "deck", "date", "dateline", "body", "subheading", "caption", "reference", "source", "author",
    }  # fmt: skip
    texts = " ".join(article.text for article in articles.values())
    for forms in (
        ("Kest-i-Mar", "Kest-e-Mar"),
        ("Karimov", "Kerimov"),
        ("flood-gates", "floodgates", "flood gates"),
        ("“", '"'),
    ):
        assert all(form in texts for form in forms)
    assert any(article.date for article in articles.values())
    assert any(article.title is None and article.date is None for article in articles.values())
    whole, part = articles["001-harrow-dam-envoy.txt"].text, articles["002-harrow-dam-short.txt"].text
    assert all(paragraph in whole.replace("\xa0", " ") for paragraph in part[17:].split("\n\n") if len(paragraph) > 90)


def test_reading_imports_no_detector_until_it_is_needed() -> None:
    import subprocess

    code = "import sys, search.reading; print('charset_normalizer' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
