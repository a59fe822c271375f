"""Where the paragraphs of a text are.

A newline ends a paragraph unless the text is hard-wrapped: then a line ends because the next word did not fit, and
paragraphs are told apart by blank lines, by indentation, by list marks, or by a line that ends early with a full stop
that is not one of initials, and is followed by no small letter.
"""

import re
from functools import lru_cache
from itertools import pairwise

from search.model import Span

MAX_CHARACTERS = 4 << 20  # of an article; indexing the worst one takes two hundred times as many bytes
MAX_LINES = 250_000  # of an article; a paragraph takes half a kilobyte
MAX_WIDTH = 100  # characters of a line of hard-wrapped text
MIN_WIDTH = 40
MAX_LONG_LINES = 0.03  # share of lines over MAX_WIDTH in a hard-wrapped text: addresses, rows of a table
MIN_FULL = 0.7  # share of line ends at which the next word did not fit
MIN_GOING_ON = 0.4  # share of line ends after which a sentence goes on with a small letter
MAX_STOPS = 0.5  # share of line ends that are the end of a sentence
EARLY = 0.75  # of the width; a line that ends a sentence before it ends a paragraph
N_CAPITALS = 12  # lines; of a text in capitals all are
N_JUDGED = 60  # lines; whether a text is wrapped shows at its beginning

# Beside \n: what else ends a line. One character each, so that each can be looked for at memory speed.
_OTHER_BREAKS = "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_LINE = re.compile(r"\S(?:.*\S)?")
_CLOSING = ".!?…\"'”’)"
_EARLY_STOP = re.compile(r"[.!?…][\"'”’»)\]]*[ \t]*\n")
_GOES_ON = re.compile(r"[ \t]*[a-z]")
_INITIALS = re.compile(r"\b(?:[A-Za-z]\.){2,}\Z")  # such as U.S.
MARK = r"(?:[-*•–—▪◦►→»]|\d{1,3}[.)])[ \t]"


def paragraphs(text: str) -> list[Span]:
    """Return the spans of the paragraphs of `text`, in order, without white space at their ends.

    All that is in no paragraph is white space.

    Raises:
        ValueError: There are so many lines or characters that it is no article.
    """
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"is longer than {MAX_CHARACTERS >> 20} million characters: split it into articles")
    for char in _OTHER_BREAKS:
        if char in text:
            text = text.replace("\r\n", " \n").replace(char, "\n")  # offsets stay as they are
    if text.count("\n") > MAX_LINES:
        raise ValueError(f"has more than {MAX_LINES:,} lines: split it into articles")
    lines = text.split("\n", N_JUDGED)
    if len(lines) > 1 and (width := _wrap_width(lines[:N_JUDGED])):
        return _wrapped(text, lines[:N_JUDGED], width)
    return [match.span() for match in _LINE.finditer(text)]


def _wrap_width(lines: list[str]) -> int:
    """Return the width to which `lines` are wrapped, or 0 if they are not."""
    width = max(map(len, lines))
    if width > MAX_WIDTH:
        sizes = sorted(map(len, lines))
        width = sizes[int((1 - MAX_LONG_LINES) * (len(lines) - 1))]
    if not MIN_WIDTH <= width <= MAX_WIDTH:
        return 0
    # A line may go on in the next if that is neither blank nor indented; unless all are indented.
    pairs = [(line, after) for line, after in pairwise(lines) if line and after and not after[0].isspace()]
    if not pairs:
        pairs = [(line, after.strip()) for line, after in pairwise(lines) if line.strip() and after.strip()]
    if not pairs:
        return 0
    began = False
    if len(pairs) > 2:
        # The first line is shorter where a dateline was taken off, but its sentence may go on.
        began = _goes_on(*pairs[0])
        pairs = pairs[1:]
    n_full = n_stops = n_going_on = 0
    for line, after in pairs:
        word = after.find(" ")
        n_full += len(line) + (word if word >= 0 else len(after)) >= width
        n_stops += line[-1] in ".!?:;…"
        n_going_on += _goes_on(line, after)
    if n_stops > MAX_STOPS * len(pairs):
        return 0
    # Few line ends may be full by chance; that a sentence goes on in small letters is no chance.
    if n_going_on == 0 and "" in lines and all(map(str.isupper, filter(None, lines[:N_CAPITALS]))):
        n_going_on = len(pairs) - n_stops  # in capitals nothing else shows it
    goes_on = n_going_on + began >= MIN_GOING_ON * (len(pairs) + began)
    is_wrapped = goes_on or (len(pairs) > 3 and n_full >= MIN_FULL * len(pairs))
    return width if is_wrapped else 0


def _goes_on(line: str, after: str) -> bool:
    """Return whether a sentence goes on in the line after, in a small letter."""
    return after[0].islower() and line[-1] not in ".!?:;…"


def _wrapped(text: str, lines: list[str], width: int) -> list[Span]:
    margin = 0
    if all(line[:1] in ("", " ", "\t") for line in lines):
        margin = min(len(line) - len(line.lstrip()) for line in lines if line and not line.isspace())
    spans = []
    at = 0
    for block in _block_end(margin).split(text):
        start = at + len(block) - len(block.lstrip())
        at += len(block) + 1
        if block := block.strip():
            if "\n" in block:
                spans += _parts(block, start, width)
            else:
                spans.append((start, start + len(block)))
    return spans


def _parts(block: str, start: int, width: int) -> list[Span]:
    """Return the spans of the paragraphs of lines that hang together; `start` is where the block stands in the text."""
    spans = []
    begin = 0
    for stop in _EARLY_STOP.finditer(block):
        end = stop.end()
        line_start = block.rfind("\n", 0, stop.start()) + 1
        if _GOES_ON.match(block, end) or _INITIALS.search(block, line_start, stop.start() + 1):
            continue
        blank = block.find(" ", end, end + width)
        word = (blank if blank >= 0 else min(len(block), end + width)) - end
        if end - line_start + word <= EARLY * width:
            spans.append((start + begin, start + begin + len(block[begin:end].rstrip())))
            begin = end + len(block[end : end + width]) - len(block[end : end + width].lstrip())
    if block[-1] in _CLOSING:
        spans.append((start + begin, start + len(block)))
    else:
        spans += _headings(block[begin:], start + begin, width)
    return spans


def _headings(block: str, start: int, width: int) -> list[Span]:
    """Return the span of each line if they are headings (no sentence, and each stops early), else that of the block."""
    lines = block.split("\n")
    if len(lines) == 1 or any(
        len(line) + len(after.split(None, 1)[0]) > EARLY * width or after.lstrip()[0].islower()
        for line, after in pairwise(lines)
    ):
        return [(start, start + len(block))]
    return [(start + match.start(), start + match.end()) for match in _LINE.finditer(block)]


@lru_cache
def _block_end(margin: int) -> re.Pattern[str]:
    """Match newlines before a line that is blank, indented by more than `margin` characters, or an item of a list."""
    return re.compile(rf"\n(?![ \t]{{{margin}}}(?!{MARK})\S)")
