"""Has Whoosh's own tests run on our index: a pytest plugin (`-p whoosh_adapter`) that puts it where they build theirs.

A Whoosh document becomes an article, each of its fields a field that the article names itself (`meta`). The tokens that
Whoosh's field makes of a value are the words of that field, in order. As long as our chain leaves all words of a field
as they are, they stand there as they are; from the first that it would change (capitals, blanks, the bytes of numbers)
the words of that field are spelt out, a letter for each half of a byte, which keeps their order. The index is in a
language whose stemmer leaves Latin letters alone. What is stored is text in the article's body; objects that are no
text the adapter keeps. The reader is ours, but for names, spelling out and stored values.

Environment: `WHOOSH_RESULTS` names the file that gets a line of JSON for each test: its name, how it went, and how many
of our readers it asked something; `WHOOSH_LEFT_OUT` one with the names of tests not to be run.
"""

import copy
import itertools
import json
import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from whoosh import fields as whoosh_fields
from whoosh import formats, index, writing
from whoosh.filedb import filestore
from whoosh.reading import ReaderClosed

import search
from search.bridge.reader import Reader
from search.engine.fieldwise import Fieldwise, Listing, Named
from search.text.analysis import analyzer
from search.text.edits import within

LANGUAGE = "hindi"
LEFT_OUT = b"qq"  # stands where Whoosh leaves a position out; no word of theirs is spelt so
CHAIN = analyzer(LANGUAGE)
ASKED = [0]
FOLDER = Path(tempfile.mkdtemp(prefix="whoosh-adapter-"))


class NotOursError(Exception):
    """The test needs what an index of ours does not have."""


def spelt(text: bytes) -> str:
    """Return bytes as letters from `a` to `p`, in the order of the bytes."""
    return "".join(chr(97 + half) for byte in text for half in (byte >> 4, byte & 15))


def read(word: str) -> bytes:
    """Return the bytes that `spelt` has spelt out."""
    halves = [ord(letter) - 97 for letter in word]
    return bytes(high << 4 | low for high, low in zip(halves[::2], halves[1::2], strict=True))


def is_plain(word: bytes) -> bool:
    """Return whether our chain leaves a word as it is."""
    if not word.isascii() or not word.isalnum():
        return False
    tokens = CHAIN.words(word.decode())
    return word != LEFT_OUT and len(tokens) == 1 and tokens[0].term == tokens[0].form == word.decode()


def copied(schema: Any) -> Any:
    """Return a copy of a schema; Whoosh's own forgets patterns of names, and stumbles over fields for spelling."""
    other = copy.copy(schema)
    other._fields, other._dyn_fields = dict(schema._fields), dict(schema._dyn_fields)
    return other


class Decoded(Named):
    """A field of a Whoosh document in our index."""

    def __init__(self, fields: Fieldwise, name: str, *, plain: bool) -> None:
        super().__init__(fields, f"{name}:", exact=False)
        self.plain = plain

    @cached_property
    def lengths(self) -> Any:
        gaps = Named(self._fields, self.prefix, exact=False).find(LEFT_OUT)
        found = super().lengths.copy()
        if gaps:
            found[gaps.docs] -= gaps.weights.astype(found.dtype)
        return found

    def find(self, term: bytes) -> Listing | None:
        return super().find(term if self.plain else spelt(term).encode())

    def terms(self, first: bytes = b"") -> Iterator[bytes]:
        words = super().terms(first if self.plain else spelt(first).encode())
        own = (word for word in words if word != LEFT_OUT)
        return own if self.plain else (read(word.decode()) for word in own)

    def near(self, term: str, distance: int, prefix: str) -> Iterator[str]:
        if self.plain:
            return super().near(term, distance, prefix)
        words = (word.decode() for word in self.terms(prefix.encode()))
        return (word for word in words if word.startswith(prefix) and within(word, term, distance))


