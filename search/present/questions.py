"""What a query asks for, if it is an English question, and whether a sentence has such a thing.

A sentence with a number answers `how many …` sooner than one without. The words of the query say nothing of that, so
this is added to how many of them a sentence has. `passages.py` says what it brings.
"""

import re
from collections.abc import Callable

from search.query.analyse import is_function_word

Answers = Callable[[str, int], float]  # how well a stretch of a text answers, given where it begins

_MONTH = "january|february|march|april|may|june|july|august|september|october|november|december"
_NUMBER = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|hundred|thousand|million|billion"
    "|dozen|half|percent"
)
_NAME = re.compile(r"(?<=[a-z,;\"'(] )[\"'(]?[A-Z][a-z]+")
_MANY_NAMES = 4
_ASKED = re.compile(r"\b(?:wh|how|mean|defin|population)")  # one of these words begins what any question has


def _has(pattern: str, worth: float, flags: re.RegexFlag = re.IGNORECASE) -> Answers:
    found = re.compile(pattern, flags).search
    return lambda sentence, _: worth if found(sentence) else 0.0


def _names(sentence: str, _: int) -> float:
    return 0.35 * min(_MANY_NAMES, len(_NAME.findall(sentence))) / _MANY_NAMES


_KINDS: tuple[tuple[re.Pattern[str], Answers], ...] = (
    (re.compile(r"\b(?:who|whom|whose)\b"), _names),
    (
        re.compile(r"\bwhen\b|\bwhat (?:year|date|day|month|time)\b|\bhow old\b"),
        _has(rf"\b(?:1\d{{3}}|20\d\d|{_MONTH})\b", 0.5),
    ),
    (
        re.compile(
            r"\bhow (?:many|much|long|tall|far|big|large|high|fast|deep|often)\b"
            r"|\bwhat (?:number|percent|population|age)\b|\bpopulation\b"
        ),
        _has(rf"\d|\b(?:{_NUMBER})\b", 0.5),
    ),
    (
        re.compile(r"\bwhere\b|\bwhat (?:country|city|state|county|continent|region|part|town)\b"),
        _has(r"\b(?:in|at|near|on|of|from)\s+(?:the\s+)?[A-Z]", 0.35, re.NOFLAG),
    ),
    (
        re.compile(r"\A\s*what\s+(?:is|are|does|do|was|were)\b|\b(?:mean|define|definition)\b"),
        _has(r"\b(?:is|are|was|were|refers to|means) (?:an?|the|one|any)\b", 0.2),
    ),
)


_SAYS = re.compile(r"\b(?:say|said|says|tell|told)\b")
_SPEAKERS = (
    re.compile(r"\bwhat\s+(?:did|does|do|has|have|had)\s+((?:\S+\s+){1,4}?)(?:say|said|tell|told)\b"),
    re.compile(r"\A(?!(?:what|who|which|he|she|it|they|how|why|when|where)\b)((?:\S+\s+){1,3}?)(?:said|says|told)\b"),
)


def asked_speaker(query: str, language: str) -> str | None:
    """Return whose words an English query asks for: `what did Kirby say of`, `kirby said`; None if nobody's."""
    folded = query.lower()
    if language != "english" or not _SAYS.search(folded):
        return None
    found = next((match for pattern in _SPEAKERS if (match := pattern.search(folded))), None)
    named = [word for word in found[1].split() if not is_function_word(word, language)] if found else []
    return " ".join(named) or None


def answering(query: str, language: str) -> Answers | None:
    """Return what says how well a sentence has what a query asks for, in [0, .5]; None if it asks for nothing known."""
    folded = query.lower()
    if language != "english" or not _ASKED.search(folded):
        return None
    return next((answers for asked, answers in _KINDS if asked.search(folded)), None)
