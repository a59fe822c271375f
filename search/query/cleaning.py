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

MAX_CHARACTERS = 20_000  # of a query that are read
MAX_WORDS = 1024
MAX_DEPTH = 40

INFIX = frozenset({"AND", "OR", "ANDNOT", "ANDMAYBE", "REQUIRE"})
_NEAR = re.compile(r"(?:w|pre|near|adj)/(\d+)\Z", re.IGNORECASE)
_QUOTES = dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02"), '"')
_FIELD = "|".join((*FIELDS, "since", "until"))
_TOKEN = re.compile(
    rf"""\s*(?:
      (?P<quoted>[+-]?(?:(?:{_FIELD}):)?=?"(?P<inside>[^"]*)"(?:~(?P<slop>\d+))?(?P<boost>\^\d+(?:\.\d+)?)?)
    | (?P<range>[+-]?(?:(?:{_FIELD}):)?[\[{{]\s*(?P<low>[^\[\]{{}}"]*?)\s+to\s+(?P<high>[^\[\]{{}}"]*?)\s*[\]}}])
    | (?P<single>[+-]?(?:date|since|until):[<>]?=?'[^'"]*')
    | (?P<open>[+-]?(?:(?:{_FIELD}):)?\()
    | (?P<close>\)(?:\^\d+(?:\.\d+)?)?)
    | (?P<junk>["\[\]{{}}])
    | (?P<word>[^\s"()\[\]{{}}]+)
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_BARE = r"[^\s\"()\[\]{}:*?~^=<>!|\\]+"
_GOOD = re.compile(
    rf"""[+-]?(?![+-])(?:
      (?:(?:{_FIELD}):)?(?![+-])(?:
          ={_BARE}                        # exact
        | {_BARE}~(?:\d+(?:/\d+)?)?       # fuzzy
        | {_BARE}[*!]                     # prefix
        | [^\s\"()\[\]{{}}:~^=<>!|\\]+    # word, or wildcard
      )
    | (?:date|since|until|length):[<>]?=?\w[\w.+-]*(?::\d+)*
    | \*
    )(?:\^\d+(?:\.\d+)?)?\Z""",
    re.VERBOSE | re.IGNORECASE,
)


class Cleaned(NamedTuple):
    """A query that can be read: its tokens, and what was done to it, a sentence each."""

    tokens: list[str]
    notes: list[str]


def clean(text: str) -> Cleaned:
    """Return a readable query that says what `text` says, as far as it can be said."""
    notes: list[str] = []
    if len(text) > MAX_CHARACTERS:
        text = text[:MAX_CHARACTERS].rsplit(None, 1)[0]
        notes.append(f"Only the first {MAX_CHARACTERS} characters were read.")
    text = text.translate(_QUOTES)
    if text.count('"') % 2:
        at = text.rindex('"')
        text = f"{text[:at]} {text[at + 1 :]}"
        notes.append("A quotation mark without its partner was ignored.")
    tokens = _balanced(_words(text, notes), notes)
    return Cleaned(_joined(tokens, notes), notes)


def _words(text: str, notes: list[str]) -> list[str]:
    """Return the tokens of a text; those that mean nothing are left out, odd ones quoted."""
    tokens = []
    quoted = []
    n_words = 0
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        kind = next(name for name in ("quoted", "range", "single", "open", "close", "junk", "word") if match[name])
        token = match[kind]
        if kind == "junk":
            notes.append(f"A stray {token} was ignored.")
            continue
        if kind in ("quoted", "range", "single", "word"):
            said = f"{match['low']}{match['high']}" if kind == "range" else token
            if not any(map(str.isalnum, said)) and token not in ("*", "+*", "-*"):
                continue
            if n_words == MAX_WORDS:
                notes.append(f"Only the first {MAX_WORDS} words were read.")
                break
            n_words += 1
        if kind == "word":
            token, odd = _word(token)
            if odd:
                quoted.append(odd)
        elif kind == "single":
            token = token.replace("'", '"')
        elif kind == "range":
            token = re.sub(r"\s+to\s+", " TO ", token, count=1, flags=re.IGNORECASE)
        tokens.append(token)
    if quoted:
        notes.append(f"Read as plain words: {', '.join(dict.fromkeys(quoted[:5]))}.")
    return tokens


def _word(token: str) -> tuple[str, str | None]:
    """Return a word token that can be read, and, if its signs were not understood, what they were in."""
    token = token.rstrip("?") if token.endswith("?") and any(map(str.isalnum, token)) else token
    sign = token[0] if token[0] in "+-" and len(token) > 1 else ""
    plain = token[len(sign) :].lstrip("+-")
    token = sign + plain
    if sign and _NEAR.match(plain):
        return f'{sign}"{plain}"', plain
    field, colon, value = plain.rpartition(":")
    if (sign or colon) and (value in INFIX or value == "NOT") and (not colon or field in (*FIELDS, "since", "until")):
        return f"{sign}{field}{colon}{value.lower()}", None
    if plain.upper() in INFIX or plain == "NOT" or _NEAR.match(plain):
        return token, None
    if _GOOD.match(token) and (any(map(str.isalnum, plain)) or plain == "*"):
        return token, None
    return f'{sign}"{plain}"', plain


def _balanced(tokens: list[str], notes: list[str]) -> list[str]:
    """Return the tokens with parentheses in pairs, not too deep, none empty."""
    found: list[str] = []
    opened: list[int] = []
    stray = deep = 0
    for token in tokens:
        if token[-1] == "(":
            if len(opened) - deep >= MAX_DEPTH:
                deep += 1
            else:
                opened.append(len(found))
                found.append(token)
        elif token[0] == ")":
            if deep:
                deep -= 1
            elif not opened:
                stray += 1
            elif opened[-1] == len(found) - 1:
                found.pop()
                opened.pop()
            else:
                opened.pop()
                found.append(token)
        else:
            found.append(token)
    if stray or (opened and len(opened)):
        notes.append("A parenthesis without its partner was ignored.")
    if deep:
        notes.append(f"Only {MAX_DEPTH} parentheses deep were read.")
    left = set(opened)
    return [token for at, token in enumerate(found) if at not in left]


def _joined(tokens: list[str], notes: list[str]) -> list[str]:
    """Return the tokens with operators only where they have something to join; others are words in small letters."""
    found: list[str] = []
    stray = []
    for at, token in enumerate(tokens):
        following = tokens[at + 1] if at + 1 < len(tokens) else ")"
        operand_follows = following[0] != ")" and not is_infix(following)
        if is_infix(token):
            good = bool(found) and not found[-1].endswith("(") and not is_infix(found[-1]) and found[-1] != "NOT"
            good = good and operand_follows
        elif token == "NOT":
            good = operand_follows and following != "NOT"
        else:
            found.append(token[1:] if found and found[-1] == "NOT" and token[0] in "+-" else token)
            continue
        if good:
            found.append(token)
        else:
            stray.append(token)
            found.append(token.lower() if not _NEAR.match(token) else f'"{token}"')
    if stray:
        notes.append(f"Read as plain words: {', '.join(dict.fromkeys(stray[:5]))}.")
    return found


def is_infix(token: str) -> bool:
    """Return whether a token joins two others."""
    return token in INFIX or _NEAR.match(token) is not None


def near(token: str) -> tuple[int, bool] | None:
    """Return distance and order of a proximity operator; None if it is none."""
    match = _NEAR.match(token)
    return (min(int(match[1]), 10**6), token[0] in "pPaA") if match else None