class OurReader(Reader):
    """Our reader with the names and stored values of a Whoosh index."""

    def __init__(self, opened: search.Index, whole: "OurIndex") -> None:
        commit, snapshot = opened._view.opened()
        super().__init__(snapshot, CHAIN, commit.generation)
        self.opened = opened
        self.whole = whole
        self.schema = copied(whole.schema)
        self.spelt = set(whole.spelt)

    def _made(self, fieldname: str) -> Any:
        return Decoded(self._fields, spelt(fieldname.encode()), plain=fieldname not in self.spelt)

    def _listing(self, fieldname: str, text: Any) -> Listing | None:
        ASKED[0] += 1
        return super()._listing(fieldname, text)

    def lexicon(self, fieldname: str) -> Iterator[bytes]:
        ASKED[0] += 1
        return super().lexicon(fieldname)

    def indexed_field_names(self) -> list[str]:
        names = [read(name).decode() for name in self._fields.names if name != "path"]
        return sorted(name for name in names if name in self.schema)

    def article_id(self, docnum: int) -> str:
        return self._snapshot.id(docnum)

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        ASKED[0] += 1
        if self.is_closed:
            raise ReaderClosed
        article = self.opened.get(self.article_id(docnum))
        found = {**json.loads(article.body), **self.whole.objects[article.id]}
        return {name: value for name, value in found.items() if name in self.schema}

    def _tokens(self, docnum: int, field: Any) -> Iterator[tuple[str, int]]:
        for term, position in super()._tokens(docnum, field):
            if term == LEFT_OUT.decode():
                continue
            yield (term if field.plain else read(term).decode()), position

    def _column_value(self, docnum: int, fieldname: str) -> Any:
        ASKED[0] += 1
        return self.whole.columns[self.article_id(docnum)].get(fieldname)

    def close(self) -> None:
        if not self.is_closed:
            self.opened.close()
        super().close()


class OurIndex(index.Index):
    """One of our indexes as a Whoosh index."""

    numbers = itertools.count()

    def __init__(self, schema: Any) -> None:
        self.schema = schema
        self.folder = FOLDER / str(next(self.numbers))
        self.written = 0
        self.objects: dict[str, dict[str, Any]] = {}
        self.columns: dict[str, dict[str, Any]] = {}
        self.words: dict[str, dict[str, list[bytes]]] = {}
        self.spelt: set[str] = set()
        search.open(self.folder).add([], language=LANGUAGE, settings={"k1": 1.5})

    def writer(self, **_: Any) -> "OurWriter":
        return OurWriter(self)

    def reader(self, reuse: Any = None) -> OurReader:
        return OurReader(search.open(self.folder), self)

    def latest_generation(self) -> int:
        return self.reader().generation()

    def _current_schema(self) -> Any:
        return self.schema

    def is_empty(self) -> bool:
        return not self.reader().doc_count_all()

    def optimize(self) -> None:
        search.open(self.folder).compact()

    def article(self, article_id: str) -> search.Article:
        meta = {}
        for name, words in self.words[article_id].items():
            plain = name not in self.spelt
            letters = (word.decode() if plain or word == LEFT_OUT else spelt(word) for word in words)
            meta[spelt(name.encode())] = " ".join(letters)
        stored = self.objects[article_id]
        texts = {name: value for name, value in stored.items() if type(value) is str}
        return search.Article(id=article_id, body=json.dumps(texts), meta=meta)


