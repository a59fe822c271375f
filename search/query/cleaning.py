"""Any text to a query that can be read: bounded, balanced, and what is no operator turned into words.

What comes out consists of these, with blanks between:

    word    field:word   =word   word*   word!   w?rd   word~   word~1   word~1/2   each with ^2 or not
    "words" field:"words"  ="words"  "words"~3
    [a TO b]  {a TO b}  field:[a TO b]  date:>2021  date:'last week'
    (  field:(  )  )^2
    AND OR NOT ANDNOT ANDMAYBE REQUIRE w/5 pre/5, only where they have something to join
    + and - before one of the others
"""

import re
from typing import NamedTuple

from search.query.tree import FIELDS

MAX_TEXT = 200_000  # characters that are looked at
MAX_CHARACTERS = 20_000  # of the words; the reading has the same words, and may be longer for its operators
MAX_WORDS = 1024
MAX_DEPTH = 30
MAX_NEAR = 10  # operators like w/5; each takes in what the ones before it joined
MAX_PAIRS = 50  # of the other operators that join only two

INFIX = frozenset({"AND", "OR", "ANDNOT", "ANDMAYBE", "REQUIRE"})
PAIRS = INFIX - {"AND", "OR"}
_TIMES = ("date", "since", "until")
_PREFIXES = frozenset({*FIELDS, *_TIMES})
_FIELD = "|".join(sorted(_PREFIXES))
_NEAR = re.compile(r"(?:w|pre|near|adj)/([0-9]{1,9})\Z", re.IGNORECASE)
_QUOTES = dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02"), '"')
_BOOST = r"(?:\^[0-9]+(?:\.[0-9]+)?)?"
_SIDE = r'[^\[\]{}"]{0,99}?'  # an end of a range
_TOKEN = re.compile(
    rf"""
      (?P<head>[+-]?(?:(?:{_FIELD}):)?)(?:
          (?P<quoted>(?P<before>=?")(?P<inside>[^"]*)(?P<after>"(?:~[0-9]+)?{_BOOST}))
        | (?P<range>(?P<left>[\[{{])\ ?(?P<low>{_SIDE})\ to(?=[\ \]}}])\ ?(?P<high>{_SIDE})\ ?(?P<right>[\]}}]{_BOOST}))
        | (?P<time>(?:(?<=date:)|(?<=since:)|(?<=until:))(?P<compared>[<>]?=?)
              (?P<mark>['"])(?P<said>[^'"]{{0,99}})(?P=mark)(?P<boost>{_BOOST}))
        | (?P<open>\()
      )
    | (?P<close>\){_BOOST})
    | (?P<junk>["\[\]{{}}])
    | (?P<word>[^\s"()\[\]{{}}]+)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_KINDS = ("word", "quoted", "open", "close", "range", "time", "junk")
_SAID = {"word": "word", "quoted": "inside", "time": "said"}
_BARE = r"[^\s\"()\[\]{}:*?~^=<>!|\\]+"
_GOOD = re.compile(
    rf"""[+-]?(?![+-])(?:
      (?:(?:{_FIELD}):)?(?![+-])(?:
          ={_BARE}                        # exact
        | {_BARE}~(?:[0-9]{{1,9}}(?:/[0-9]{{1,9}})?)?  # fuzzy
        | {_BARE}[*!]                     # prefix
        | [^\s\"()\[\]{{}}:~^=<>!|\\]+    # word, or wildcard
      )
    | (?:{"|".join(_TIMES)}):[<>]?=?(?:\w[\w.+-]*|[0-9][\w.+-]*(?::[0-9][0-9])+)
    | \*
    ){_BOOST}\Z""",
    re.VERBOSE,
)


class Cleaned(NamedTuple):
    """A query that can be read: its tokens, and what was done to it, a sentence each."""

    tokens: list[str]
    notes: list[str]


def clean(text: str, deepest: int = MAX_DEPTH) -> Cleaned:
    """Return a readable query that says what `text` says, as far as it can be said.

    Args:
        text: As typed.
        deepest: How many parentheses may stand in each other; of those further in only the content is kept.
    """
    notes: list[str] = []
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT]
        notes.append(f"Only the first {MAX_TEXT} characters were looked at.")
    text = text.translate(_QUOTES)
    if text.count('"') % 2:
        at = text.rindex('"')
        text = f"{text[:at]} {text[at + 1 :]}"
        notes.append("A quotation mark without its partner was ignored.")
    tokens = _words(" ".join(text.split()), notes)
    stray: list[str] = []
    before: list[str] = []
    while tokens != before:  # what is left out may leave a parenthesis empty, or an operator without a side
        before = tokens
        tokens = _joined(_balanced(tokens, deepest, notes), stray, notes)
    if stray and tokens:
        notes.append(f"Ignored, with nothing to join: {_list(stray)}.")
    elif stray:
        notes.append(f"Read as plain words: {_list(stray)}.")
        tokens = [f'"{token}"' if _NEAR.match(token) else token.lower() for token in stray[:MAX_WORDS]]
    return Cleaned(tokens, notes)


def _list(tokens: list[str]) -> str:
    return ", ".join(token if len(token) <= 60 else f"{token[:59]}…" for token in [*dict.fromkeys(tokens)][:5])


class _Budget:
    """What may still be read; `notes` gets a sentence when something may not."""

    def __init__(self, notes: list[str]) -> None:
        self._words, self._characters, self._notes = MAX_WORDS, MAX_CHARACTERS, notes

    def take(self, text: str) -> str:
        """Return as much of a word, or of words with blanks between, as may be read; nothing at the end."""
        words = text.split()
        kept = text
        if len(words) > self._words:
            self._notes.append(f"Only the first {MAX_WORDS} words were read.")
            kept = " ".join(words[: self._words])
        if len(kept) > self._characters:
            self._notes.append(f"Only the first {MAX_CHARACTERS} characters were read.")
            kept = kept[: self._characters].rstrip()
        self._words = max(self._words - len(words), 0)
        self._characters -= len(kept)
        return kept if kept == text or _says(kept) else ""


def _words(text: str, notes: list[str]) -> list[str]:
    """Return the tokens of a text; those that mean nothing are left out, odd ones quoted."""
    tokens = []
    odd: list[str] = []
    budget = _Budget(notes)
    for match in _TOKEN.finditer(text):
        kind = next(kind for kind in _KINDS if match[kind])
        head = (match["head"] or "").lower()
        if kind in ("open", "close"):
            token = head + match[kind]
        elif kind == "junk":
            notes.append(f"A stray {match[kind]} was ignored.")
            continue
        else:
            said = f"{match['low']}{match['high']}" if kind == "range" else match[_SAID[kind]]
            if not _says(said) and not _is_all(match[0]):
                continue
            if kind == "word":
                token = _word(said, budget, odd)
            elif not (taken := budget.take("-" if kind == "range" else said)):
                token = ""
            elif kind == "quoted":
                token = f"{head}{match['before']}{taken}{match['after']}"
            elif kind == "range":
                token = f"{head}{match['left']}{match['low']} TO {match['high']}{match['right']}"
            else:
                token = f'{head}{match["compared"]}"{taken}"{match["boost"]}'
        if not token:
            break
        tokens.append(token)
    if odd:
        notes.append(f"Read as plain words: {_list(odd)}.")
    return tokens


_is_all = re.compile(r"[+-]?(?:\*|(?:(?:date|since|until):)?[\[{]\* to \*[\]}])\Z", re.IGNORECASE).match


def _says(text: str) -> bool:
    return any(map(str.isalnum, text))


def _word(token: str, budget: _Budget, odd: list[str]) -> str:
    """Return a word that can be read; nothing if no more may be. `odd` gets those whose signs were not understood."""
    stripped = token.rstrip("?!")
    if "?" in token[len(stripped) :]:  # the end of a question, not a pattern
        token = stripped
    sign = token[0] if token[0] in "+-" else ""
    value = token.lstrip("+-")
    name, colon, rest = value.partition(":")
    field = ""
    if colon and rest and name.lower() in _PREFIXES:
        field, value = f"{name.lower()}:", rest
    if value in INFIX or value == "NOT":
        return f"{sign}{field}{value.lower()}" if sign or field else value
    near = _NEAR.match(value) is not None and not field
    if near and not sign:
        return value
    value = budget.take(value)
    if not value:
        return ""
    good = f"{sign}{field}{value}"
    if _GOOD.match(good) and (_says(value) or value == "*") and not near:
        return good
    odd.append(f"{field}{value}")
    return f'{sign}"{field}{value}"'


def _balanced(tokens: list[str], deepest: int, notes: list[str]) -> list[str]:
    """Return the tokens with parentheses in pairs, not too deep, none empty."""
    found: list[str] = []
    opened: list[int] = []
    n_deep = 0  # those open that are left out
    for token in tokens:
        if token[-1] == "(":
            if len(opened) == deepest:
                n_deep += 1
                notes.append(f"Only {deepest} parentheses deep were read.")
            else:
                opened.append(len(found))
                found.append(token)
        elif token[0] != ")":
            found.append(token)
        elif n_deep:
            n_deep -= 1
        elif not opened:
            notes.append("A parenthesis without its partner was ignored.")
        elif opened.pop() == len(found) - 1:
            found.pop()
        else:
            found.append(token)
    while opened and opened[-1] == len(found) - 1:
        notes.append("A parenthesis without its partner was ignored.")
        opened.pop()
        found.pop()
    if opened:
        notes.append("A parenthesis that was not closed was closed at the end.")
    return found + [")"] * len(opened)


def _joined(tokens: list[str], stray: list[str], notes: list[str]) -> list[str]:
    """Return the tokens with operators only where they have something to join; `stray` gets the others."""
    found: list[str] = []
    n_near = n_pairs = 0
    for token, following in zip(tokens, [*tokens[1:], ")"], strict=bool(tokens)):
        last = found[-1] if found else "("
        if not is_infix(token) and token != "NOT":
            doubled = (last == "NOT" and token[0] in "+-") or (token[0] == "+" and _NEAR.match(last))
            found.append(token[1:] if doubled else token)
        elif following[0] == ")" or (is_infix(token) and (last[-1] == "(" or last == "NOT" or is_infix(last))):
            stray.append(token)
        elif last == token == "NOT":
            found.pop()  # not not: neither
        elif _NEAR.match(token) and (n_near := n_near + 1) > MAX_NEAR:
            notes.append(f"Only the first {MAX_NEAR} operators like w/5 were read.")
        elif token in PAIRS and (n_pairs := n_pairs + 1) > MAX_PAIRS:
            notes.append(f"Only the first {MAX_PAIRS} operators like ANDNOT were read.")
        elif _NEAR.match(token) and (following == "NOT" or following[0] == "-"):
            notes.append(f"{token} before NOT was read as AND.")
            found.append("AND")
        else:
            found.append(token)
    return found


def is_infix(token: str) -> bool:
    """Return whether a token joins two others."""
    return token in INFIX or _NEAR.match(token) is not None


def near(token: str) -> tuple[int, bool] | None:
    """Return distance and order of a proximity operator; None if it is none."""
    match = _NEAR.match(token)
    return (min(max(int(match[1]), 1), 10**6), token[0] in "pPaA") if match else None
