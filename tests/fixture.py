"""Write an index of the sample articles as a fixture of the format on disk.

    python tests/fixture.py

makes `tests/data/format-N`, N being the format that is written now. To be run when a format is new, and never again for
an old one: what it holds is what users have on their disks.
"""

import os
import shutil
from pathlib import Path

import search
from search.engine import compaction
from search.engine.commit import FORMAT
from search.engine.storage import LOCK

ROOT = Path(__file__).parents[1]
DATA = Path(__file__).with_name("data")
RECORDS = "seeds/014-wire-records.jsonl"
TEXTS = 13  # samples that the fixtures have, by name; others came later


def folder(number: int) -> Path:
    """Return where the index of a format is."""
    return DATA / f"format-{number}"


def build(location: Path) -> search.Index:
    """Index the samples: several segments, articles replaced and deleted, a setting.

    REQUIRES: the working directory is that of the project, that articles are named as in the fixture.
    """
    index = search.open(location)
    texts = sorted(str(path) for path in Path("seeds").glob("*.txt"))[:TEXTS]
    index.add(search.read([RECORDS, *texts[:9]]))
    index.add(search.read(texts[9:]))
    index.add([search.Article(id=texts[0], body="The envoy came back.", date="2022-04-01", meta={"desk": "dams"})])
    index.delete([texts[1]])
    index.set(k1=1.1)
    return index


def main() -> None:
    """Write the fixture."""
    os.chdir(ROOT)
    location = folder(FORMAT)
    shutil.rmtree(location, ignore_errors=True)
    index = build(location)
    assert index.stats().segments > 1
    (location / LOCK).unlink()
    print(f"{location}: {sum(path.stat().st_size for path in location.iterdir())} bytes")


if __name__ == "__main__":
    compaction.AHEAD = 1  # as in tests
    main()
