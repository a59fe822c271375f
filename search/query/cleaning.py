"""Any text to a query that can be read: bounded, balanced, and what is no operator turned into words.

What comes out consists of these, with blanks between:

    word    field:word   =word   word*   word!   w?rd   word~   word~1   word~1/2   each with ^2 or not
    "words" field:"words"  ="words"  "words"~3
    [a TO b]  {a TO b}  field:[a TO b]  date:>2021  date:'last week'
    (  field:(  atleast3(  caps(  allcaps(  nocaps(  )  )^2
    length>=300  length<=300  length:200..300
    AND OR NOT ANDNOT ANDMAYBE REQUIRE w/5 pre/5 w/s w/p, NOT w/5 and so on, only where they have something to join
    + and - before one of the others
"""

import calendar
import re
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from search.query.tree import FIELDS, INFIX, Unit

MAX_TEXT = 100_000  # characters that are looked at
MAX_CHARACTERS = 20_000  # of the words; the reading has the same words, and may be longer for its operators
MAX_WORDS = 512
MAX_DEPTH = 30
MAX_NEAR = 10  # operators like w/5; each takes in what the ones before it joined
MAX_PAIRS = 50  # of the other operators that join only two

MAX_DISTANCE = 10**6  # of nearness, and the most places and first words that may be asked for

