"""The words of a query in a text, found without analysing the text.

The surface forms of a term are known from the index. They are looked for, blanks around them, in a copy of the text in
which each letter is small and without accents and all else is a blank, one byte a character. Where a neighbour is no
certain end of a word (`air-strikes`, `U.S.`, `l'été`), the chunk it stands in is analysed. So nothing is found that is
not there; what is spelt in a way that cannot be foreseen is missed, and the caller, who knows from the index how often
each word stands in the article, asks again with `joined` or analyses the whole text.
"""

import re
from collections.abc import Iterable

from search.text.analysis import COUNTRY, EITHER, Analyzer, Token, chunks, fold, kinds

FEW = 8  # forms that are looked for one by one; of more, first which of them are in the text at all

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
        forms: Folded, as the index has them.
    """

    def __init__(self, analyzer: Analyzer, forms: Iterable[str]) -> None:
        self._analyzer = analyzer
        self._words: dict[bytes, bytes] = {}  # one word, and the pattern that finds it
        self._groups: list[bytes] = []  # patterns of several words
        self._foreign: list[str] = []  # forms in other letters
        for form in forms:
            if form in (COUNTRY, EITHER):
                self._words[b"us"] = b" us "
                self._groups.append(b" u s ")
                continue
            if not form.isascii():
                self._foreign.append(form)
                continue
            spelt = form.encode().translate(_PLAIN)
            pattern = b" " + spelt + b" "
            if b" " in spelt:
                self._groups.append(pattern)
                continue
            self._words[spelt] = pattern
            if len(form) <= 4 and form.isalpha():
                self._groups.append(b" " + b" ".join(spelt[i : i + 1] for i in range(len(spelt))) + b" ")  # U.N.
            elif form.isdigit():
                self._groups.append(b" " + _THOUSANDS.sub(" ", form).encode() + b" ")  # 1,200

    def chunks(self, text: str, *, joined: bool = False) -> list[Chunk]:
        """Return some chunks of a text, in order: those with a form, where that can be foreseen, and perhaps others.

        Args:
            text: Any.
            joined: Add every chunk of several words.
        """
        data = plain(text)
        find = data.find
        found: dict[int, int] = {}
        words = self._words if len(self._words) <= FEW else self._words.keys() & set(data.split())
        for word in words:
            pattern = self._words[word]
            length = len(pattern) - 2
            at = find(pattern)
            while at >= 0:  # the blank before a word stands in `data` where the word begins in the text
                end = at + length
                after = text[end : end + 1]
                if (at == 0 or text[at - 1] in _BREAKS) and (
                    after in _BREAKS or (after in _STOPS and text[end + 1 : end + 2] in _BREAKS)
                ):
                    found[at] = end
                elif at not in found:
                    self._look_at(text, at, found)
                at = find(pattern, end + 1)
        for pattern in self._groups:
            at = find(pattern)
            while at >= 0:
                self._look_at(text, at, found)
                at = find(pattern, at + 2)
        if self._foreign:
            lower = text.lower()
            for form in self._foreign:
                at = lower.find(form)
                while at >= 0:
                    self._look_at(text, min(at, len(text) - 1), found)
                    at = lower.find(form, at + len(form))
        if joined:
            for match in _JOINED.finditer(text):
                self._look_at(text, match.start(), found, match.end())
        analysed = self._analyzer.chunk_at
        return [(start, analysed(text, start, end)) for start, end in sorted(found.items())]

    def _look_at(self, text: str, at: int, found: dict[int, int], upto: int = 0) -> None:
        """Note the chunks of the stretch without white space around `at`, and up to `upto`."""
        start = text.rfind(" ", 0, at) + 1
        start = max(start, text.rfind("\n", start, at) + 1)
        upto = max(upto, at + 1)
        end = text.find(" ", upto)
        end = end if end >= 0 else len(text)
        line = text.find("\n", upto, end)
        end = line if line >= 0 else end
        for begin, stop in chunks(text[start:end]):
            if start + stop > at and start + begin < upto:
                found[start + begin] = start + stop
