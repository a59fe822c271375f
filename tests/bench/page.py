"""The page about speed: `README.md` beside this file, with a table and a plot of each run that is named.

python tests/bench/page.py tests/bench/runs/RUN.json ...
"""

import json
import math
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
COLOURS = {"tantivy": "#b35806", "fts5": "#2166ac", "whoosh": "#4d9221", "bm25s": "#762a83"}
WIDTH, ROW, LEFT, TOP = 760, 22, 130, 46
LEAST, MOST = 0.05, 200.0  # ends of the axis

INTRODUCTION = """# Speed

How fast this package indexes and answers, beside other engines in the same run on the same machine: what is compared,
and where the comparison is not fair, stands in `compare.py`. A number above 1 says how many times as long the other
engine takes; below 1 it is faster. This page is made from kept runs by `page.py`.
"""


def main() -> None:
    """Write the page."""
    parts = [INTRODUCTION]
    for path in map(Path, sys.argv[1:]):
        run = json.loads(path.read_text("utf-8"))
        svg = path.with_suffix(".svg")
        svg.write_text(plot(run), encoding="utf-8")
        parts.append(section(run, f"{svg.parent.name}/{svg.name}"))
    (HERE / "README.md").write_text("\n".join(parts), encoding="utf-8")


def section(run: dict[str, Any], image: str) -> str:
    """Return what the page says about one run."""
    peers = [name for name in run["build"] if name != "search"]
    versions = ", ".join(f"{name} {version}" for name, version in run["versions"].items() if version)
    lines = [
        f"## {run['corpus']}{', from a cold page cache' if run['cold'] else ''}",
        "",
        (
            f"{run['articles']:,} articles, {run['text_bytes'] / 1e6:.1f} MB of text; {run['machine']}; {versions}; "
            f"{run['date'][:10]}, commit {run['commit']}."
        ),
        "",
        f"![Times of other engines divided by those of this package]({image})",
        "",
        f"| | search | {' | '.join(peers)} |",
        f"|---|{'---|' * (len(peers) + 1)}",
    ]
    own = run["build"]["search"]
    jobs = f" ({run['jobs']} processes)" if run["jobs"] > 1 else ""
    lines.append(
        f"| indexing, MB/s | {own['mb_per_s']:.2f}{jobs} | "
        + " | ".join(f"{run['build'][p]['mb_per_s']:.2f}" for p in peers)
        + " |"
    )
    lines.append(
        f"| index, × text | {own['size']:.3f} | " + " | ".join(f"{run['build'][p]['size']:.3f}" for p in peers) + " |"
    )
    for kind, row in run["queries"].items():
        ours = row["search"]
        cells = [
            f"{row[p]['p50_ms'] / ours['p50_ms']:.2f} ({row[p]['p99_ms'] / ours['p99_ms']:.2f})" if p in row else ""
            for p in peers
        ]
        lines.append(f"| {kind} | {ours['p50_ms']:.2f} ms ({ours['p99_ms']:.2f}) | {' | '.join(cells)} |")
    lines += ["", "Medians, in parentheses 99th percentiles; of the others, their time divided by that of search."]
    if "first_ms" in run:
        slowest = ", ".join(f"{name} {ms:.0f} ms" for name, ms in run["first_ms"].items())
        lines.append(f"Not among them is the first query of each kind, which loads what it needs: {slowest} at most.")
    lines.append("")
    return "\n".join(lines)


def plot(run: dict[str, Any]) -> str:
    """Return a drawing of the ratios of medians, one row a kind of query, on a logarithmic axis."""
    peers = [name for name in run["build"] if name != "search"]
    height = TOP + ROW * len(run["queries"]) + 30

    def x(ratio: float) -> float:
        share = math.log(min(max(ratio, LEAST), MOST) / LEAST) / math.log(MOST / LEAST)
        return LEFT + share * (WIDTH - LEFT - 20)

    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
            f'font-size="12">'
        ),
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
    ]
    for tick in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100):
        shade = "#444" if tick == 1 else "#ddd"
        parts.append(f'<path d="M{x(tick):.1f} {TOP - 8}V{height - 28}" stroke="{shade}"/>')
        parts.append(f'<text x="{x(tick):.1f}" y="{height - 12}" text-anchor="middle" fill="#444">{tick:g}</text>')
    for at, peer in enumerate(peers):
        colour = COLOURS.get(peer, "#000")
        parts.append(f'<circle cx="{LEFT + 8 + 110 * at}" cy="16" r="5" fill="{colour}"/>')
        parts.append(f'<text x="{LEFT + 18 + 110 * at}" y="20">{peer}</text>')
    for number, (kind, row) in enumerate(run["queries"].items()):
        y = TOP + ROW * number + 6
        parts.append(f'<text x="{LEFT - 10}" y="{y + 4}" text-anchor="end">{kind}</text>')
        for peer in peers:
            if peer in row:
                ratio = row[peer]["p50_ms"] / row["search"]["p50_ms"]
                parts.append(
                    f'<circle cx="{x(ratio):.1f}" cy="{y}" r="5" fill="{COLOURS.get(peer, "#000")}">'
                    f"<title>{kind}: {peer} takes {ratio:.2f} times as long</title></circle>"
                )
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    main()
