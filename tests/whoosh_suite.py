"""Whoosh's own tests, run on our index: fetches them, runs them through `whoosh_adapter`, and says how it went.

python tests/whoosh_suite.py [FOLDER WITH THE ARCHIVE]
"""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

ARCHIVE = "Whoosh-2.7.4.zip"
REQUIREMENT = "whoosh==2.7.4 --hash=sha256:e0857375f63e9041e03fedd5b7541f97cf78917ac1b6b06c1fcc9b45375dda69\n"

# Files none of whose tests asks an index of ours, and why.
FILES = {
    "test_automata.py": "automata, without an index",
    "test_bits.py": "sets of bits, without an index",
    "test_codecs.py": "how Whoosh keeps postings and values in its files",
    "test_compound.py": "how Whoosh puts several files into one",
    "test_dateparse.py": "Whoosh's reading of dates, without an index",
    "test_misc.py": "locks, storages and small helpers of Whoosh",
    "test_mpwriter.py": "how Whoosh has several processes write its files",
    "test_parsing.py": "Whoosh's query parser, without an index",
    "test_postings.py": "how Whoosh keeps postings in its files",
    "test_tables.py": "how Whoosh keeps hash tables in its files",
}

# Tests of other files that ask for what is otherwise here, by reason.
TESTS = {
    "lengths are exact here; Whoosh rounds them up to one of 256": [
        "test_indexing.py::test_lengths",
        "test_indexing.py::test_many_lengths",
        "test_quality.py::test_max_field_length",
        "test_quality.py::test_minmax_field_length",
    ],
    "one reader has all segments here; the test expects one for each": [
        "test_matching.py::test_random_intersections",
        "test_reading.py::test_first_id",
        "test_reading.py::test_readers",
        "test_searching.py::test_merged",
        "test_searching.py::test_multireader",
        "test_searching.py::test_multireader_not",
        "test_searching.py::test_score_length",
        "test_sorting.py::test_missing_column",
    ],
    "deleted articles go with the merge that follows here; Whoosh keeps counting them": [
        "test_indexing.py::test_deletion",
        "test_reading.py::test_all_stored_fields",
        "test_reading.py::test_doc_count",
    ],
    "words have no weight of their own here, and nor have fields and articles when they are indexed": [
        "test_fields.py::test_boolean3",
        "test_fields.py::test_pickle_schema",
        "test_indexing.py::test_doc_boost",
        "test_nested.py::test_nested_skip",
        "test_searching.py::test_boost_phrase",
        "test_writing.py::test_fractional_weights",
    ],
    "one word stands at each position here, joined forms apart": [
        "test_analysis.py::test_name_field",
        "test_highlighting.py::test_multifilter",
    ],
    "postings have no offsets in the text here": [
        "test_highlighting.py::test_pinpoint",
        "test_spans.py::test_span_characters",
    ],
    "a swap of neighbours is one edit here, two there": ["test_spelling.py::test_reader_corrector"],
    "nothing can be added without its text here": [
        "test_writing.py::test_add_reader",
        "test_writing.py::test_add_reader_spelling",
    ],
    "it looks into Whoosh's files and writers": [
        "test_columns.py::test_varbytes_offsets",
        "test_indexing.py::test_version_in",
        "test_sorting.py::test_add_sortable",
        "test_writing.py::test_buffered",
        "test_writing.py::test_buffered_search",
        "test_writing.py::test_buffered_threads",
        "test_writing.py::test_buffered_update",
    ],
}


class Outcome(NamedTuple):
    """What came of the tests: names of those that ran on our index and passed, that asked no index, that failed.

    `unknown` are names left out that no test has.
    """

    ran: list[str]
    idle: list[str]
    failed: list[str]
    unknown: list[str]


def fetch(folder: Path) -> Path:
    """Return the archive with the tests, which pip fetches and holds to its hash.

    Raises:
        subprocess.CalledProcessError: It cannot be had.
    """
    wanted = folder / "requirements.txt"
    wanted.write_text(REQUIREMENT)
    options = ["--no-deps", "--no-binary", "whoosh", "--require-hashes", "--quiet", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder), "-r", str(wanted)]
    subprocess.run(command, check=True, capture_output=True, encoding="utf-8")
    return folder / ARCHIVE


def run(archive: Path, folder: Path) -> Outcome:
    """Run the tests of an archive, unpacked into a folder."""
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder, [name for name in packed.namelist() if "/tests/" in name])
    tests = folder / archive.stem / "tests"
    results, left_out, settings = folder / "results.jsonl", folder / "left-out.txt", folder / "pytest.ini"
    left_out.write_text("\n".join(name for names in TESTS.values() for name in names))
    settings.write_text("[pytest]\n")
    here = Path(__file__).parent
    environment = {
        **os.environ,
        "PYTHONPATH": f"{here.parent}{os.pathsep}{here}",
        "PYTHONHASHSEED": "0",
        "TMPDIR": str(folder),
        "WHOOSH_RESULTS": str(results),
        "WHOOSH_LEFT_OUT": str(left_out),
    }
    files = [str(path) for path in sorted(tests.glob("test_*.py")) if path.name not in FILES]
    plugins = ["-p", "whoosh_adapter", "-p", "no:cacheprovider", "-p", "no:randomly"]
    command = [sys.executable, "-m", "pytest", "-q", "-c", str(settings), "--rootdir", str(tests), "-W", "ignore"]
    ran = subprocess.run([*command, *plugins, *files], env=environment, capture_output=True, encoding="utf-8")
    if ran.returncode not in (0, 1):
        raise RuntimeError(ran.stdout[-2000:] + ran.stderr[-2000:])
    lines = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    known = {path.name for path in tests.glob("test_*.py")} | {line["name"] for line in lines}
    passed = [line for line in lines if line["outcome"] == "passed"]
    return Outcome(
        [line["name"] for line in passed if line["asked"]],
        [line["name"] for line in passed if not line["asked"]],
        [f"{line['name']}: {line['error']}" for line in lines if line["outcome"] in ("failed", "skipped")],
        [name for name in (*FILES, *(name for names in TESTS.values() for name in names)) if name not in known],
    )


def told(outcome: Outcome) -> str:
    """Return what to print of an outcome."""
    n_left_out = sum(map(len, TESTS.values()))
    lines = [
        f"{len(outcome.ran)} of Whoosh's own tests ran on our index and passed, {len(outcome.failed)} failed;",
        f"{len(outcome.idle)} in the same files ask no index; {n_left_out} and {len(FILES)} files are left out:",
    ]
    lines += [f"  {name}: {why}" for name, why in FILES.items()]
    lines += [f"  {name}: {why}" for why, names in TESTS.items() for name in names]
    return "\n".join([*lines, *outcome.failed])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        given = Path(sys.argv[1]) / ARCHIVE if sys.argv[1:] else fetch(Path(made))
        outcome = run(given, Path(made))
        print(told(outcome))
    sys.exit(bool(outcome.failed or outcome.unknown))
