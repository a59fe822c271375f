"""What share of the lines of three news collections each kind of zone takes, and how fast they are found.

    python tests/bench/zones.py [--samples KIND]

With `--samples` some zones of one kind are printed, with their articles' ids, to be read by eye. The collections are in
`SHARED_DATA`, by default `../shared/data` beside the project.
"""

import argparse
import json
import lzma
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from search.model import ZoneKind
from search.reading import find_zones

SHARED = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
COLLECTIONS = {
    "reuters": "corpora/reuters21578.jsonl.xz",
    "bbc": "corpora/bbc.jsonl.xz",
    "time": "collections/time/docs.jsonl.xz",
    "msdocs": "corpora/msdocs.jsonl.xz",
}
MAX_BYTES = 60 << 20  # of text of one collection
SEED = 1


def records(path: Path) -> Iterator[tuple[str, str | None, str]]:
    """Yield id, title and body of a collection's first articles."""
    size = 0
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            yield record["id"], record["title"] or None, record["body"]
            size += len(record["body"])
            if size > MAX_BYTES:
                return


def main() -> None:
    """Print the table, or samples of one kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", choices=get_args(ZoneKind))
    wanted = parser.parse_args().samples
    kinds = get_args(ZoneKind)
    print(f"{'':8}{'articles':>9}{'lines':>9}" + "".join(f"{kind:>11}" for kind in kinds) + "      MB/s")
    for name, path in COLLECTIONS.items():
        articles = list(records(SHARED / path))
        started = time.perf_counter()
        found = [find_zones(body, title=title) for _, title, body in articles]
        took = time.perf_counter() - started
        lines: Counter[str] = Counter()
        samples = []
        for (article_id, _, body), zones in zip(articles, found, strict=True):
            for zone in zones:
                text = body[zone.start : zone.end]
                lines[zone.kind] += text.count("\n") + 1
                if zone.kind == wanted:
                    samples.append(f"    {article_id}: {text[:150]!r}")
        total = sum(lines.values())
        speed = sum(len(body) for _, _, body in articles) / took / 1e6
        shares = "".join(f"{lines[kind] / total:>10.3%} " for kind in kinds)
        print(f"{name:8}{len(articles):>9,}{total:>9,} {shares}{speed:>9.1f}")
        print("\n".join(random.Random(SEED).sample(samples, min(len(samples), 40))), end="\n" if samples else "")


if __name__ == "__main__":
    main()
