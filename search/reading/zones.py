"""The zones of plain text: what is headline, summary, caption, cross-reference …, and what is body.

    date        Published: 14 March 2019
    title       Ferry Operator Ordered to Halt Night Crossings
    deck        Inspectors found cracked davits on three of five vessels
    author      By Marta Quillon
    dateline    PORT QUILL (NNA) -                      the rest of the line is body
    body        The ferry operator was told on Thursday …
    caption     The ferry at its berth. (Photo: Jon Harrow)
    reference   READ MORE: Why the ferries are older than their captains
    subheading  Passengers stranded
    source      Source: NNA and agencies

A paragraph is judged by its words (`cues`), and by its shape and its neighbours (`judging`). Where that is not enough
it is body: a caption shown as a passage does less harm than a sentence that nobody finds.
"""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from search.model import Zone, ZoneKind
from search.reading import lines
from search.reading.cues import stated_author, stated_source
from search.reading.datelines import cut_off, has_speaker, stated_date
from search.reading.judging import judge
from search.reading.layout import paragraphs

N_SPEAKERS = 4  # paragraphs of an interview in which someone speaks
_zone = partial(tuple.__new__, Zone)  # half the time of Zone(…), and there is one for each paragraph


class Stated(NamedTuple):
    """What the zones of a text say about the article."""

    title: str | None = None
    date: str | None = None
    source: str | None = None
    author: str | None = None


def find_zones(text: str, *, title: str | None = None) -> tuple[Zone, ...]:
    """Return the zones of a text: every character that is no white space is in exactly one.

    One paragraph is one zone, except where a date or a dateline stands before its first sentence.

    Args:
        text: Of an article, from its beginning.
        title: If the headline is known; the text then has a title only where it repeats it.

    Raises:
        ValueError: There are so many lines or characters that it is no article.
    """
    spans = paragraphs(text)
    texts = [text[start:end] for start, end in spans]
    kinds = judge(texts, title)
    cuts = _cuts(texts, kinds)
    last = next((i for i in range(len(kinds) - 1, -1, -1) if kinds[i] == "body"), -1)
    signed = lines.signed(texts[last]) if last >= 0 else 0
    signs = last >= 0 and signed < len(texts[last])
    if not cuts and not signs:
        return tuple(map(_zone, ((kind, start, end) for kind, (start, end) in zip(kinds, spans, strict=True))))
    zones = []
    for i, (kind, (start, end)) in enumerate(zip(kinds, spans, strict=True)):
        for cut_kind, length in cuts.get(i, ()):
            zones.append(Zone(cut_kind, start, start + len(text[start : start + length].rstrip())))
            start += length
        if i == last and signs and spans[i][0] + signed > start:  # (Reporting by …), behind the last sentence
            begin = spans[i][0] + signed
            zones.append(Zone(kind, start, begin))
            start, kind = begin + len(text[begin:end]) - len(text[begin:end].lstrip()), "author"
        zones.append(Zone(kind, start, end))
    return tuple(zones)


def _cuts(texts: Sequence[str], kinds: Sequence[ZoneKind]) -> dict[int, list[tuple[ZoneKind, int]]]:
    """Return what to cut off before the first sentence of which paragraphs: dates and datelines, with their lengths."""
    bodies = [i for i, kind in enumerate(kinds) if kind == "body"]
    if not bodies:
        return {}
    first = bodies[0]
    speakers = any(has_speaker(texts[i]) for i in bodies[1:N_SPEAKERS])
    found = {first: cut_off(texts[first], speakers=speakers)}
    for i in bodies[1:]:
        if texts[i][:2].isupper():  # KABUL (Reuters) -
            found[i] = cut_off(texts[i], first=False)
    return {i: cut for i, cut in found.items() if cut}


def stated(text: str, zones: Sequence[Zone]) -> Stated:
    """Return what the zones of a text state: its title, its full date, and the names after `Source:` and `By`."""
    parts: dict[ZoneKind, list[str]] = {}
    for kind, start, end in zones:
        if kind != "body" and kind != "subheading":
            parts.setdefault(kind, []).append(text[start:end])
    if not parts:
        return Stated()
    title = parts.get("title")
    return Stated(
        title=" ".join(title[0].lstrip("# ").split()) or None if title else None,
        date=next(filter(None, map(stated_date, parts.get("date", []) + parts.get("dateline", [])[:1])), None),
        source=next(filter(None, map(stated_source, parts.get("source", []))), None),
        author=next(filter(None, map(stated_author, parts.get("author", []))), None),
    )
