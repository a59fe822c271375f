"""A timeline as a picture: SVG that needs nothing else, readable on light and on dark ground.

title, and below it what was asked and how much was found
bars, articles pale and the stories among them full, labels over the peaks
the axis, as many dates under it as there is room for
"""

import re
from xml.sax.saxutils import escape

from search.reports import Bucket, Timeline

WIDTH, HEIGHT = 960, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 24, 108, 44
_LETTER = 6.4  # width of a letter of a label, about
_ROW = 15  # height of a line of labels
_ROWS = 3  # of labels, so that neighbours need not be left out
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_STYLE = """
  text { font: 12px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #52514e }
  .label { paint-order: stroke; stroke: #fcfcfb; stroke-width: 4px }
  .ground { fill: #fcfcfb } .title { font-size: 17px; font-weight: 600; fill: #0b0b0b } .label { fill: #0b0b0b }
  .articles { fill: #9ec5f4 } .stories { fill: #2a78d6 } .grid { stroke: #e1e0d9 } .axis { stroke: #898781 }
  .lead { stroke: #c3c2b7 }
  @media (prefers-color-scheme: dark) {
    text { fill: #c3c2b7 } .ground { fill: #1a1a19 } .title, .label { fill: #ffffff } .label { stroke: #1a1a19 }
    .articles { fill: #184f95 } .stories { fill: #3987e5 } .grid { stroke: #2c2c2a } .axis { stroke: #898781 }
    .lead { stroke: #52514e }
  }
"""


def svg(timeline: Timeline) -> str:
    """Return a timeline as the text of an SVG file."""
    buckets = timeline.buckets
    n_articles = sum(bucket.articles for bucket in buckets)
    told = [f"{n_articles:,} {'article' if n_articles == 1 else 'articles'} by {timeline.unit}"]
    if timeline.unknown:
        told.append(f"{timeline.unknown:,} more of unknown {timeline.unit}")
    title = timeline.query.strip() or "All articles"
    title = title if len(title) <= 90 else f"{title[:89]}…"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t">',
        f'<title id="t">{_text(f"{title}: {told[0]}")}</title>',
        f"<style>{_STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}" rx="6"/>',
        f'<text class="title" x="{_LEFT - 32}" y="32">{_text(title)}</text>',
        f'<text x="{_LEFT - 32}" y="51">{_text(" · ".join(told))}</text>',
        *_legend(buckets),
        *_plot(buckets, timeline.unit),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _text(text: str) -> str:
    """Return text as it stands in a file of XML, without what none may have."""
    return escape(_NO_XML.sub("\ufffd", " ".join(text.split())))


def _legend(buckets: tuple[Bucket, ...]) -> list[str]:
    """Return what the shades mean, if there are two."""
    if all(bucket.articles == bucket.stories for bucket in buckets):
        return []
    x = WIDTH - _RIGHT - 150
    return [
        f'<rect class="stories" x="{x}" y="22" width="11" height="11" rx="2"/><text x="{x + 16}" y="32">stories</text>',
        f'<rect class="articles" x="{x + 72}" y="22" width="11" height="11" rx="2"/>',
        f'<text x="{x + 88}" y="32">articles</text>',
    ]


