"""What of articles is compared: the words of their bodies, in order, each as a key; see `spelling`."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from search.model import Article, Span, Zone
from search.stories.spelling import FIGURE, form_hash, key
from search.text.analysis import Analyzer
from search.text.stream import Field, piece_tokens, pieces

Keys = NDArray[np.uint64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Hashes = NDArray[np.uint16]

COMPARED = frozenset({Field.DECK, Field.BODY})
RUN = 5  # words; fewer in a row that two articles share are an accident

_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, so that multiplying loses nothing
# A quotation ends with its paragraph at the latest: a mark that is missing must not turn the rest of the article.
_QUOTED = re.compile(
    r"""  "(?P<straight>(?=[^"\u201c\u201d]{2})[^"\u201c\u201d\n]*+(?:\n(?!\s*\n)[^"\u201c\u201d\n]*+)*)
          (?:"|\n\s*\n|\Z)
        | [\u201c\u201e](?P<curly>(?=[^\u201c\u201d]{2})[^\u201c\u201d\n]*+(?:\n(?!\s*\n)[^\u201c\u201d\n]*+)*)
          (?:[\u201d\u201c]|\n\s*\n|\Z)
        | \u2018(?<!\w\u2018)(?P<single>[^\u2018]{2,}?)(?:\u2019(?!\w)|\n\s*\n|\Z)
        | \u00ab(?P<angle>(?=[^\u00ab\u00bb]{2})[^\u00ab\u00bb\n]*+(?:\n(?!\s*\n)[^\u00ab\u00bb\n]*+)*)
          (?:\u00bb|\n\s*\n|\Z)""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Body:
    """The words of one article that are compared.

    Args:
        keys: uint64, shape (words,).
        quoted: bool, shape (words,); whether the word stands between quotation marks.
        forms: uint16, shape (words,); a hash of how it is spelled, the joined form that it begins with it.
    """

    keys: Keys
    quoted: Bools
    forms: Hashes

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def digest(self) -> bytes:
        """16 bytes that are the same for the same words, and for no others; none for less than a run of words."""
        if len(self) < RUN:
            return b""
        return blake2b(self.keys.tobytes() + np.packbits(self.quoted).tobytes(), digest_size=16).digest()

    @cached_property
    def figures(self) -> int:
        """Which words are figures; see `as_number`."""
        return as_number(self.keys & FIGURE != 0)

    @cached_property
    def quotations(self) -> int:
        """Which words are quoted; see `as_number`."""
        return as_number(self.quoted)

    @cached_property
    def runs(self) -> Keys:
        """The hash of each run of `RUN` words, in order."""
        return run_hashes(self.keys, RUN)

    @cached_property
    def run_forms(self) -> Hashes:
        """A hash of how each run is spelled, in order."""
        return run_sums(self.forms, RUN)

    @cached_property
    def order(self) -> Ints:
        """The runs in ascending order of their hashes."""
        return self.runs.argsort()

    @cached_property
    def sorted_runs(self) -> Keys:
        """The hashes in this order."""
        return self.runs[self.order]


@dataclass(frozen=True)
class PlacedBody(Body):
    """The same, and where the words stand.

    Args:
        starts, ends: int64, shape (words,); characters in the article's text.
    """

    starts: Ints
    ends: Ints


@dataclass(frozen=True, slots=True)
class Bodies:
    """The words of several articles, those of one after those of the other.

    Args:
        keys: uint64, shape (words,).
        quoted: bool, shape (words,).
        forms: uint16, shape (words,).
        ends: int64, shape (articles,), ascending; where in `keys` the words of an article end.
    """

    keys: Keys
    quoted: Bools
    forms: Hashes
    ends: Ints

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def starts(self) -> Ints:
        """Where in `keys` the words of an article begin."""
        return np.concatenate([[0], self.ends])[:-1]

    def body(self, number: int) -> Body:
        """Return the words of one article."""
        alone = self.part(number, number + 1)
        return Body(alone.keys, alone.quoted, alone.forms)

    def each(self) -> list[Body]:
        """Return the words of each article, to be compared: what is hashed of them is made in one go."""
        runs, run_forms = run_hashes(self.keys, RUN), run_sums(self.forms, RUN)
        found = []
        for begin, end in pairwise([0, *self.ends.tolist()]):
            body = Body(self.keys[begin:end], self.quoted[begin:end], self.forms[begin:end])
            last = max(begin, end - RUN + 1)
            vars(body).update(runs=runs[begin:last], run_forms=run_forms[begin:last])
            found.append(body)
        return found

    def part(self, first: int, upto: int) -> "Bodies":
        """Return some of the articles, by number."""
        begin, end = (int(self.ends[number - 1]) if number else 0 for number in (first, upto))
        words = slice(begin, end)
        return Bodies(self.keys[words], self.quoted[words], self.forms[words], self.ends[first:upto] - begin)

    def kept(self, which: Bools) -> "Bodies":
        """Return the same articles with some of their words alone; `which` is bool, shape (words,)."""
        upto = np.concatenate([[0], np.cumsum(which)])
        return Bodies(self.keys[which], self.quoted[which], self.forms[which], upto[self.ends])


_NO_WORDS = np.zeros(0, np.uint64), np.zeros(0, np.bool_), np.zeros(0, np.uint16)


def as_number(which: Bools) -> int:
    """Return which words are marked as a number, in whose binary form each has the lowest bit of a byte.

    Counting and shifting it takes less than each call of an array, for as few words as an article has.
    """
    return int.from_bytes(which.tobytes(), "little")


def join(bodies: Sequence[Body]) -> Bodies:
    """Return the words of several articles as one."""
    ends = np.cumsum([len(body) for body in bodies], dtype=np.int64)
    columns = zip(_NO_WORDS, *((body.keys, body.quoted, body.forms) for body in bodies), strict=True)
    keys, quoted, forms = map(np.concatenate, columns)
    return Bodies(keys, quoted, forms, ends)


def run_hashes(keys: Keys, length: int) -> Keys:
    """Return the hash of each run of `length` words: uint64, shape (max(0, words - length + 1),)."""
    n_runs = max(0, len(keys) - length + 1)
    found = np.zeros(n_runs, np.uint64)
    for at in range(length):
        found *= _FACTOR
        found += keys[at : at + n_runs]
    found ^= found >> np.uint64(29)
    found *= _FACTOR
    found ^= found >> np.uint64(32)
    return found


def run_sums(hashes: Hashes, length: int) -> Hashes:
    """Return the sums of the hashes in each run of `length`: uint16, shape (max(0, hashes - length + 1),)."""
    upto = np.zeros(len(hashes) + 1, np.uint16)
    np.cumsum(hashes, dtype=np.uint16, out=upto[1:])
    return upto[length:] - upto[:-length]


def read_body(text: str, zones: tuple[Zone, ...], analyzer: Analyzer) -> PlacedBody:
    """Return the words of a text that are compared: those of `COMPARED` fields, joined forms left out.

    Args:
        text: Of an article.
        zones: Of the text, in order.
        analyzer: The chain of the index.
    """
    keys: list[int] = []
    starts: list[int] = []
    ends: list[int] = []
    quoted: list[bool] = []
    forms: list[int] = []
    for piece in pieces(Article(id="", body=text), zones):
        if piece.field not in COMPARED:
            continue
        words = []
        for token in piece_tokens(piece, analyzer):
            if token.step:
                words.append(token)
                forms.append(form_hash(token.form))
            elif words:
                forms[-1] += form_hash(token.form)
        keys += [key(token.form) for token in words]
        starts += [piece.start + token.start for token in words]
        ends += [piece.start + token.end for token in words]
        quoted += in_quotations([token.start for token in words], quotations(piece.text))
    return PlacedBody(
        np.array(keys, np.uint64),
        np.array(quoted, np.bool_),
        np.array(forms, np.int64).astype(np.uint16),
        np.array(starts, np.int64),
        np.array(ends, np.int64),
    )


def in_quotations(starts: Sequence[int], spans: Sequence[Span]) -> list[bool]:
    """Return whether words that start at `starts` stand in one of `spans`, both ascending."""
    edges = [edge for span in spans for edge in span]
    return [bisect_right(edges, start) % 2 == 1 for start in starts]


def quotations(text: str) -> list[Span]:
    """Return what stands between quotation marks, in order, without the marks; none reaches over a paragraph's end."""
    if not any(mark in text for mark in '"\u201c\u201e\u2018\u00ab'):
        return []
    return [match.span(match.lastgroup) for match in _QUOTED.finditer(text) if match.lastgroup]
