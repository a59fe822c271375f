"""Where a leaf of a query stands: articles of the whole index, and how often in which field."""

from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.engine import counts
from search.engine.docsets import NO_DOCS, Docs, Scratch, union
from search.text.stream import Field

Found = tuple[NDArray[np.int64], NDArray[np.bool_]]

NO_OTHERS = np.zeros(0, np.int64), np.zeros((0, counts.N_FIELDS), np.uint32)
FEW = 16  # times shorter a list must be for looking its articles up one by one to pay


class Postings:
    """The articles in which something stands, and how often.

    Args:
        docs: int64 (n,), ascending.
        codes: uint8 (n,), frequencies as codes of `counts`.
        other_at, other: Which have the code `OTHER`, ascending, and their frequencies, uint32 (len(other_at), fields).
    """

    __slots__ = ("codes", "docs", "other", "other_at")

    def __init__(self, docs: Docs, codes: NDArray[np.uint8], other_at: NDArray[Any], other: NDArray[np.uint32]) -> None:
        self.docs = docs
        self.codes = codes
        self.other_at = other_at
        self.other = other

    def __len__(self) -> int:
        return len(self.docs)

    @classmethod
    def of(cls, docs: Docs, frequencies: counts.Counts) -> "Postings":
        """Return the postings of frequencies, uint32 (n, fields)."""
        codes = counts.encode(frequencies)
        other_at = np.flatnonzero(codes == counts.OTHER)
        return cls(docs, codes, other_at, frequencies[other_at])

    @classmethod
    def joined(cls, parts: "list[Postings]") -> "Postings":
        """Return the postings of several lists, each with articles above those of the one before, as one."""
        parts = [part for part in parts if len(part.docs)]
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return NOWHERE
        docs, codes = np.concatenate([part.docs for part in parts]), np.concatenate([part.codes for part in parts])
        if not any(len(part.other_at) for part in parts):
            return cls(docs, codes, *NO_OTHERS)
        bases = accumulate(map(len, parts[:-1]), initial=0)
        other_at = np.concatenate([part.other_at + base for part, base in zip(parts, bases, strict=True)])
        return cls(docs, codes, other_at, np.concatenate([part.other for part in parts]))

    @classmethod
    def in_body(
        cls, docs: Docs, n: NDArray[np.int64], odd: NDArray[np.int64], frequencies: counts.Counts
    ) -> "Postings":
        """Return the postings of what stands in the body, in most articles nowhere else.

        Args:
            docs: int64 (n,), ascending.
            n: int64 (docs,), how often it stands in the body.
            odd: int64, ascending; of which articles that does not say all, or has no code.
            frequencies: uint32 (odd, fields), in these.
        """
        codes = np.minimum(n - 1, counts.OTHER).astype(np.uint8)
        if not len(odd):
            return cls(docs, codes, *NO_OTHERS)
        found = cls.of(docs[odd], frequencies)
        codes[odd] = found.codes
        return cls(docs, codes, odd[found.other_at], found.other)

    @classmethod
    def summed(cls, lists: "list[Postings]", scratch: Scratch) -> "Postings":
        """Return the articles that are in some of several lists, with what stands in them of all lists together.

        Args:
            lists: Of the same part of the index.
            scratch: Room for the articles of the index.
        """
        lists = [each for each in lists if len(each)]
        if len(lists) < 2:
            return lists[0] if lists else NOWHERE
        docs = union([each.docs for each in lists], scratch)
        scratch.numbers[docs] = np.arange(len(docs))
        row = scratch.numbers[np.concatenate([each.docs for each in lists])]
        codes = np.concatenate([each.codes for each in lists])
        n = np.bincount(row, counts.SHARES[Field.BODY].take(codes), len(docs)).astype(np.int64)
        more = (codes >= counts.BODY_ONLY).nonzero()[0]  # what is not in the body alone
        odd = n > counts.BODY_ONLY
        odd[row[more]] = True
        which = odd.nonzero()[0]
        frequencies = np.zeros((len(which), counts.N_FIELDS), np.uint32)
        frequencies[:, Field.BODY] = n[which]
        if len(more):
            rows = counts.COUNTS[codes[more]]
            rows[:, Field.BODY] = 0
            at = which.searchsorted(row[more])
            np.add.at(frequencies, at, rows)
            begin = 0
            for each in lists:
                if len(each.other_at):
                    np.add.at(frequencies, which.searchsorted(row[each.other_at + begin]), each.other)
                begin += len(each)
        return cls.in_body(docs, n, which, frequencies)

    def only(self, kept: NDArray[np.bool_]) -> "Postings":
        """Return those postings where `kept`, bool (n,)."""
        if kept.all():
            return self
        if not len(self.other_at):
            return Postings(self.docs[kept], self.codes[kept], self.other_at, self.other)
        others = kept[self.other_at]
        at = np.cumsum(kept)[self.other_at[others]] - 1
        return Postings(self.docs[kept], self.codes[kept], at, self.other[others])

    def within(self, fields: frozenset[Field]) -> "Postings":
        """Return what stands in some fields, frequencies in others as 0."""
        frequencies = self.frequencies(np.arange(len(self)))
        frequencies[:, [field for field in Field if field not in fields]] = 0
        kept = frequencies.any(axis=1)
        return Postings.of(self.docs[kept], frequencies[kept])

    def frequencies(self, at: NDArray[Any]) -> counts.Counts:
        """Return the frequencies of the postings `at`, uint32 (len(at), fields)."""
        codes = self.codes[at]
        found: counts.Counts = counts.COUNTS[codes]
        if len(self.other_at):
            others = (codes == counts.OTHER).nonzero()[0]
            if len(others):
                found[others] = self.other[np.searchsorted(self.other_at, at[others])]
        return found

    def total(self, fields: frozenset[Field]) -> int:
        """Return how often it stands in some fields, in all articles together."""
        others = int(self.other[:, sorted(fields)].sum()) if len(self.other_at) else 0
        return int(counts.times(self.codes, fields).sum()) + others

    def find(self, docs: Docs, scratch: NDArray[np.int64]) -> Found:
        """Return where `docs` are in the list, and whether; where one is not, the place means nothing.

        Args:
            docs: Ascending.
            scratch: int64 (articles,), whatever is in it, but nothing negative.
        """
        if docs is self.docs:
            return np.arange(len(docs)), np.ones(len(docs), np.bool_)
        return find(self.docs, docs, scratch)


NOWHERE = Postings(NO_DOCS, np.zeros(0, np.uint8), *NO_OTHERS)


def find(listed: Docs, docs: Docs, scratch: NDArray[np.int64]) -> Found:
    """Return where `docs` are in a list of articles, and whether; where one is not, the place means nothing.

    Args:
        listed: Ascending.
        docs: Ascending.
        scratch: int64 (articles,), whatever is in it, but nothing negative.
    """
    if not len(listed):
        return np.zeros(len(docs), np.int64), np.zeros(len(docs), np.bool_)
    if len(docs) * FEW < len(listed):
        at = listed.searchsorted(docs)
    else:
        scratch[listed] = np.arange(len(listed))
        at = scratch[docs]
    at = np.minimum(at, len(listed) - 1)
    return at, listed[at] == docs