def _plot(buckets: tuple[Bucket, ...], unit: str) -> list[str]:
    """Return grid, bars, labels and axis."""
    base = HEIGHT - _BOTTOM
    axis = f'<line class="axis" x1="{_LEFT}" y1="{base}" x2="{WIDTH - _RIGHT}" y2="{base}"/>'
    if not any(bucket.articles for bucket in buckets):
        middle = f'<text x="{WIDTH / 2}" y="{(base + _TOP) / 2}" text-anchor="middle">nothing found</text>'
        return [middle, axis]
    step = _step(max(bucket.articles for bucket in buckets))
    top = -(-max(bucket.articles for bucket in buckets) // step) * step
    scale = (base - _TOP) / top
    found = []
    for n in range(0, top + 1, step):
        y = base - n * scale
        if n:
            found.append(f'<line class="grid" x1="{_LEFT}" y1="{y:.1f}" x2="{WIDTH - _RIGHT}" y2="{y:.1f}"/>')
        found.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{n:,}</text>')
    each = (WIDTH - _LEFT - _RIGHT) / len(buckets)
    width = min(max(each - 2, each * 0.8), 48)
    for at, bucket in enumerate(buckets):
        if bucket.articles:
            x = _LEFT + at * each + (each - width) / 2
            articles = f"{bucket.articles:,} {'article' if bucket.articles == 1 else 'articles'}"
            stories = f"{bucket.stories:,} {'story' if bucket.stories == 1 else 'stories'}"
            said = f"{_shown(bucket.start, unit)}: {articles}, {stories}"
            said += f" ({', '.join(bucket.words)})" if bucket.words else ""
            found.append(
                f"<g><title>{_text(said)}</title>{_bar('articles', x, base, width, bucket.articles * scale)}"
                f"{_bar('stories', x, base, width, bucket.stories * scale)}</g>"
            )
    return [*found, *_labels(buckets, each, base, scale), axis, *_dates(buckets, unit, each, base)]


def _bar(kind: str, x: float, base: float, width: float, height: float) -> str:
    """Return a bar with its upper corners rounded."""
    round_by = min(3.0, width / 2, height)
    return (
        f'<path class="{kind}" d="M{x:.1f} {base}v{-(height - round_by):.1f}q0 {-round_by:.1f} {round_by:.1f} '
        f"{-round_by:.1f}h{width - 2 * round_by:.1f}q{round_by:.1f} 0 {round_by:.1f} {round_by:.1f}"
        f'v{height - round_by:.1f}z"/>'
    )


def _labels(buckets: tuple[Bucket, ...], each: float, base: float, scale: float) -> list[str]:
    """Return the words of the peaks, the highest first, above the bars; one that would cover another is left out."""
    taken: list[tuple[float, float, float]] = []  # left, right, height
    leads, found = [], []
    for at in sorted(range(len(buckets)), key=lambda at: -buckets[at].articles):
        words = ", ".join(buckets[at].words)
        if not words:
            continue
        words = words if len(words) <= 44 else f"{words[:43]}…"
        half = len(words) * _LETTER / 2
        x = _LEFT + (at + 0.5) * each
        middle = min(max(x, _LEFT + half), WIDTH - _RIGHT - half)
        top = base - buckets[at].articles * scale
        left, right = middle - half - 6, middle + half + 6
        inside = range(max(0, int((left - _LEFT) / each)), min(len(buckets), int((right - _LEFT) / each) + 1))
        clear = base - max(buckets[near].articles for near in inside) * scale - 8
        for row in range(_ROWS + 1):
            y = clear - row * _ROW
            if y > 66 and all(right < a or b < left or abs(y - other) >= _ROW for a, b, other in taken):
                taken.append((left, right, y))
                if top - y > _ROW:
                    leads.append(f'<line class="lead" x1="{x:.1f}" y1="{y + 3:.1f}" x2="{x:.1f}" y2="{top - 2:.1f}"/>')
                found.append(
                    f'<text class="label" x="{middle:.1f}" y="{y:.1f}" text-anchor="middle">{_text(words)}</text>'
                )
                break
    return leads + found


def _step(most: int) -> int:
    """Return the distance of the lines of a grid of at most five: 1, 2 or 5 and noughts."""
    step = 1
    while most > 5 * step:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return step


def _dates(buckets: tuple[Bucket, ...], unit: str, each: float, base: float) -> list[str]:
    """Return ticks and dates under the axis."""
    every = -(-86 // each)
    every = next((n for n in (1, 2, 3, 4, 6, 7, 12, 14, 24, 28) if n >= every), int(every))
    found = []
    for at in range(0, len(buckets), int(every)):
        x = _LEFT + (at + 0.5) * each
        found.append(f'<line class="axis" x1="{x:.1f}" y1="{base}" x2="{x:.1f}" y2="{base + 4}"/>')
        shown = _shown(buckets[at].start, unit)
        found.append(f'<text x="{x:.1f}" y="{base + 19}" text-anchor="middle">{shown}</text>')
    return found


def _shown(start: str, unit: str) -> str:
    """Return a date as people write it."""
    year, month, day = [*start.split("-"), "", ""][:3]
    if unit == "year":
        return year
    name = _MONTHS[int(month) - 1]
    return f"{name} {year}" if unit == "month" else f"{int(day)} {name} {year}"