PAIRS = INFIX - {"AND", "OR"}
_TIMES = ("date", "since", "until")
_PREFIXES = frozenset({*FIELDS, *_TIMES})
_FIELD = "|".join((*sorted(_PREFIXES), "first[0-9]{1,99}"))
_FIRST = re.compile(r"first([0-9]{1,99})\Z", re.IGNORECASE)
_CALLED = r"(?:atleast[0-9]{1,99}|allcaps|nocaps|caps)"  # what stands right before a parenthesis
NEAR = r"(?:not )?(?:w|pre|near|adj)?/(?:[0-9]{1,99}|s|p)"
_NEAR = re.compile(r"(?P<apart>not )?(?P<word>w|pre|near|adj)?/(?P<distance>[0-9]{1,99}|s|p)\Z", re.IGNORECASE)
_LENGTH = re.compile(
    r"length:?(?P<sign>[<>]=?|=|(?<=:))(?P<n>[0-9]{1,99})(?:\.\.(?P<most>[0-9]{1,99}))?\Z",
    re.IGNORECASE,
)
_QUOTES = dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02"), '"')
# ‘so’: from before a word to behind one, apostrophes inside. What stands in other quotation marks stays as it is.
_SINGLE = re.compile(r'"[^"]*"|(?<!\w)\u2018((?:[^\u2018\u2019"]|(?<=\w)\u2019(?=\w))*)\u2019(?!\w)')
_DAYS = "|".join(map(str.lower, calendar.day_name))
_MONTHS = "|".join(name[:3].lower() for name in calendar.month_name if name)
# `length > 300`, `date: 2021-08`, `date > 2021`: a limit with blanks inside, and what stands in quotation marks.
_SPACED = re.compile(
    rf"""
      "[^"]*"
    | (?<![\w:.=])(?P<length>length)\ ?(?P<than>[<>]=?|=)\ ?(?=[0-9])
    | (?<![\w:.=])(?P<name>date|since|until)\ ?(?::\ ?(?P<sign>[<>]=?)?|(?P<bare>[<>]=?))\ ?(?=
          [0-9]{{4}}(?![0-9]) | [\[{{][^\]}}]*\ to[\ \]}}]
        | (?:today|yesterday|{_DAYS})\b | ["'](?:[0-9]|last\ |past\ |this\ |{_DAYS}|{_MONTHS})
      )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_BOOST = r"(?:\^[0-9]+(?:\.[0-9]+)?)?"
_SIDE = r'[^\[\]{}"]{0,99}?'  # an end of a range
_WEIGHT = re.compile(rf"{_BOOST}\Z")
_KINDS = ("word", "quoted", "open", "close", "range", "time", "junk")
_SAID = {"word": "word", "quoted": "inside", "time": "said"}
_BARE = r"[^\s\"()\[\]{}:*?~^=<>!|\\]+"


@lru_cache(maxsize=8)
def _patterns(further: frozenset[str]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what finds the tokens of a text, and what tells whether one can be read; `further` are names of fields."""
    field = "|".join((_FIELD, *sorted(map(re.escape, further))))
    token = re.compile(
        rf"""
          (?P<head>[+-]?(?:(?:{field}):)?)(?:
              (?P<quoted>(?P<before>=?")(?P<inside>[^"]*)(?P<after>"(?:~[0-9]+)?{_BOOST}))
            | (?P<range>(?P<left>[\[{{])\ ?(?P<low>{_SIDE})\ to(?=[\ \]}}])\ ?
                  (?P<high>{_SIDE})\ ?(?P<right>[\]}}]{_BOOST}))
            | (?P<time>(?:(?<=\bdate:)|(?<=\bsince:)|(?<=\buntil:))(?P<compared>[<>]?=?)
                  (?P<mark>['"])(?P<said>[^'"]{{0,99}})(?P=mark)(?P<boost>{_BOOST}))
            | (?P<open>{_CALLED}?\()
          )
        | (?P<close>\){_BOOST})
        | (?P<junk>["\[\]{{}}])
        | (?P<word>[^\s"()\[\]{{}}]+)
        """,
        re.VERBOSE | re.IGNORECASE,
    )
    good = re.compile(
        rf"""[+-]?(?![+-])(?:
          (?:(?:{field}):)?(?![+-])(?:
              ={_BARE}                        # exact
            | {_BARE}~(?:[0-9]{{1,9}}(?:/[0-9]{{1,9}})?)?  # fuzzy
            | {_BARE}[*!]                     # prefix
            | [^\s\"()\[\]{{}}:~^=<>!|\\]+    # word, or wildcard
          )
        | length(?:[<>]=|:[0-9]{{1,9}}\.\.)[0-9]{{1,9}}
        | (?:{"|".join(_TIMES)}):[<>]?=?(?:\w[\w.+-]*|[0-9][\w.+-]*(?::[0-9][0-9])+(?:[+-][0-9:]+|[zZ])?)
        | \*
        ){_BOOST}\Z""",
        re.VERBOSE,
    )
    return token, good


class Cleaned(NamedTuple):
    """A query that can be read: its tokens, and what was done to it, a sentence each."""

    tokens: list[str]
    notes: list[str]


def clean(text: str, deepest: int = MAX_DEPTH, further: frozenset[str] = frozenset()) -> Cleaned:
    """Return a readable query that says what `text` says, as far as it can be said.

    Args:
        text: As typed.
        deepest: How many parentheses may stand in each other; of those further in only the content is kept.
        further: Names of fields that articles have beside the usual ones, in small letters.
    """
    notes: list[str] = []
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT]
        notes.append(f"Only the first {MAX_TEXT} characters were looked at.")
    text = text.translate(_QUOTES)
    if "\u2018" in text:
        text = _SINGLE.sub(lambda match: match[0] if match[1] is None else f'"{match[1]}"', text)
        text = text.replace("\u2018", "'")  # before a word, without a partner
    dashes = _is_prose(_SPACED.sub(_closed_up, " ".join(text.split())))
    capitals = reads_capitals_as_words(text)
    if capitals is not None:
        notes.append(IN_CAPITALS[capitals])
    if text.count('"') % 2:
        at = text.rindex('"')
        text = f"{text[:at]} {text[at + 1 :]}"
        notes.append("A quotation mark without its partner was ignored.")
    tokens = _words(_SPACED.sub(_closed_up, " ".join(text.split())), notes, further)
    if dashes:
        tokens = _without_dashes(tokens, notes)
    if capitals:
        tokens = [token.lower() if token in ("AND", "OR", "NOT") else token for token in tokens]
    tokens = _with_operators_beside_near(tokens)
    stray: list[str] = []
    typed = tokens
    before: list[str] = []
    while tokens != before:  # what is left out may leave a parenthesis empty, or an operator without a side
        before = tokens
        tokens = _joined(_balanced(tokens, deepest, notes, typed=before is typed), stray, notes)
    if stray and tokens:
        notes.append(f"Ignored, with nothing to join: {_list(stray)}.")
    elif stray:
        notes.append(f"Read as plain words: {_list(stray)}.")
        tokens = [f'"{token}"' if _NEAR.match(token) else token.lower() for token in stray[: MAX_WORDS // 2]]
    return Cleaned(tokens, notes)


def _closed_up(match: re.Match[str]) -> str:
    """Return a limit of length or date without blanks inside."""
    if match["length"]:
        return f"length{match['than']}"
    return f"{match['name']}:{match['sign'] or match['bare'] or ''}" if match["name"] else match[0]


IN_CAPITALS = {
    False: "The query is set in capitals: AND and OR between single words were read as operators.",
    True: "The query is set in capitals: AND, OR and NOT were read as words; write - for NOT, + for AND.",
}
_LOGIC = frozenset({"AND", "OR", "NOT"})
# What a headline has as well is none: a name in brackets (`<BP>`), a slash in a word, a colon before a blank.
_OF_LANGUAGE = re.compile(rf"""["()\[\]{{}}*~^=!]|:\S|\blength[<>]|(?<!\S){NEAR}(?!\S)|(?:^|\s)[+-]\w""", re.IGNORECASE)


def reads_capitals_as_words(text: str) -> bool | None:
    """Return whether AND, OR and NOT are words in a query set in capitals; None if it is not, or leaves no doubt.

    Headlines are set so (`DAM WILL NOT HOLD`), and so are names (`NATO AND EU`): there the two are operators if they
    stand between single words.
    """
    words = text.split()
    operators = [word for word in words if word in _LOGIC]
    if not operators or not "".join(word for word in words if word not in _LOGIC).isupper():
        return None
    if _OF_LANGUAGE.search(text):
        return None
    return "NOT" in operators or words[1::2] != operators


_DASH = re.compile(r"(?:^|\s)-\w")
_PROSE = 8  # words in which a dash before one is more likely from a pasted text than a NOT
_STOPS = (",", ".", ";", ":", "?", "!", "-", "\u2013", "\u2014")


def _is_prose(text: str) -> bool:
    """Return whether a query with a dash before a word was pasted: a sentence, without other signs of the language."""
    if not _DASH.search(text) or _OF_LANGUAGE.search(_DASH.sub(" ", text)):
        return False
    words = text.split()
    stops = sum(word.endswith(_STOPS) for word in words if len(word) > 2)
    return INFIX.isdisjoint(words) and "NOT" not in words and (len(words) >= _PROSE or stops > 0)


def _without_dashes(tokens: list[str], notes: list[str]) -> list[str]:
    """Return the tokens with dashes before words as what they are in prose."""
    found = [token[1:] if token[0] == "-" else token for token in tokens]
    if dashed := [token for token in tokens if token[0] == "-"]:
        notes.append(f"Read as dashes, not as NOT: {_list(dashed)}.")
    return found


def _with_operators_beside_near(tokens: list[str]) -> list[str]:
    """Return the tokens with `and`, `or`, `and not` as operators in parentheses beside `w/5`, which are no prose."""
    depth = [0] * len(tokens)  # how many more such parentheses are around than around the token before
    opened: list[int] = []
    for at, token in enumerate(tokens):
        if token[-1] == "(":
            opened.append(at)
        elif token[0] == ")" and opened:
            begin = opened.pop()
            if any(map(_NEAR.match, [*tokens[max(begin - 1, 0) : begin], *tokens[at + 1 : at + 2]])):
                depth[begin] += 1
                depth[at] -= 1
    found = tokens.copy()
    for n, inside in enumerate(accumulate(depth)):
        if not inside or tokens[n] not in ("and", "or", "not"):
            continue
        if (
            found[n - 1] in ("AND", "OR")
            if tokens[n] == "not"
            else tokens[n - 1][-1] != "(" and tokens[n + 1][0] != ")"
        ):
            found[n] = tokens[n].upper()
    return found


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


def _words(text: str, notes: list[str], further: frozenset[str]) -> list[str]:
    """Return the tokens of a text; those that mean nothing are left out, odd ones quoted."""
    tokens: list[str] = []
    opened: list[bool] = []  # of the parentheses around: whether they or others outside have a name
    odd: list[str] = []
    budget = _Budget(notes)
    pattern, readable = _patterns(further)
    for match in pattern.finditer(text):
        kind = next(kind for kind in _KINDS if match[kind])
        head = _field((match["head"] or "").lower(), notes)
        if kind == "open":
            token = f"{head}{_called(match[kind].lower(), notes)}"
            opened.append(token[-2:-1].isalnum() or opened[-1:] == [True])
        elif kind == "close":
            token = match[kind]
            opened = opened[:-1]
        elif kind == "junk":
            notes.append(f"A stray {match[kind]} was ignored.")
            continue
        else:
            said = f"{match['low']}{match['high']}" if kind == "range" else match[_SAID[kind]]
            if not _says(said) and not _is_all(match[0]):
                continue
            if kind == "word" and opened[-1:] == [True] and said in ("and", "or", "not"):
                token = said.upper()  # atleast3(flood or dam) is no prose
            elif kind == "word":
                token = _word(said, budget, odd, notes, readable, further)
            elif not (taken := budget.take("-" if kind == "range" else said)):
                token = ""
            elif kind == "quoted":
                token = f"{head}{match['before']}{taken}{match['after']}"
                if signs := _IN_PHRASE.findall(taken):
                    notes.append(f"Read as it stands, inside quotation marks: {_list(signs)}.")
            elif kind == "range":
                token = f"{head}{match['left']}{match['low']} TO {match['high']}{match['right']}"
            else:
                token = f'{head}{match["compared"]}"{taken}"{match["boost"]}'
        if not token:
            break
        if tokens and tokens[-1].lower() == "not" and _NEAR.match(token):
            tokens[-1] = f"NOT {token}"
        else:
            tokens.append(token)
    if odd:
        notes.append(f"Read as plain words: {_list(odd)}.")
    return tokens


# What may be meant as a pattern.
_IN_PHRASE = re.compile(r"\S*(?:\w[*~]|\*\w|\w\?(?=\w)|\w!(?=\s+[^\sA-Z]))\S*|(?<=\w\s)\*(?=\s\w)")
_is_all = re.compile(r"[+-]?(?:\*|(?:(?:date|since|until):)?[\[{]\* to \*[\]}])\Z", re.IGNORECASE).match


def _says(text: str) -> bool:
    return any(map(str.isalnum, text))


def _field(head: str, notes: list[str]) -> str:
    """Return a sign and the name of a field, as it is named in the tree."""
    sign, name = (head[:1], head[1:]) if head[:1] in ("+", "-") else ("", head)
    if match := _FIRST.match(name.removesuffix(":")):
        return f"{sign}first{_bounded(match[1], match[0], 'first{}', notes)}:"
    return head


def _called(token: str, notes: list[str]) -> str:
    """Return what opens a parenthesis."""
    if token.startswith("atleast"):
        return f"atleast{_bounded(token[7:-1], token[:-1], 'atleast{}', notes)}("
    return token


def _bounded(digits: str, said: str, form: str, notes: list[str]) -> int:
    """Return a number from 1 to `MAX_DISTANCE`; a note says if it is another one than was `said`."""
    n = min(max(int(digits), 1), MAX_DISTANCE)
    if n != int(digits):
        notes.append(f"{said[:60]} was read as {form.format(n)}.")
    return n


def _length(match: re.Match[str], notes: list[str]) -> str:
    """Return a limit of length as it is written in a reading; a note says if it is another one than was typed."""
    sign, given = match["sign"], [int(match["n"]), int(match["most"] or match["n"])]
    if sign in (">", "<"):
        given[0] += 1 if sign == ">" else -1
    n, most = (min(max(each, 0), MAX_DISTANCE) for each in given)
    found = f"length{sign[0]}={n}" if sign in (">", ">=", "<", "<=") else f"length:{n}..{most}"
    if n != given[0] or (most != given[1] and ".." in found):
        notes.append(f"{match[0][:60]} was read as {found}.")
    return found


def _word(
    token: str, budget: _Budget, odd: list[str], notes: list[str], readable: re.Pattern[str], further: frozenset[str]
) -> str:
    """Return a word that can be read; nothing if no more may be. `odd` gets those whose signs were not understood."""
    unweighted = _WEIGHT.sub("", token)
    stripped = unweighted.rstrip("?!")
    if "?" in unweighted[len(stripped) :]:  # the end of a question, not a pattern
        token = stripped + token[len(unweighted) :]
    sign = token[0] if token[0] in "+-" else ""
    value = token.lstrip("+-")
    name, colon, rest = value.partition(":")
    field = ""
    if colon and rest and (name.lower() in _PREFIXES or name.lower() in further or _FIRST.match(name)):
        field, value = _field(f"{name.lower()}:", notes), rest
    elif match := _LENGTH.match(value):
        value = _length(match, notes)
        return f"{sign}{value}" if budget.take(value) else ""
    bare = _WEIGHT.sub("", value)
    if bare in INFIX or bare == "NOT":
        return f"{sign}{field}{value.lower()}" if sign or field or value != bare else value
    if not field and _NEAR.match(bare):
        if not sign and value == bare:
            return value
        odd.append(value)
        return f'{sign}"{bare}"{value[len(bare) :]}' if budget.take(bare) else ""
    value = budget.take(value)
    if not value:
        return ""
    good, bare = f"{sign}{field}{value}", _WEIGHT.sub("", value)
    if readable.match(good) and (_says(bare) or bare == "*"):
        return good
    odd.append(f"{field}{value}")
    return f'{sign}"{field}{value}"'


def _balanced(tokens: list[str], deepest: int, notes: list[str], *, typed: bool) -> list[str]:
    """Return the tokens with parentheses in pairs, not too deep, none empty. `typed`: nothing was taken out before."""
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
            if found.pop()[-2:-1].isalnum() or typed:
                notes.append("A parenthesis with nothing in it was ignored.")
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
        elif (match := _NEAR.match(token)) and (n_near := n_near + 1) > MAX_NEAR:
            notes.append(f"Only the first {MAX_NEAR} operators like w/5 were read.")
        elif token in PAIRS and (n_pairs := n_pairs + 1) > MAX_PAIRS:
            notes.append(f"Only the first {MAX_PAIRS} operators like ANDNOT were read.")
        elif _NEAR.match(token) and (following == "NOT" or following[0] == "-"):
            notes.append(f"{token} before NOT was read as AND.")
            found.append("AND")
        elif match:
            found.append(_near(match, notes))
        else:
            found.append(token)
    return found


def is_infix(token: str) -> bool:
    """Return whether a token joins two others."""
    return token in INFIX or _NEAR.match(token) is not None


def _near(match: re.Match[str], notes: list[str]) -> str:
    """Return a proximity operator as it is written in a reading."""
    word = "pre" if (match["word"] or "").lower() in ("pre", "adj") else "w"
    distance = match["distance"].lower()
    if distance.isdigit():
        distance = str(_bounded(distance, match[0], f"{word}/{{}}", notes))
    return f"{'NOT ' if match['apart'] else ''}{word}/{distance}"


def near(token: str) -> tuple[int | Unit, bool, bool] | None:
    """Return distance, order and whether apart of a proximity operator; None if it is none."""
    match = _NEAR.match(token)
    if not match:
        return None
    distance = match["distance"]
    unit: int | Unit = int(distance) if distance.isdigit() else "p" if distance in "pP" else "s"
    return unit, (match["word"] or "").lower() in ("pre", "adj"), bool(match["apart"])
