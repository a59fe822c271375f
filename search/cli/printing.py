"""Text for people: safe for a terminal whatever it says, bold where it matched, wrapped to the width there is."""

import json
import os
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from search.model import LEAD, dated

if TYPE_CHECKING:
    from search.model import Explanation, Hit, Member, Passage, Span

_HARMLESS = {code: chr(0x2400 + code) for code in range(32)} | {0x7F: "\u2421"}
_HARMLESS |= dict.fromkeys((*range(0x80, 0xA0), *range(0x2028, 0x202F), *range(0x2066, 0x2070)), "\ufffd")
# Notes between lines, and tags that nobody sees. The marks U+200E, U+200F and U+061C stay, and joiners: Hebrew, Arabic
# and scripts of India are not rightly read without them, and they move nothing but the signs beside them.
_HARMLESS |= dict.fromkeys((*range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080)), "\ufffd")
_HARMLESS |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
_BAR = 8
_LEAST = 20  # characters of the beginning of a text, however narrow the terminal
_VALUES = 20  # of a field that are named
_ZONES = {
    "subheading": "a heading",
    "caption": "a caption",
    "reference": "a cross-reference",
    "source": "the source line",
    "author": "the author line",
}
_FEW = 5  # other articles of a story that are named


def plain(text: str, *, lines: bool = False) -> str:
    """Return text that can do nothing to a terminal: control characters shown as signs. `lines`: line ends stay."""
    if text.isprintable():
        return text
    if lines:
        return "\n".join(plain(line) for line in text.replace("\r\n", "\n").replace("\t", "    ").split("\n"))
    return text.translate(_HARMLESS)


def amount(n: int, one: str, several: str = "") -> str:
    """Return a number of things, as `1 story` or `2 stories`; `several` is by default the one with an `s`."""
    return f"{n:,} {one if n == 1 else several or f'{one}s'}"


def first_of(told: "Sequence[str]", n: int) -> str:
    """Return the first `n` of some things, with commas between, and how many more there are."""
    more = [f"{len(told) - n:,} more"] if len(told) > n else []
    return ", ".join([*told[:n], *more])


def place(article: str, path: str | None, line: int | None) -> str:
    """Return where something stands: its file and line, or its file and the id of its record."""
    if path in (None, article):
        return article if path is None or line is None else f"{article}:{line}"
    return f"{path} · {article}"


def asked(reading: str) -> str:
    """Return what was asked for, as it is said behind a number of things; empty if filters alone were given."""
    return f" for {plain(reading)}" if reading else ""


def is_terminal() -> bool:
    """Return whether standard output is a terminal that may be coloured."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def styled(text: str, style: str) -> str:
    """Return text in a style (`1` bold, `2` faint, `3` italic), if standard output is a terminal."""
    return f"\x1b[{style}m{text}\x1b[0m" if text and style and is_terminal() else text


def marked(text: str, spans: "Sequence[Span]", start: int = 0) -> list[tuple[str, bool]]:
    """Return the stretches of a text, and whether each is highlighted. `spans` count from `start` characters before."""
    parts = []
    at = 0
    for begin, end in spans:
        parts += [(text[at : begin - start], False), (text[begin - start : end - start], True)]
        at = end - start
    return [part for part in [*parts, (text[at:], False)] if part[0]]


def width() -> int:
    """Return how many columns there are."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 80


def _room(scored: str) -> int:
    """Return how many characters of the beginning of a text there is room for behind a rank and a score."""
    return max(_LEAST, min(LEAD, width() - len(f"99  {scored}… ")))


def wrapped(text: str, indent: str) -> str:
    """Return text wrapped to the width of the terminal."""
    return _wrapped([(text, False)], indent)


def _wrapped(parts: list[tuple[str, bool]], indent: str) -> str:
    """Return marked text wrapped to the width of the terminal (80 in a pipe), highlights bold."""
    words: list[str] = []
    glued = False
    for text, is_marked in parts:
        pieces = plain(" ".join(text.split()))
        leading, trailing = text[:1].isspace(), text[-1:].isspace()
        for at, word in enumerate(pieces.split(" ") if pieces else []):
            if at == 0 and glued and not leading:
                words[-1] += f"\0{word}" if is_marked else f"\1{word}"
            else:
                words.append(f"\0{word}" if is_marked else word)
        glued = bool(words) and not trailing and (bool(pieces) or (glued and not leading))
    lines = textwrap.wrap(
        " ".join(words), max(width(), 30), initial_indent=indent, subsequent_indent=indent, break_long_words=False
    )
    return "\n".join(_bold(line) for line in lines)


def _bold(line: str) -> str:
    """Return a line with what stands behind a NUL, up to a blank or the next sign, in bold."""
    found = []
    for word in line.split(" "):
        stretches = word.replace("\1", "\0\1").split("\0")
        found.append(stretches[0] + "".join(s[1:] if s[:1] == "\1" else styled(s, "1") for s in stretches[1:]))
    return " ".join(found)


