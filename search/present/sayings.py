"""Which sentences of an article are somebody's words: in quotation marks or not."""

from search.claims.quotations import quotations
from search.claims.speakers import attributed
from search.engine.record import Units
from search.present.questions import Answers
from search.text.stream import SHOWN

WORTH = 0.5  # of a sentence that somebody says who is asked for, beside the share of the query in it


def sayings(text: str, units: Units, speaker: str) -> Answers:
    """Return what tells how well a sentence answers the question what somebody said.

    Args:
        text: Of the article.
        units: Its zones and sentences.
        speaker: Words that all stand in the speaker's name, in small letters.
    """
    wanted = set(speaker.split())
    zones: dict[int, tuple[int, int]] = {}
    for at, (end, kind, zone) in enumerate(zip(*units, strict=True)):
        if kind in SHOWN:
            zones[zone] = zones.get(zone, (units.start(at), end))[0], end
    own = [each for each in quotations(text, list(zones.values())) if wanted <= _words(each.name)]
    parts = [part for each in own for part in each.parts]

    def answers(sentence: str, start: int) -> float:
        end = start + len(sentence)
        if any(first < end and start < last for first, last in parts):
            return WORTH
        low = sentence.lower()
        if not all(word in low for word in wanted):  # looking for who speaks takes far longer
            return 0.0
        said = any(wanted <= _words(sentence[who.start : who.end]) for who in attributed(sentence))
        return WORTH if said else 0.0

    return answers


def _words(name: str) -> set[str]:
    return set(name.lower().split())