class OurWriter(writing.IndexWriter):
    """A transaction of ours as a Whoosh writer."""

    def __init__(self, whole: OurIndex) -> None:
        self.whole = whole
        self.schema = copied(whole.schema)
        self.is_closed = False
        self.added: list[str] = []
        self.deleted: set[str] = set()
        self.base = whole.reader()
        self.optimize = False
        self.mergetype = None

    def _check(self) -> None:
        if self.is_closed:
            raise writing.IndexingError("This writer is closed")

    def reader(self, reuse: Any = None) -> OurReader:
        self._check()
        return self.whole.reader()

    def add_field(self, fieldname: str, fieldtype: Any, **kwargs: Any) -> None:
        self._check()
        super().add_field(fieldname, fieldtype, **kwargs)

    def remove_field(self, fieldname: str, **kwargs: Any) -> None:
        self._check()
        super().remove_field(fieldname, **kwargs)

    def add_reader(self, reader: Any) -> None:
        self._check()
        raise NotOursError("articles without their texts")

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        self._check()
        if docnum >= self.base.doc_count_all():
            raise writing.IndexingError(f"No document ID {docnum!r}")
        self.deleted.add(self.base.article_id(docnum))

    def is_deleted(self, docnum: int) -> bool:
        return self.base.article_id(docnum) in self.deleted or self.base.is_deleted(docnum)

    def doc_count(self) -> int:
        return len(self.added)

    def add_document(self, **values: Any) -> None:
        self._check()
        whole = self.whole
        names = sorted(name for name in values if not name.startswith("_"))
        for name in names:
            if name not in self.schema:
                raise whoosh_fields.UnknownFieldError(f"No field named {name!r} in {self.schema}")
        if any(name.endswith("boost") for name in values):
            raise NotOursError("weights of documents")
        words: dict[str, list[bytes]] = {}
        stored: dict[str, Any] = {}
        columns: dict[str, Any] = {}
        for name in names:
            value = values[name]
            if value is None:
                continue
            field = self.schema[name]
            if field.indexed:
                words[name] = in_order(field, value)
            if field.separate_spelling():
                words[field.spelling_fieldname(name)] = [word.encode() for word in field.spellable_words(value)]
            kept = values.get(f"_stored_{name}", value)
            if field.stored and kept is not None:
                stored[name] = kept
            if field.column_type and kept is not None:
                columns[name] = field.to_column_value(kept)
        article_id = f"{whole.written:09}"
        whole.written += 1
        whole.words[article_id] = {name: own for name, own in words.items() if own}
        whole.objects[article_id] = stored
        whole.columns[article_id] = columns
        self.added.append(article_id)

    def commit(self, mergetype: Any = None, optimize: Any = None, merge: bool = True) -> None:
        self._check()
        self.is_closed = True
        whole = self.whole
        if (mergetype or self.mergetype) is writing.CLEAR:
            self.deleted |= set(whole.words) - set(self.added)
        self.base.close()
        new = {
            name
            for article_id in self.added
            for name, words in whole.words[article_id].items()
            if name not in whole.spelt and not all(word == LEFT_OUT or is_plain(word) for word in words)
        }
        whole.spelt |= new
        opened = search.open(whole.folder)
        again = [article.id for article in opened if new & set(whole.words[article.id])]
        changed = [*again, *self.added]
        with opened.writer() as writer:
            for article_id in changed:
                if article_id not in self.deleted:
                    writer.add(whole.article(article_id))
            for article_id in self.deleted:
                if article_id in opened:
                    writer.delete(article_id)
            writer.compact = bool(self.optimize or optimize)
        opened.close()
        whole.schema = self.schema

    def cancel(self) -> None:
        self.is_closed = True
        self.base.close()


def in_order(field: Any, value: Any) -> list[bytes]:
    """Return the tokens that a Whoosh field makes of a value, each at its position."""
    at: dict[int, bytes] = {}
    listed: list[bytes] = []
    for text, freq, weight, encoded in field.index(value):
        if weight != freq:
            raise NotOursError("weights of tokens")
        if isinstance(field.format, formats.Positions):
            for position in field.format.decode_positions(encoded):
                if position in at:
                    raise NotOursError("two tokens at one position")
                at[position] = text
        else:
            listed += [text] * freq
    return [at.get(position, LEFT_OUT) for position in range(max(at, default=-1) + 1)] + sorted(listed)


INDEXES: "weakref.WeakKeyDictionary[Any, dict[str, OurIndex]]" = weakref.WeakKeyDictionary()


def _create(storage: Any, schema: Any, indexname: str = "MAIN", indexclass: Any = None) -> OurIndex:
    if isinstance(schema, type):
        schema = schema()
    schema = whoosh_fields.ensure_schema(schema)
    made = INDEXES.setdefault(storage, {})[indexname] = OurIndex(schema)
    return made


def _open(storage: Any, indexname: str = "MAIN", schema: Any = None, indexclass: Any = None) -> OurIndex:
    try:
        return INDEXES[storage][indexname]
    except KeyError:
        raise index.EmptyIndexError(f"Index {indexname!r} does not exist in {storage!r}") from None


filestore.Storage.create_index = _create
filestore.Storage.open_index = _open


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = set(Path(os.environ["WHOOSH_LEFT_OUT"]).read_text(encoding="utf-8").split())
    gone = [item for item in items if _name(item) in left_out]
    config.hook.pytest_deselected(items=gone)
    for item in gone:
        _tell(_name(item), "left out")
    items[:] = [item for item in items if item not in gone]


def _tell(name: str, outcome: str, asked: int = 0, error: str = "") -> None:
    line = {"name": name, "outcome": outcome, "asked": asked, "error": error}
    with Path(os.environ["WHOOSH_RESULTS"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def _name(item: pytest.Item) -> str:
    return f"{Path(item.location[0]).name}::{item.name}"


def pytest_runtest_setup(item: pytest.Item) -> None:
    ASKED[0] = 0


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]  # pytest gives it to the generator untyped
    if call.when == "call" or report.outcome != "passed":
        error = f"{call.excinfo.typename}: {call.excinfo.value}"[:200] if call.excinfo else ""
        _tell(_name(item), report.outcome, ASKED[0], error)


def pytest_unconfigure() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
