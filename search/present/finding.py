"""The words of a query in a text, found without analysing the text.

The surface forms of a term are known from the index. They are looked for, blanks around them, in a copy of the text in
which each letter is small and without accents and all else is a blank, one byte a character. Where a neighbour is no
certain end of a word (`air-strikes`, `U.S.`, `l'été`), the chunk it stands in is analysed. So nothing is found that is
not there; what is spelt in a way that cannot be foreseen is missed, and the caller, who knows from the index how often
each word stands in the article, asks again with `joined` or analyses the whole text.
"""

import re
from collections.abc import Mapping, Sequence

from search.text.analysis import COUNTRY, EITHER, PRONOUN, Analyzer, Token, chunks, fold, kinds

MAX_INITIALS = 5  # letters of a word that may be written U.N.E.S.C.
FEW = 8  # forms that are looked for one by one; of more, first which of them are in the text at all

Mark = tuple[int, int, int]  # start and end in a text, number of the leaf that is fulfilled
Chunk = tuple[int, tuple[Token, ...]]  # where it begins, and its tokens with offsets from there

_BREAKS = frozenset(["", *filter(lambda char: kinds(char) == " ", map(chr, range(256))), *"“”„…"])
_STOPS = frozenset(".,'-’–—")  # join two words, and end one before a break
_WIDE = re.compile(r"[^\x00-\xff]")
_JOINED = re.compile(r"\w+(?:[^\w\s]\w+)+")
_THOUSANDS = re.compile(r"(?<=\d)(?=(?:\d{3})+\Z)")


def _plain(char: str) -> str:
    """Return the small letter or digit that a character is folded to, a blank if it is none or several."""
    folded = fold(char) if kinds(char) == "w" else " "
    return folded if len(folded) == 1 and folded.isascii() else " "


_PLAIN = "".join(map(_plain, map(chr, range(256)))).encode()


class _PlainOfWide(dict[str, str]):
    def __missing__(self, char: str) -> str:
        self[char] = found = _plain(char)
        return found


_plain_of_wide = _PlainOfWide()


def plain(text: str) -> bytes:
    """Return a text as small letters, digits and blanks, one byte a character, with a blank before and after it."""
    if not text.isascii():
        for char in set(_WIDE.findall(text)):
            if _plain_of_wide[char] != " ":
                text = text.replace(char, _plain_of_wide[char])
    return b" " + text.encode("latin-1", "replace").translate(_PLAIN) + b" "


class Finder:
    """Looks for surface forms in texts.

    Args:
        analyzer: Of the index.
        leaves_of: Folded forms, as the index has them, and the numbers of the leaves that a word in each fulfils.
    """

    def __init__(self, analyzer: Analyzer, leaves_of: Mapping[str, Sequence[int]]) -> None:
        self._analyzer = analyzer
        self._words: dict[bytes, tuple[bytes, Sequence[int]]] = {}  # one word → the pattern that finds it, and leaves
        self._groups: list[bytes] = []  # patterns of several words
        self._foreign: list[str] = []  # forms in other letters
        for form, leaves in leaves_of.items():
            if not form.isascii():
                self._foreign.append(form)
                continue
            word = form.encode().translate(_PLAIN)
            if form in (COUNTRY, EITHER, PRONOUN):
                self._words[b"us"] = b" us ", ()  # which of them it is shows in the text
                self._groups.append(b" u s ")
            elif b" " in word:
                self._groups.append(b" " + word + b" ")
            else:
                self._words[word] = b" " + word + b" ", leaves if analyzer.form_decides else ()
                if len(word) <= MAX_INITIALS and form.isalpha():
                    self._groups.append(b" " + b" ".join(word[i : i + 1] for i in range(len(word))) + b" ")  # U.N.
                elif len(word) > 3 and form.isdigit():
                    self._groups.append(b" " + _THOUSANDS.sub(" ", form).encode() + b" ")  # 1,200

    def marks(self, text: str, leaves_of: Mapping[str, Sequence[int]], *, joined: bool = False) -> list[Mark]:
        """Return the words of a text that fulfil a leaf by themselves, in order.

        Args:
            text: Any.
            leaves_of: Terms, and the numbers of the leaves that each fulfils.
            joined: Look at all chunks of several words, too.
        """
        certain, chunks = self._look(text, joined=joined)
        found = [(start, end, leaf) for start, end, leaves in certain for leaf in leaves]
        for start, end in chunks.items():
            for term, _, begin, stop, _ in self._analyzer.chunk_at(text, start, end):
                if term in leaves_of:
                    found += [(start + begin, start + stop, leaf) for leaf in leaves_of[term]]
        if len(self._words) > 1 or chunks:
            found.sort()
        return found

    def chunks(self, text: str, *, joined: bool = False) -> list[Chunk]:
        """Return the chunks of a text that may hold a form, in order.

        Args:
            text: Any.
            joined: Add all chunks of several words.
        """
        certain, chunks = self._look(text, joined=joined)
        chunks.update([(start, end) for start, end, _ in certain])
        analysed = self._analyzer.chunk_at
        return [(start, analysed(text, start, end)) for start, end in sorted(chunks.items())]

    def _look(self, text: str, *, joined: bool) -> tuple[list[tuple[int, int, Sequence[int]]], dict[int, int]]:
        """Return the words found with their leaves, and the chunks that must be analysed to tell, start → end."""
        data = plain(text)
        find = data.find
        certain = []
        chunks: dict[int, int] = {}
        words = self._words if len(self._words) <= FEW else self._words.keys() & set(data.split())
        for word in words:
            pattern, leaves = self._words[word]
            length = len(word)
            at = find(pattern)
            while at >= 0:  # the blank before a word stands in `data` where the word begins in the text
                end = at + length
                after = text[end : end + 1]
                if (
                    leaves
                    and (not at or text[at - 1] in _BREAKS)
                    and (after in _BREAKS or (after in _STOPS and text[end + 1 : end + 2] in _BREAKS))
                ):
                    certain.append((at, end, leaves))
                else:
                    _stretch(text, at, at + 1, chunks)
                at = find(pattern, end + 1)
        for pattern in self._groups:
            at = find(pattern)
            while at >= 0:
                _stretch(text, at, at + 1, chunks)
                at = find(pattern, at + 2)
        if self._foreign:
            lower = text.lower()
            for form in self._foreign:
                at = lower.find(form)
                while at >= 0:
                    _stretch(text, min(at, len(text) - 1), at + 1, chunks)
                    at = lower.find(form, at + len(form))
        if joined:
            for match in _JOINED.finditer(text):
                _stretch(text, match.start(), match.end(), chunks)
        return certain, chunks


def _stretch(text: str, at: int, upto: int, found: dict[int, int]) -> None:
    """Add the chunks that meet a stretch of a text to `found`."""
    start = text.rfind(" ", 0, at) + 1
    start = max(start, text.rfind("\n", start, at) + 1)
    end = text.find(" ", upto)
    end = end if end >= 0 else len(text)
    line = text.find("\n", upto, end)
    for begin, stop in chunks(text[start : line if line >= 0 else end]):
        if start + stop > at and start + begin < upto:
            found[start + begin] = start + stop