def print_hit(rank: int, hit: "Hit", best: float, *, why: bool = False) -> None:
    """Print one hit: rank, bar, score and title; date, source and place; passages; `why`: what the score is made of."""
    scored = ""  # where filters alone select, nothing is
    if best > 0:
        filled = round(_BAR * hit.score / best)
        scored = f"{'█' * filled}{'░' * (_BAR - filled)} {hit.score:.3f}  "
    if hit.title:
        head = _wrapped(marked(hit.title, hit.title_highlights), "").replace("\n", " ")
    else:
        lead = textwrap.shorten(hit.lead, _room(scored), placeholder=" …")
        head = styled(f"… {plain(lead)}", "3") if lead else "(no text)"
    print(f"{rank:>2}  {scored}{head}")
    about = [
        dated(hit.date, hit.date_source),
        hit.source or "",
        place(hit.id, hit.path, hit.passages[0].line if hit.passages else None),
    ]
    print(styled(f"    {plain(' · '.join(filter(None, about)))}", "2"))
    for passage in hit.passages:
        print_passage(passage, "    ")
    if hit.elsewhere:
        print(styled(f"    matches in {' and '.join(_ZONES.get(kind, f'the {kind}') for kind in hit.elsewhere)}", "2"))
    if hit.story.members:
        print(styled(_others(hit.story.members, hit.source), "2"))
    if why:
        _print_explanation(hit.explain(), "    ")
    print()


def print_passage(passage: "Passage", indent: str) -> None:
    """Print a passage with what is highlighted in bold."""
    print(_wrapped(marked(passage.text, passage.highlights, passage.start), indent))


def _others(members: "Sequence[Member]", source: str | None) -> str:
    """Return what is said of the other articles of a story."""
    sources = {member.source for member in members} | {source}
    kind = "outlet" if None not in sources and len(sources) > len(members) else "article"
    told = [f"{plain((kind == 'outlet' and member.source) or member.id)} ({how(member)})" for member in members]
    kinds = kind if len(members) == 1 else f"{kind}s"
    return textwrap.fill(
        f"+ {len(members)} {kinds}: {first_of(told, _FEW)}",
        max(width(), 30),
        initial_indent="    ",
        subsequent_indent="      ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def print_facets(facets: "Mapping[str, Mapping[str, int]]") -> None:
    """Print how many articles have which value of each field: the most first, on a line as long as there is room."""
    for field, counted in facets.items():
        told = [f"{plain(value)} {n:,}" for value, n in counted.items()]
        line = first_of(told, _VALUES) or "none is known"
        indent = " " * (len(field) + 2)
        print(
            textwrap.fill(f"{plain(field)}: {line}", max(width(), 30), subsequent_indent=indent, break_on_hyphens=False)
        )
    print()


def facets_json(facets: "Mapping[str, Mapping[str, int]]") -> dict[str, list[dict[str, str | int]]]:
    """Return the same as the JSON of `find` has it, whole."""
    return {
        field: [{"value": value, "articles": n} for value, n in counted.items()] for field, counted in facets.items()
    }


def how(member: "Member") -> str:
    """Return how an article relates to the one it is listed under."""
    return f"{member.relation}, {member.shared:.0%}" if member.shared else member.relation


def _print_explanation(explanation: "Explanation", indent: str) -> None:
    """Print a value, the numbers it comes from, and its parts below."""
    label, value, parts, detail = explanation
    numbers = ", ".join(
        f"{name.replace('_', ' ')} {number:g}" if isinstance(number, float) else f"{name.replace('_', ' ')} {number}"
        for name, number in detail.items()
    )
    print(f"{indent}{value:8.4f}  {plain(label)}  {styled(numbers and f'({numbers})', '2')}".rstrip())
    for part in parts:
        _print_explanation(part, indent + "    ")


def hit_json(hit: "Hit", *, why: bool = False) -> dict[str, Any]:
    """Return a hit as the JSON of `find` has it. `why`: with what its score is made of."""
    found: dict[str, Any] = {
        "id": hit.id,
        "path": hit.path,
        "title": hit.title,
        "title_highlights": hit.title_highlights,
        "lead": hit.lead,
        "date": hit.date,
        "date_source": hit.date_source,
        "source": hit.source,
        "score": hit.score,
        "passages": [passage_json(passage) for passage in hit.passages],
        "story": {"size": hit.story.size, "members": [member._asdict() for member in hit.story.members]},
        "author": hit.author,
        "url": hit.url,
        "meta": hit.meta,
        "elsewhere": hit.elsewhere,
    }
    if why:
        found["why"] = explanation_json(hit.explain())
    return found


def explanation_json(explanation: "Explanation") -> dict[str, Any]:
    """Return what a score is made of as all JSON has it."""
    label, value, parts, detail = explanation
    return {"label": label, "value": value, "parts": list(map(explanation_json, parts)), "detail": dict(detail)}


def passage_json(passage: "Passage") -> dict[str, Any]:
    """Return a passage as all JSON has it; whose it is says what stands around it."""
    return {name: value for name, value in passage._asdict().items() if name != "id"}


def print_json(value: object) -> None:
    """Print one JSON document."""
    print(json.dumps(value, ensure_ascii=sys.stdout.isatty(), indent=2))
