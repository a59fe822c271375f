"""Sketches of a segment's articles, by which copies of them are found: who holds which fingerprints. See `stories`.

    text       61 digits of the digest of its words; 0 if they are too few to be compared
    outlet     CRC-32 of its source; 0 if that is unknown
    sketched   how many fingerprints it has
    least      the least of them; 0 if it has none
    by_text    article numbers, by text
    prints     fingerprints, ascending; of many the lower half of each alone,
    print_ends where those of each upper half end; empty if the fingerprints are whole
    holders, holders_ends   who has the fingerprint, as `Planes`: twice the article's number, 1 more if in a quotation;
               ascending for each

The first five are narrow columns with a number for each article.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from search import runs
from search.engine.planes import Planes
from search.engine.sections import Sections, SectionWriter

QUOTED = 1  # in a holder
FEW = 64  # numbers that are looked up one by one, so that only the blocks they are in are verified,
SMALL = 1 << 15  # among more than so many
FAR = 512  # times more fingerprints than are looked for: then each is looked up by itself, too
HALF = 1 << 16  # values of half a fingerprint
AT_ONCE = 1 << 20  # entries numbered anew in one go
MANY = 1 << 18  # fingerprints that take less room in halves

Ints = NDArray[np.int64]
Entries = NDArray[np.uint64]

_DIGITS = np.uint64(32)
_HOLDER = np.uint64((1 << 32) - 1)


def packed(prints: NDArray[Any], holders: NDArray[Any]) -> Entries:
    """Return fingerprints with their holders, each pair as one number."""
    return prints.astype(np.uint64) << _DIGITS | holders.astype(np.uint64)


def prints_of(entries: Entries) -> NDArray[np.uint32]:
    """Return the fingerprint of each entry."""
    return (entries >> _DIGITS).astype(np.uint32)


def holders_of(entries: Entries) -> NDArray[np.uint32]:
    """Return the holder of each entry."""
    return (entries & _HOLDER).astype(np.uint32)


def renumbered(parts: Iterable[tuple[Entries, Ints]]) -> Entries:
    """Return the entries of several segments, ascending, with other numbers of their articles.

    Args:
        parts: With each article's new number; it is left out if that is negative.
    """
    entries = [np.zeros(0, np.uint64)]
    for some, rank in parts:
        holder = holders_of(some)
        new = rank[holder >> 1]
        kept = new >= 0
        entries.append(packed(some[kept] >> _DIGITS, new[kept] << 1 | holder[kept] & QUOTED))
    every = np.concatenate(entries)
    every.sort()
    return every


class Sketched(NamedTuple):
    """Sketches in memory, on their way to disk.

    Args:
        texts, outlets, sizes, leasts: int64 (articles,): `text`, `outlet`, `sketched` and `least`.
        portions: All entries, uint64, ascending, some at a time; see `packed`. They may be there once only.
    """

    texts: Ints
    outlets: Ints
    sizes: Ints
    leasts: Ints
    portions: Iterable[Entries]

    @classmethod
    def merged(cls, parts: Iterable[tuple[Sequence[Any], Ints]], n: int, portions: Iterable[Entries]) -> Self:
        """Return `n` articles of several segments.

        Args:
            parts: The columns of each, with each article's new number; it is left out if that is negative.
            n: How many there are.
            portions: Their entries.
        """
        columns = [np.zeros(n, np.int64) for _ in range(4)]
        for part, rank in parts:
            alive = rank >= 0
            for column, own in zip(columns, part, strict=True):
                column[rank[alive]] = own[alive]
        return cls(columns[0], columns[1], columns[2], columns[3], portions)


class Prints:
    """The fingerprints of a segment on disk, ascending.

    Args:
        file: The segment.
    """

    def __init__(self, file: Sections) -> None:
        self._numbers, self._ends = file["prints"], file["print_ends"]
        n, ends = len(self._numbers), len(self._ends)
        file.expect(
            "print_ends", f"{n} fingerprints", not ends or (ends == HALF and self._ends[HALF - 1] == n), "others"
        )

    @staticmethod
    def write(writer: SectionWriter, prints: NDArray[np.uint32]) -> None:
        """Write the sections."""
        if len(prints) < MANY:
            ends, numbers = np.zeros(0, np.uint32), prints
        else:
            ends = np.searchsorted(prints, np.arange(1, HALF, dtype=np.uint32) << np.uint32(16)).astype(np.uint32)
            ends, numbers = np.append(ends, np.uint32(len(prints))), prints.astype(np.uint16)
        writer.add("prints", numbers)
        writer.add("print_ends", ends)

    def __len__(self) -> int:
        return len(self._numbers)

    def all(self) -> NDArray[np.uint32]:
        """Return all of them."""
        return self.between(0, HALF * HALF - 1)[1]

    def between(self, least: int, most: int) -> tuple[int, NDArray[np.uint32]]:
        """Return where those from `least` up to `most` begin, and themselves."""
        first, last = self.find(least)[0], self.find(most)[1]
        numbers = self._numbers.span(first, last).astype(np.uint32, copy=False)
        if len(self._ends):
            upper, beyond = least >> 16, (most >> 16) + 1
            ends = np.clip(self._ends.span(upper, beyond).astype(np.int64), first, last)
            numbers |= np.arange(upper, beyond, dtype=np.uint32).repeat(np.diff(ends, prepend=first)) << np.uint32(16)
        return first, numbers

    def find(self, number: int) -> tuple[int, int]:
        """Return where those equal to a number begin and end."""
        first, last = 0, len(self._numbers)
        if len(self._ends):
            first, last = self._ends.bounds(number >> 16)
            number &= HALF - 1
        first = bisect_left(self._numbers, number, first, last)
        return first, bisect_right(self._numbers, number, first, last)


class Holders(NamedTuple):
    """Who holds some fingerprints: for each entry which of the fingerprints, the article, and whether it is quoted."""

    which: Ints
    docs: Ints
    quoted: NDArray[np.bool_]


class Sketches:
    """The sketches of a segment on disk.

    Args:
        file: The segment.
        n_docs: Its articles.
        base: What the numbers in its columns count from.
    """

    def __init__(self, file: Sections, n_docs: int, base: Mapping[str, int]) -> None:
        self._n_docs = n_docs
        self._base = base
        self._columns = {name: file[name] for name in ("text", "outlet", "sketched", "least", "by_text")}
        self._text, self._by_text = self._columns["text"], self._columns["by_text"]
        self._prints = Prints(file)
        self._holders = Planes(file, "holders", len(self._prints))

    def column(self, name: str, docs: Ints | None = None) -> Ints:
        """Return a number for each of some articles, or for all. int64 (articles,)."""
        return self._columns[name].wide(self._base[name], self._n_docs, docs, np.int64)

    def columns(self) -> list[Ints]:
        """Return the columns of `Sketched`."""
        return [self.column(name) for name in ("text", "outlet", "sketched", "least")]

    def entries(self, least: int = 0, most: int = HALF * HALF - 1) -> Entries:
        """Return the entries of the fingerprints from `least` up to `most`."""
        first, prints = self._prints.between(least, most)
        return packed(prints, self._holders.span(first, first + len(prints), np.uint32))

    def cuts(self, n: int) -> list[int]:
        """Return fingerprints, ascending, with about `n` entries between each and the next."""
        found: list[int] = runs.distinct(self._prints.all()[n::n]).tolist()
        return found

    def texts(self, docs: NDArray[Any]) -> Ints:
        """Return the texts of some articles; int64 (docs,)."""
        return self.column("text", docs.astype(np.int64, copy=False))

    def text(self, doc: int) -> int:
        """Return the text of an article; 0 if it has too few words."""
        return self._base["text"] + (self._text[doc] if len(self._text) else 0)

    def docs(self, text: int) -> list[int]:
        """Return the articles of a text, ascending."""
        if not len(self._text) or not len(self._by_text):  # all are the same, or there is but one
            return [doc for doc in range(self._n_docs) if self.text(doc) == text]
        texts, order, base = self._text.numbers(), self._by_text.numbers(), self._base["by_text"]
        text -= self._base["text"]
        found = []
        for at in range(bisect_left(order, text, key=lambda nth: texts[base + nth]), len(order)):
            doc = base + order[at]
            if texts[doc] != text:
                break
            found.append(doc)
        return found

    @cached_property
    def _ordered(self) -> tuple[Ints, Ints]:
        """The texts of all articles, ascending, and the article of each."""
        by_text = self.column("by_text")
        return self.column("text")[by_text], by_text

    def find(self, texts: Ints) -> tuple[Ints, Ints]:
        """Return the articles of texts: which of the texts each one has, ascending, and its number."""
        if len(texts) <= FEW and self._n_docs > SMALL:
            found = [(which, doc) for which, text in enumerate(texts.tolist()) for doc in self.docs(text)]
            which, docs = np.array(found, np.int64).reshape(-1, 2).T
            return which, docs
        ordered, by_text = self._ordered
        which, at = _where(texts, ordered)
        return which, by_text[at]

    def holders(self, prints: NDArray[np.uint32], most: int | None = None) -> Holders:
        """Return who holds fingerprints, by fingerprint.

        Args:
            prints: Ascending.
            most: Of more holders of one, so many are enough.
        """
        if len(prints) * FAR <= len(self._prints):
            starts, stops = np.array([self._prints.find(each) for each in prints.tolist()], np.int64).reshape(-1, 2).T
            sizes = stops - starts if most is None else np.minimum(stops - starts, most)
            which, at = np.repeat(np.arange(len(prints)), sizes), runs.numbers(starts, sizes)
        else:
            begin, every = self._prints.between(int(prints[0]), int(prints[-1]))
            which, at = _all_of(prints, every)
            if most is not None:
                kept = runs.ranks(which) < most
                which, at = which[kept], at[kept]
            at += begin
        holders = self._holders.at(at)
        return Holders(which, holders >> 1, holders & QUOTED != 0)

    def prints_of(self, docs: Ints) -> NDArray[np.uint32]:
        """Return the fingerprints of articles, ascending, each once; by reading all there are."""
        chosen = np.zeros(self._n_docs, np.bool_)
        chosen[docs] = True
        found: NDArray[np.uint32] = self._prints.all()[chosen[self._every_holder >> 1]]
        return found[runs.begins(found)]

    @property
    def _every_holder(self) -> NDArray[np.uint32]:
        return self._holders.all(np.uint32)

    def __len__(self) -> int:
        return len(self._prints)


def together(parts: Sequence[tuple[Sketches, Ints]]) -> Iterator[Entries]:
    """Yield the entries of several segments, some at a time; as `renumbered` returns them."""
    largest = max((sketches for sketches, _ in parts), key=len)
    least = 0
    for most in [*largest.cuts(AT_ONCE // len(parts)), HALF * HALF - 1]:
        yield renumbered((sketches.entries(least, most), rank) for sketches, rank in parts)
        least = most + 1


def _all_of(prints: NDArray[np.uint32], every: NDArray[np.uint32]) -> tuple[Ints, Ints]:
    """Return what `_where` does of fingerprints that ascend, each once."""
    if len(every) >= len(prints):
        return _where(prints, every)
    which = np.searchsorted(prints, every)  # most of what is looked for stands in other segments
    at = runs.are_at(which, prints, every).nonzero()[0]
    return which[at], at


def _where(values: NDArray[Any], every: NDArray[Any]) -> tuple[Ints, Ints]:
    """Return which of some values stand among many that ascend, each as often as it does, and where."""
    first = np.searchsorted(every, values)
    held = runs.are_at(first, every, values).nonzero()[0]
    first = first[held]
    sizes = np.searchsorted(every, values[held], side="right") - first
    return np.repeat(held, sizes), runs.numbers(first, sizes)
