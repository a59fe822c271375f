"""The command line as a process: what a shell, a script and a terminal see of it."""

import datetime
import fcntl
import io
import json
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from command import ROOT, SEARCH, Inside, Ran, environment, fails, run, runs
from hypothesis import example, given, settings
from strategies import articles

import search
from search import Article
from search.cli import looking
from search.cli.printing import plain
from search.engine import record
from search.engine.incoming import prepared

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes, signals and terminals of POSIX")

RESULT_KEYS = ["query", "reading", "notes", "total", "total_stories", "took_ms", "cursor", "hits"]
RESULT_KEYS += ["suggestions", "clauses", "unknown"]
HIT_KEYS = "id path title title_highlights lead date date_source source score passages story author url meta".split()
HIT_KEYS += ["elsewhere"]
EVIL = "evil\x1b]0;owned\x07\x1b[2J\u202e\r\x9b1m"

# Written line by line below, so that every trap has a name.
FLOOD = {"id": "flood", "title": "Flood gates open", "date": "2021-08-10", "source": "OPA", "body": "The flood came."}
RAIN = {"id": "rain", "date": "2021-09-01", "body": "Rain fed the flood in Odell.\n\nREAD MORE: Flood of letters"}
DRY = {"id": "dry", "title": "No water", "body": "A dry summer; no flood was seen in Harrow."}
TRAP = {"id": EVIL, "title": f"Title {EVIL}", "source": EVIL, "body": f"A zebra {EVIL} ran."}
NEWS = (FLOOD, RAIN, DRY, TRAP)


def lines(articles: Sequence[Mapping[str, object]]) -> str:
    return "".join(json.dumps(article) + "\n" for article in articles)


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an index of NEWS in `index`; tests that change it copy it first."""
    folder = tmp_path_factory.mktemp("news")
    ran = run("index", "-", cwd=folder, stdin=lines(NEWS))
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith("4 added; 4 articles in index (")
    return folder


@pytest.fixture
def copy(news: Path, tmp_path: Path) -> Path:
    shutil.copytree(news / "index", tmp_path / "index")
    return tmp_path


def on_terminal(*arguments: str, cwd: Path, columns: str = "60", **env: str) -> tuple[int, str]:
    """Run with a terminal as output; return the status and all that it was sent."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(columns), 0, 0))
    with subprocess.Popen(
        [*SEARCH, *arguments], cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs, env=environment(**env)
    ) as process:
        os.close(theirs)
        parts = []
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # EIO: Linux says so at the end
                break
            if not part:
                break
            parts.append(part)
        os.close(ours)
        return process.wait(30), b"".join(parts).decode().replace("\r\n", "\n")


# What is found


def test_status_says_whether_something_was_found(news: Path) -> None:
    found, nothing, *neither = runs(["find", "flood"], ["find", "wombat"], ["find", ""], ["find", "?!"], cwd=news)
    assert (found.status, found.err) == (0, "")
    assert "\x1b" not in found.out
    assert re.search(r"^ 1  █{8} \d\.\d{3}  Flood gates open$", found.out, re.MULTILINE)
    assert "    2021-08-10 · OPA · - · flood\n    The flood came.\n" in found.out
    assert "… Rain fed the flood in Odell." in found.out  # the lead, in the place of a title
    assert "READ MORE" not in found.out
    assert (nothing.status, nothing.err) == (1, "")
    assert nothing.out.startswith("0 articles for wombat in ")
    for ran in neither:
        assert ran.status == 1
        assert re.fullmatch(r"search: The query .+\.\n", ran.err)


def test_what_matches_in_what_is_never_shown_is_said(news: Path) -> None:
    found, _ = ran = runs(["find", "letters"], ["find", "flood"], cwd=news)
    assert "    Rain fed the flood in Odell.\n    matches in a cross-reference\n" in found.out
    assert "matches in" not in ran[1].out


def test_json_has_exactly_the_keys_that_were_promised(news: Path, inside: Inside) -> None:
    ran = run("find", "flood", "--json", cwd=news)
    assert (ran.status, ran.err) == (0, "")
    found = ran.json
    assert list(found) == RESULT_KEYS
    assert found["suggestions"] == found["clauses"] == []
    assert (found["query"], found["reading"], found["notes"], found["total"]) == ("flood", "flood", [], 3)
    texts = {article["id"]: article["body"] for article in NEWS}
    for hit in found["hits"]:
        assert list(hit) == HIT_KEYS
        assert hit["story"] == {"size": 1, "members": []}
        (passage,) = hit["passages"]
        assert list(passage) == ["text", "start", "end", "line", "score", "highlights"]
        text = texts[hit["id"]]
        assert text[passage["start"] : passage["end"]] == passage["text"]
        assert [text[start:end].lower() for start, end in passage["highlights"]] == ["flood"]
    by_id = {hit["id"]: hit for hit in found["hits"]}
    assert set(by_id) == {"flood", "rain", "dry"}
    assert (by_id["flood"]["date"], by_id["flood"]["date_source"]) == ("2021-08-10", "stated: field")
    assert by_id["flood"]["title_highlights"] == [[0, 5]]
    rain = by_id["rain"]
    assert (rain["title"], rain["title_highlights"], rain["lead"]) == (None, [], "Rain fed the flood in Odell.")
    assert (by_id["dry"]["date"], by_id["dry"]["date_source"]) == (None, None)
    nothing = inside("find", "wombat", "--json", cwd=news)
    assert (nothing.status, nothing.json["hits"], nothing.json["total"]) == (1, [], 0)


FOUND = {
    "flood --ids": (0, "flood rain dry"),
    "flood --ids --sort newest --limit 2": (0, "rain flood"),
    "flood --ids --sort oldest": (0, "flood rain dry"),
    "flood --ids --sort oldest --offset 1 -n 1": (0, "rain"),
    "flood --ids --since 2021-08-11": (0, "rain"),
    "--ids --since 2021-08-10": (0, "rain flood"),
    "--ids --since 2021-08-10 --until 2021-08": (0, "flood"),
    "--ids --since 2022": (1, ""),
    "flood --ids --recency 1d --now 2021-09-01 -n 1": (0, "rain"),
    "flood --count --limit 1": (0, "3"),
    "wombat --count": (1, "0"),
    "wombat --count --ids": (1, "0"),
    "flood|odell --ids": (0, "rain flood dry"),
    "flood|odell --ids --all": (0, "rain"),
}


def test_what_find_is_told(news: Path, inside: Inside) -> None:
    for told, expected in FOUND.items():
        arguments = ["find", *(word.replace("|", " ") for word in told.split())]
        for ran in (inside(*arguments, cwd=news), *([run(*arguments, cwd=news)] if "oldest" in told else [])):
            assert (ran.status, " ".join(ran.out.split()), ran.err) == (*expected, ""), told


def test_json_has_what_is_counted_and_the_ids(news: Path, inside: Inside) -> None:
    counted = json.loads(inside("find", "flood", "--count", "--json", cwd=news).out)
    assert (counted["total"], counted["hits"]) == (3, [])
    listed = json.loads(inside("find", "flood", "--ids", "--json", cwd=news).out)
    assert [hit["id"] for hit in listed["hits"]] == ["flood", "rain", "dry"]


# Where the index is


def test_options_stand_before_or_behind_the_command(news: Path, tmp_path: Path) -> None:
    location = str(news / "index")
    find = ["find", "flood", "--count"]
    by_option = (
        ["--index", location, *find],
        [*find, "--index", location],
        ["--index", "x", *find, "--index", location],
    )
    for ran in (
        *runs(*by_option, cwd=tmp_path, SEARCH_INDEX="nowhere"),
        run(*find, cwd=tmp_path, SEARCH_INDEX=location),
    ):
        assert (ran.status, ran.out, ran.err) == (0, "3\n", "")
    assert not list(tmp_path.iterdir())


# What goes wrong


def test_an_index_that_is_not_there_is_an_error_and_stays_so(tmp_path: Path, inside: Inside) -> None:
    fails(run("find", "x", cwd=tmp_path), "index: no index here")
    for command in ("find x", "show x", "stats", "check", "delete x", "compact", "export"):
        fails(inside(*command.split(), cwd=tmp_path), "index: no index here", "search index PATH")
    assert not list(tmp_path.iterdir())


WRONG = {
    "find x --limit many": "--limit",
    "find x --limit -1": "-1",
    "find x --sort best": "relevance, newest, oldest",
    "find x --since never": "never",
    "find x --recency soon": "soon",
    "find x --now later": "later",
    "nonsense": "nonsense",
    "index": "PATH",
    "index - --set k1": "k1=1.2",
    "index seeds --set k1=one": "k1=1.2",
    "show nothing": "nothing",
}


def test_a_wrong_option_is_one_line(news: Path, inside: Inside) -> None:
    before = (news / "index/commit.json").read_bytes()
    fails(run("find", "x", "--bogus", cwd=news), "--bogus")
    fails(run("index", "-", "--set", "k9=1", cwd=news), "k9")
    for told, says in WRONG.items():
        fails(inside(*told.split(), cwd=news), says)
    assert (news / "index/commit.json").read_bytes() == before


def test_debug_shows_where_an_error_comes_from(news: Path) -> None:
    for ran in runs(["--debug", "show", "nothing"], ["show", "nothing", "--debug"], cwd=news):
        assert (ran.status, ran.out) == (2, "")
        assert "Traceback" in ran.err
        assert ran.err.splitlines()[-1].startswith("search: no article has the id or path 'nothing'")


def test_a_language_is_known_or_named_with_those_that_are(copy: Path, inside: Inside) -> None:
    fails(
        run("index", "-", "--language", "klingon", "--index", "new", cwd=copy, stdin=lines(NEWS)), "klingon", "german"
    )
    assert not (copy / "new").exists()
    fails(run("index", "-", "--language", "german", cwd=copy, stdin=lines(NEWS)), "german", "english")
    german = {"id": "haus", "body": "Die Häuser am Fluss."}
    assert run("index", "-", "--language", "german", "--index", "de", cwd=copy, stdin=lines([german])).status == 0
    assert inside("find", "Haus", "--ids", "--index", "de", cwd=copy).out == "haus\n"


def test_a_location_that_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("a file")
    for command in ("find x", "index -"):
        fails(run(*command.split(), cwd=tmp_path, stdin=lines(NEWS)), "index")
    assert (tmp_path / "index").read_text() == "a file"


def test_what_needs_permission_and_has_none(copy: Path) -> None:
    # Root may do everything, unless it gives that up.
    before = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"] if os.geteuid() == 0 else []
    if before and (not shutil.which("setpriv") or subprocess.run([*before, "true"], capture_output=True).returncode):
        pytest.skip("root cannot give up its rights here: no setpriv, or not allowed")
    (copy / "in").mkdir()
    (copy / "in/a.txt").write_text("Good news from Odell.\n")
    (copy / "in/b.txt").write_text("Secret.\n")
    (copy / "in/b.txt").chmod(0)
    ran = run("index", "in", "--index", "new", cwd=copy, before=before)
    assert (ran.status, ran.err) == (1, "search: in/b.txt: permission denied\n")
    assert ran.out.startswith("1 added, 1 failed; 1 article in new (")
    locked = [copy, copy / "index", *(copy / "index").iterdir()]
    try:
        for path in locked:
            path.chmod(0o555)
        assert run("find", "flood", "--count", cwd=copy, before=before).out == "3\n"  # to read is enough
        fails(run("index", "in", cwd=copy, before=before), "index/", "ermission", "another folder")
        fails(run("index", "in", "--index", "other", cwd=copy, before=before), "other", "ermission")
        (copy / "index").chmod(0)
        fails(run("find", "flood", cwd=copy, before=before), "index/", "ermission")
    finally:
        for path in locked:
            path.chmod(0o755)


def test_standard_streams_that_take_or_give_nothing(copy: Path, inside: Inside) -> None:
    def shell(tail: str) -> Ran:
        done = subprocess.run(
            ["sh", "-c", f'"$0" -m search {tail}', sys.executable],
            cwd=copy,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    fails(shell("export >/dev/full"), "standard output: No space left")
    ran = shell("find flood >&-")
    assert (ran.status, ran.err) == (0, "")
    ran = shell("index - <&-")
    assert (ran.status, ran.err, ran.out.partition(";")[0]) == (0, "", "nothing to do")
    assert shell("find >&- 2>&-").status == 1
    assert inside("check", cwd=copy).status == 0


# Indexing


def test_an_unreadable_file_among_good_ones_is_named_and_the_rest_indexed(tmp_path: Path, inside: Inside) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("Good news from Odell.\n")
    (folder / "b.txt").symlink_to("nowhere")
    (folder / "c.jsonl").write_text(lines([FLOOD]) + "{broken\n" + lines([RAIN]))
    (folder / "d.txt.gz").write_bytes(b"\x1f\x8b\x08 no gzip")
    os.mkfifo(folder / "e.txt")
    (folder / f"f{EVIL[:-5]}\n.txt").symlink_to("nowhere")
    ran = run("index", "in", "missing", cwd=tmp_path)
    assert ran.status == 1
    assert ran.out.startswith("3 added, 6 failed; 3 articles in index (")
    named = ran.err.splitlines()
    assert [line.split(": ")[:2] for line in named[:4]] == [
        ["search", "in/b.txt"],
        ["search", "in/c.jsonl#2"],
        ["search", "in/d.txt.gz"],
        ["search", "in/e.txt"],
    ]
    assert named[4].startswith("search: in/fevil␛]0;owned␇␛[2J")
    assert named[5] == "search: missing: does not exist: check the path"
    assert len(named) == 6
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", ran.err)
    assert inside("find", "odell OR flood", "--count", cwd=tmp_path).out == "3\n"
    again = run("index", "in/a.txt", cwd=tmp_path)
    assert (again.status, again.out.partition(";")[0]) == (0, "1 unchanged")


def test_an_id_of_another_file_is_refused_unless_told(tmp_path: Path, inside: Inside) -> None:
    (tmp_path / "a.jsonl").write_text(lines([FLOOD, RAIN]))
    (tmp_path / "b.jsonl").write_text(lines([{**FLOOD, "body": "Another."}, DRY]))
    assert run("index", "a.jsonl", cwd=tmp_path).status == 0
    ran = run("index", "b.jsonl", cwd=tmp_path)
    assert (ran.status, ran.out.partition(";")[0]) == (1, "1 added, 1 refused")
    assert ran.err.count("\n") == 1
    for said in ("b.jsonl", "a.jsonl", "flood", "--replace"):
        assert said in ran.err
    assert "The flood came." in inside("show", "flood", cwd=tmp_path).out
    ran = run("index", "b.jsonl", "--replace", cwd=tmp_path)
    assert (ran.status, ran.err, ran.out.partition(";")[0]) == (0, "", "1 updated, 1 unchanged")
    assert "Another." in inside("show", "flood", cwd=tmp_path).out


def test_prune_removes_what_is_gone_from_the_paths_given(tmp_path: Path, inside: Inside) -> None:
    for name in ("in/a.txt", "in/b.txt", "in2/c.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"News of {name} from Odell.\n")
    assert run("index", "in", "in2", cwd=tmp_path).status == 0
    (tmp_path / "in/a.txt").unlink()
    (tmp_path / "in2/c.txt").unlink()
    fails(run("index", "in", "gone", "--prune", cwd=tmp_path), "gone", "nothing is removed")
    assert inside("find", "odell", "--count", cwd=tmp_path).out == "3\n"
    ran = run("index", "./in", "--prune", cwd=tmp_path)
    assert (ran.status, ran.err, ran.out.partition("(")[0]) == (0, "", "1 unchanged, 1 removed; 2 articles in index ")
    assert inside("find", "odell", "--ids", cwd=tmp_path).out.split() == ["in/b.txt", "in2/c.txt"]


def test_stories_are_shown_once_and_listed(tmp_path: Path, inside: Inside) -> None:
    text = "The ferry left the north quay of Odell at six in the morning with forty people and two lorries aboard."
    more = "A second ferry was to leave the south quay an hour later, once the fog over the bay had lifted for good."
    copies = [
        {"id": "first", "source": "Bay Wire", "date": "2021-08-10", "title": "Ferry leaves", "body": f"{text} {more}"},
        {"id": "second", "source": "The Post", "date": "2021-08-12", "title": f"Lorries {EVIL}", "body": text},
        {"id": "third", "source": EVIL, "title": "Fog", "body": f"{more} {text} And that was that."},
        *NEWS,
    ]
    assert run("index", "-", cwd=tmp_path, stdin=lines(copies)).status == 0
    found = inside("find", "lorries", cwd=tmp_path).out
    assert found.count("Lorries") == 1
    assert "\n    + 2 outlets: Bay Wire (copy, 100%), " in found
    assert "3 articles" in found
    assert EVIL not in found
    assert inside("find", "lorries", "--no-group", "--ids", cwd=tmp_path).out.split() == ["second", "first", "third"]
    assert "\n    2021-08-10 (inferred) · " in inside("find", "title:fog", cwd=tmp_path).out
    assert "\n    undated · " in inside("find", "title:fog", "--stated-dates-only", cwd=tmp_path).out
    hit = inside("find", "lorries", "--json", cwd=tmp_path).json["hits"][0]
    assert hit["story"]["size"] == 3
    assert set(hit["story"]["members"][0]) == {"id", "path", "source", "relation", "shared"}
    listed = inside("stories", cwd=tmp_path)
    assert listed.status == 0
    assert listed.out.startswith("  3  Ferry leaves\n     2021-08-10 to 2021-08-12, 2 days · 3 outlets · first\n")
    assert EVIL not in listed.out
    assert listed.out.endswith("1 story of two articles or more\n")
    [story] = inside("stories", "fog", "--json", cwd=tmp_path).json["stories"]
    assert {"id", "size", "first", "last", "members"} <= set(story)
    assert (story["id"], story["size"], story["first"], story["last"]) == ("first", 3, "2021-08-10", "2021-08-12")
    none = inside("stories", "harrow", "--json", cwd=tmp_path)
    assert (none.status, none.json) == (1, {"stories": []})


def test_spellings_are_listed_and_left_out(tmp_path: Path, inside: Inside) -> None:
    wire = (
        "The Talisman ferry left the north quay of Odell at six in the morning with forty people aboard, and the barge "
        "behind it waited until the tide had turned."
    )
    articles = [{"id": "a", "body": wire}, {"id": EVIL, "body": f"{EVIL} {wire.replace('Talisman', 'Talesman')}"}]
    assert run("index", "-", cwd=tmp_path, stdin=lines(articles)).status == 0
    listed = inside("variants", cwd=tmp_path)
    assert (listed.status, EVIL in listed.out) == (0, False)
    assert listed.out.startswith("    1  Talesman / Talisman\n")
    assert listed.out.endswith("1 word spelled in different ways\n")
    [variant] = inside("variants", "talisman", "--json", cwd=tmp_path).json["variants"]
    assert (variant["forms"], variant["count"]) == (["Talesman", "Talisman"], 1)
    assert list(variant["evidence"][0][0]) == ["id", "text", "start", "end", "line", "score", "highlights"]
    assert [side["id"] for side in variant["evidence"][0]] == [EVIL, "a"]  # as the forms are listed
    none = inside("variants", "ferry", "--json", cwd=tmp_path)
    assert (none.status, none.json) == (1, {"variants": []})
    found = inside("find", "talisman", "--count", cwd=tmp_path)
    assert (found.out, "talesman" in inside("find", "talisman", cwd=tmp_path).err) == ("2\n", True)
    assert inside("find", "talisman", "--no-variants", "--count", cwd=tmp_path).out == "1\n"


def test_two_articles_are_shown_side_by_side(tmp_path: Path, inside: Inside) -> None:
    wire = "The Talisman ferry left the north quay at six in the morning. Forty men were aboard. The fog stayed."
    copy = "Nobody was hurt. The Talesman ferry left the north pier at six in the morning. Forty men were aboard."
    articles = [{"id": "a", "title": f"T {EVIL}", "body": wire}, {"id": "b", "body": copy}, {"id": "c", "body": EVIL}]
    assert run("index", "-", cwd=tmp_path, stdin=lines(articles)).status == 0
    shown = inside("diff", "a", "b", cwd=tmp_path).out
    assert "\nchanged: quay → pier\nspelled: Talisman → Talesman\n" in shown
    assert re.search(r"(?m)^The \[Talisman\] ferry left the north +\|  The \[Talesman\] ferry left the north$", shown)
    assert re.search(r"(?m)^ +>  Nobody was hurt\.\n\n", shown)
    assert re.search(r"(?m)^The fog stayed\. +<$", shown)
    assert "= 1 sentence the same" in shown
    assert EVIL not in shown
    found = inside("diff", "a", "b", "--json", cwd=tmp_path).json
    assert {"only_a", "only_b", "changed", "moved", "relation", "shared", "passages"} <= set(found)
    assert [each["text"] for each in found["only_b"]] == ["Nobody was hurt."]
    assert found["changed"][0]["words"] == [["Talisman", "Talesman"], ["quay", "pier"]]
    assert set(found["only_a"][0]) == {"text", "start", "end", "line", "score", "highlights"}
    every = inside("diff", "a", "b", "c", "--json", cwd=tmp_path).json["diffs"]
    assert [each["b"] for each in every] == ["b", "c"]
    assert inside("diff", "a", "b", "c", "--html", "page.html", cwd=tmp_path).out == ""
    assert (tmp_path / "page.html").read_text(encoding="utf-8").count("<section>") == 2
    fails(run("diff", "a", "nowhere", cwd=tmp_path), "nowhere")
    for columns in ("60", "40"):
        status, sent = on_terminal("diff", "a", "b", cwd=tmp_path, columns=columns)
        assert status == 0
        assert "\x1b[31mquay\x1b[0m" in sent
        assert "\x1b[36mTalesman\x1b[0m" in sent
        bare = re.sub(r"\x1b\[[\d;]*m", "", sent).partition("spelled")[2]
        assert all(len(line) <= int(columns) for line in bare.splitlines())


FALL = """The footbridge at Marrow Quay fell into the Tessel on Monday, and 14 people were thrown into the water, the
fire chief of Orlen, Ilse Brandow, said. A rusty cable had snapped, and a ferry came to help."""
PLUNGE = """Ilse Brandow, who leads the fire brigade of Orlen, told reporters that 14 had been on the footbridge when a
rusty cable snapped on Monday. A ferry threw ropes to people in the Tessel at Marrow Quay."""


def test_articles_on_the_same_event_are_listed_with_what_says_so(tmp_path: Path, inside: Inside) -> None:
    articles = [
        {"id": "a", "title": "Bridge falls", "body": FALL, "date": "2019-03-05"},
        {"id": "b", "title": f"Nine rescued {EVIL}", "body": PLUNGE, "date": "2019-03-05", "source": "Wire"},
        {"id": "c", "body": "The mayor of Orlen opened a market at Marrow Quay on Monday.", "date": "2019-03-05"},
    ]
    assert run("index", "-", cwd=tmp_path, stdin=lines(articles)).status == 0
    listed = inside("related", "a", cwd=tmp_path)
    assert (listed.status, EVIL in listed.out) == (0, False)
    assert "\n  2019-03-05 · Wire · b\n  day 2019-03-04; names Marrow Quay, Tessel, Orlen, Ilse Brandow;" in listed.out
    assert listed.out.endswith("1 article of other stories, by inference on the same event\n")
    [account] = inside("related", "a", "--json", cwd=tmp_path).json["related"]
    assert list(account) == ["id", "path", "title", "date", "source", "related", "date_source"]
    keys = ["relation", "shared", "shared_a", "shared_b", "passages", "evidence"]
    assert list(account["related"]) == keys
    assert (account["id"], account["related"]["relation"]) == ("b", "same event")
    assert set(account["related"]["evidence"][0]) == {"kind", "a", "b", "articles"}
    assert "\nsame event, inferred from day 2019-03-04; names " in inside("diff", "a", "b", cwd=tmp_path).out
    assert inside("diff", "a", "b", "--html", "page.html", cwd=tmp_path).status == 0
    assert "inferred from day 2019-03-04; names Marrow Quay, " in (tmp_path / "page.html").read_text(encoding="utf-8")
    none = inside("related", "c", "--json", cwd=tmp_path)
    assert (none.status, none.json) == (1, {"related": []})
    assert "unrelated\n" in inside("diff", "a", "c", cwd=tmp_path).out
    fails(run("related", "nowhere", cwd=tmp_path), "nowhere")


def test_an_index_is_not_made_of_itself(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(FALL, encoding="utf-8")
    for said in ("1 added; 1 article in", "1 unchanged; 1 article in"):
        ran = run("index", ".", cwd=tmp_path)
        assert (ran.status, ran.err) == (0, "")
        assert ran.out.startswith(said)
    ran = run("index", "index", cwd=tmp_path)
    assert (ran.status, ran.out.partition(";")[0]) == (1, "1 failed")
    assert ran.err == "search: index: is an index: name the articles it is to be made of\n"


def test_a_hit_says_where_it_was_published_and_what_else_is_known(inside: Inside, tmp_path: Path) -> None:
    record = {
        "id": "a",
        "body": "Fog.",
        "author": ["Ann Roe", "Bo Lee"],
        "url": "http://x.example/1",
        "topics": ["fog", "sea"],
    }
    (tmp_path / "a.json").write_text(json.dumps([record, {"id": "b", "body": "Fog, too."}]))
    assert inside("index", "a.json", cwd=tmp_path).status == 0
    one, other = sorted(inside("find", "fog", "--json", cwd=tmp_path).json["hits"], key=lambda hit: hit["id"])
    assert (one["author"], one["url"], one["meta"]) == ("Ann Roe, Bo Lee", "http://x.example/1", {"topics": "fog, sea"})
    assert (other["author"], other["url"], other["meta"]) == (None, None, {})


def test_an_order_alone_lists_all_articles(news: Path, inside: Inside) -> None:
    ran = inside("find", "--sort", "newest", "--ids", cwd=news)
    assert (ran.status, ran.out.split()[:3]) == (0, ["rain", "flood", "dry"])


def test_a_word_that_begins_with_a_hyphen_is_told_how_to_stand(news: Path, inside: Inside) -> None:
    fails(inside("find", "-dam", cwd=news), "No such option: -d", "stands behind --")
    assert inside("find", "--", "-dam", cwd=news).status != 2


def test_a_picture_and_a_page_may_go_to_standard_output(news: Path, inside: Inside) -> None:
    assert inside("diff", "flood", "rain", "--html", "-", cwd=news).out.startswith("<!doctype html>")
    for options in ((), ("--json",)):
        picture = inside("timeline", "flood", "--svg", "-", *options, cwd=news).out
        assert (picture[:5], picture.rstrip()[-6:]) == ("<svg ", "</svg>")
    assert not (news / "-").exists()


def test_articles_of_one_file_with_the_same_id_are_told(inside: Inside, tmp_path: Path) -> None:
    lines = [json.dumps({"id": f"{n % 5}", "body": f"Fog number {n}."}) for n in range(9)]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    ran = inside("index", "a.jsonl", cwd=tmp_path)
    assert (ran.status, ran.out.startswith("5 added, 4 updated; 5 articles in index")) == (0, True)
    assert ran.err == (
        "search: 4 articles came in the place of others with the same id, which are gone: 0, 1, 2, 1 more; "
        "give each an id of its own to keep both\n"
    )


def test_a_date_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    articles = [{"id": "a", "body": FALL, "date": "13/45/2019"}, {"id": "b", "body": PLUNGE, "date": "2019-03-05"}]
    ran = run("index", "-", cwd=tmp_path, stdin=lines(articles))
    assert (ran.status, ran.out.partition(";")[0]) == (0, "2 added")
    assert ran.err.startswith("search: 1 date cannot be read: '13/45/2019' in a; write them as 2021-08-10;")


def test_an_address_is_no_folder(tmp_path: Path) -> None:
    fails(run("find", "ferry", "--index", "opensearch://localhost:9200/news", cwd=tmp_path), "is an address")
    assert not [*tmp_path.iterdir()]


def test_a_query_for_nothing_misses_nothing(tmp_path: Path, inside: Inside) -> None:
    assert run("index", "-", cwd=tmp_path, stdin=lines([{"id": "a", "body": FALL}])).status == 0
    ran = inside("find", "--why-not", "a", cwd=tmp_path)
    assert (ran.status, ran.out) == (1, "")
    assert "asks for nothing" in ran.err


def test_an_inferred_date_is_shown_with_its_source(tmp_path: Path, inside: Inside) -> None:
    body = f'{FALL} "The cable was very rusty," Brandow said. Later 12 ferries came.'
    articles = [{"id": "a", "body": body, "date": "2019-03-05"}, {"id": "b", "body": body}]
    assert run("index", "-", cwd=tmp_path, stdin=lines(articles)).status == 0
    assert inside("show", "b", cwd=tmp_path).out.startswith("b · 2019-03-05 (inferred from a)\n")
    shown = inside("show", "b", "--json", cwd=tmp_path).json
    assert (shown["date"], shown["date_source"]) == ("2019-03-05", "inferred from a")
    assert inside("diff", "a", "b", "--html", "page.html", cwd=tmp_path).status == 0
    for told in (inside("diff", "a", "b", cwd=tmp_path).out, (tmp_path / "page.html").read_text(encoding="utf-8")):
        assert "2019-03-05 · a" in told
        assert "2019-03-05 (inferred) · b" in told
    assert "Ilse Brandow · 2019-03-05 (inferred)" not in inside("quotes", "rusty", cwd=tmp_path).out
    assert "2019-03-05 (inferred)" in inside("numbers", "ferries", cwd=tmp_path).out
    for option, n in (([], 2), (["--stated-dates-only"], 1)):
        timeline = inside("timeline", "footbridge", "--json", *option, cwd=tmp_path).json
        assert [bucket["articles"] for bucket in timeline["buckets"]] == [n]
        found = inside("find", "footbridge", "--facets", "day", "--json", *option, cwd=tmp_path).json
        assert found["facets"] == {"day": [{"value": "2019-03-05", "articles": n}]}
        quote = inside("quotes", "rusty", "--json", *option, cwd=tmp_path).json["quotes"][0]
        figure = inside("numbers", "ferries", "--json", *option, cwd=tmp_path).json["tallies"][0]["values"][0][
            "figures"
        ]
        for told in (quote["utterances"], figure):
            sources = {each["id"]: each["date_source"] for each in told}
            assert sources == {"a": "stated: field", "b": "inferred from a" if n == 2 else None}
        similar = inside("similar", "a", "--json", "--no-group", *option, cwd=tmp_path).json["hits"]
        assert [hit["date"] for hit in similar] == (["2019-03-05"] if n == 2 else [None])


def test_numbers_are_shown_with_their_sentences_and_are_no_more_than_asked_for(tmp_path: Path, inside: Inside) -> None:
    lead = "On Friday the Orvik hotel in Lund burnt down after somebody had left candles in the kitchen. "
    long = f"As {'it said again, ' * 20}{{}} guests were killed{', and more was said' * 20}."
    articles = [{"id": f"lund-{n}", "body": lead + long.format(n)} for n in range(30, 60)]
    articles += [{"id": f"far-{n}", "body": f"Snow fell. Of {n} guests {n} were trapped."} for n in range(100, 160)]
    assert run("index", "-", cwd=tmp_path, stdin=lines(articles)).status == 0
    shown = inside("numbers", "guests", "-n", "3", cwd=tmp_path).out
    assert len(shown.splitlines()) < 3 * 10 * 6
    assert "and 20 other numbers" in shown
    found = re.search(r" 30  undated · - · lund-30\n((?: {18}\S.*\n)+)", shown)
    assert found
    sentence = " ".join(found[1].split())
    assert re.fullmatch(r"… .* 30 guests were killed, .* …", sentence)
    assert len(sentence) < 160
    assert all(len(line) <= 80 for line in shown.splitlines())
    tallies = inside("numbers", "guests", "-n", "3", "--json", cwd=tmp_path).json["tallies"]
    assert (len(tallies), len(tallies[0]["values"])) == (3, 30)


def test_settings_are_kept_in_the_index(copy: Path, inside: Inside) -> None:
    ran = run("index", "-", "--set", "k1=0.7", "--set", "b_body=0.2", cwd=copy)
    assert (ran.status, ran.err, ran.out.partition(";")[0]) == (0, "", "nothing to do")
    settings = inside("stats", "--json", cwd=copy).json["settings"]
    assert (settings["k1"], settings["b_body"], settings["language"]) == (0.7, 0.2, "english")


def test_an_interrupted_index_leaves_the_last_commit(copy: Path, inside: Inside) -> None:
    before = (copy / "index/commit.json").read_bytes()
    with subprocess.Popen(
        [*SEARCH, "index", "-"],
        cwd=copy,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        body = "The harbour of Odell was closed. " * 50
        for n in range(2000):
            process.stdin.write(json.dumps({"id": f"n{n}", "body": body}).encode() + b"\n")
        process.stdin.flush()  # and no end: it waits for more
        lock = copy / "index/lock"
        deadline = time.monotonic() + 30
        while not (lock.exists() and lock.read_text()) and time.monotonic() < deadline:
            time.sleep(0.01)
        fails(run("index", "-", cwd=copy, stdin=lines([FLOOD])), str(process.pid), "wait")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stdout.read() == b""
        assert process.stderr.read() == b"search: interrupted; what was committed before is kept\n"
        process.stdin.close()
    assert (copy / "index/commit.json").read_bytes() == before
    checked = inside("check", cwd=copy)
    assert (checked.status, checked.out, checked.err) == (0, "4 articles, all sound\n", "")
    assert run("index", "-", cwd=copy, stdin=lines([FLOOD])).status == 0
    assert {path.suffix for path in (copy / "index").iterdir()} <= {".json", ".segment", ""}


@pytest.mark.parametrize(
    "sign", [*"\0\x1b\x7f\x9b\u2028\u2029\u202e\u2066\u206a\u206f\ufff9\ufffb\U000e0001\U000e007f\ud800"]
)
def test_nothing_is_printed_that_moves_or_hides_other_signs(sign: str) -> None:
    shown = {"\0": "\u2400", "\x1b": "\u241b", "\x7f": "\u2421"}.get(sign, "\ufffd")
    assert plain(f"rain{sign}fell") == f"rain{shown}fell"
    assert plain(f"rain{sign}\nfell", lines=True).split("\n")[1] == "fell"


def test_marks_that_hebrew_and_arabic_need_are_printed() -> None:
    assert plain("\u05e9\u200f(\u200e\u061c\u200d\u200c") == "\u05e9\u200f(\u200e\u061c\u200d\u200c"


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    many = [{"id": f"n{n}", "body": "The harbour of Odell was closed. " * 100} for n in range(300)]
    assert run("index", "-", cwd=tmp_path, stdin=lines(many)).status == 0
    for command in (["export"], ["find", "harbour", "-n", "300"]):
        with subprocess.Popen(
            [*SEARCH, *command], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
        ) as process:
            assert process.stdout
            assert process.stderr
            assert process.stdout.readline()
            process.stdout.close()
            assert (process.wait(30), process.stderr.read()) == (0, b"")


def test_an_export_is_the_index_again(tmp_path: Path, inside: Inside) -> None:
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    latin = "Café news\r\n\r\nThe café of Odell “reopened” on Monday.\r\n".encode("cp1252")
    (tmp_path / "seeds/latin.txt").write_bytes(latin)
    odd = {**DRY, "date": "some day", "page": "7", "words": {"body": 61}, "meta": {"a": 1}}
    (tmp_path / "seeds/odd.jsonl").write_text(lines([odd]))
    assert run("index", "seeds", cwd=tmp_path).status == 0
    first = run("export", cwd=tmp_path)
    assert (first.status, first.err) == (0, "")
    assert run("index", "-", "--index", "again", cwd=tmp_path, stdin=first.out).status == 0
    second = run("export", "--index", "again", cwd=tmp_path)
    assert sorted(second.out.splitlines()) == sorted(first.out.splitlines())
    assert {"id", "text", "zones", "encoding", "path"} <= set(json.loads(first.out.splitlines()[0]))
    for query in ("dam warning", "cafe", "date:2022-03"):
        answers = [inside("find", query, "--json", "--index", at, cwd=tmp_path).json for at in ("index", "again")]
        for answer in answers:
            answer.pop("took_ms")
        assert answers[0] == answers[1]
        assert answers[0]["hits"]


def test_an_export_says_how_an_unusual_index_is_made_again(tmp_path: Path) -> None:
    german = [{"id": "a", "text": "Die Häuser am Deich stehen leer."}, {"id": "b", "text": "Ein Haus, ein Deich."}]
    options = ["--language", "german", "--set", "k1=0.9", "--set", "b_body=0.5"]
    assert run("index", "-", *options, cwd=tmp_path, stdin=lines(german)).status == 0
    first = run("export", cwd=tmp_path)
    assert (
        first.err == "make the same index of it with: search index - --language german --set k1=0.9 --set b_body=0.5\n"
    )
    command = first.err.strip().partition("search ")[2].split()
    assert run(*command, "--index", "again", cwd=tmp_path, stdin=first.out).status == 0
    answers = [run("find", "haus deich", "--json", "--index", at, cwd=tmp_path).json for at in ("index", "again")]
    assert [hit["score"] for hit in answers[0]["hits"]] == [hit["score"] for hit in answers[1]["hits"]]
    assert len(answers[0]["hits"]) == 2


@settings(deadline=None)
@given(article=articles("x", zoned=True))
@example(Article(id="x", body="", title="Rain", meta={"title": "a", "text": "b", "zones": "c", "meta": "d"}))
@example(Article(id="x", body="Rain.", meta={"date": "2021-08-10", "id": "7", "meta": '{"a": 1}', "page": "7"}))
@example(Article(id="x", body="Rain.", date=datetime.datetime(2021, 8, 10, 14, 0, 0, 123456)))
@example(Article(id="\udce9", body="Rain \ud83d fell.", title="\ud800", meta={"\udfff": "\ud800"}))
def test_every_article_survives_an_export(article: Article) -> None:
    before = prepared([article])[0].stored
    line = json.dumps(looking._record(record.decode(before)))
    (again,) = search.read_records(io.BytesIO(line.encode()), "-")
    assert prepared([again])[0].stored == before


# Looking


def test_show_stats_and_delete(copy: Path, inside: Inside) -> None:
    shown = run("show", "flood", cwd=copy)
    assert (shown.status, shown.err) == (0, "")
    assert shown.out == "flood · 2021-08-10 (stated: field) · OPA\n\nFlood gates open\n\nThe flood came.\n"
    record = inside("show", "rain", "--json", cwd=copy).json
    assert (record["id"], record["date"], record["text"]) == ("rain", "2021-09-01", RAIN["body"])
    assert "title" not in record
    stats = inside("stats", cwd=copy)
    assert (stats.status, stats.err) == (0, "")
    assert stats.out.startswith("4 articles in index; 2 dated, 2021-08-10 to 2021-09-01\n")
    as_json = inside("stats", "--json", cwd=copy).json
    assert (as_json["articles"], as_json["dated"], as_json["deleted"]) == (4, 2, 0)
    fails(inside("delete", "flood", "nothing", cwd=copy), "nothing")  # all or none
    ran = run("delete", "flood", "rain", cwd=copy)
    assert (ran.status, ran.out, ran.err) == (0, "2 deleted; 2 articles left\n", "")
    fails(inside("show", "flood", cwd=copy), "flood", "search find WORDS --ids")
    ran = inside("compact", cwd=copy)
    assert (ran.status, ran.out, ran.err) == (0, "2 articles in one segment\n", "")
    assert inside("find", "flood", "--ids", cwd=copy).out == "dry\n"
    assert inside("check", cwd=copy).status == 0


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "../seeds", ".", "", "a\0b", "index/commit.json"])
def test_an_id_is_no_path(news: Path, inside: Inside, name: str) -> None:
    for command in ("show", "delete"):
        ran = inside(command, "--", name, cwd=news)
        fails(ran, "no article has the id", "search find WORDS --ids")
        assert "root:" not in ran.out + ran.err


def test_check_names_a_damaged_byte(copy: Path, inside: Inside) -> None:
    assert inside("check", cwd=copy).status == 0
    (segment,) = (copy / "index").glob("*.segment")
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 0xFF
    segment.write_bytes(data)
    ran = run("check", cwd=copy)
    assert (ran.status, ran.err) == (1, "")
    assert segment.name in ran.out
    commit = copy / "index/commit.json"
    commit.write_bytes(commit.read_bytes().replace(b'"generation": 1', b'"generation": 2'))
    fails(inside("find", "flood", cwd=copy), "commit.json", "checksum")


# Sorting, facets, pages, timelines, more like this


def test_find_counts_fields_after_the_hits_and_in_its_json(news: Path, inside: Inside) -> None:
    ran = inside("find", "flood", "--facets", "source, year,month", "--sort", "title", "--limit", "1", cwd=news)
    assert ran.status == 0
    assert "Flood gates open" in ran.out
    assert "source: OPA 1\nyear: 2021 2\nmonth: 2021-08 1, 2021-09 1\n\n3 articles for flood" in ran.out
    found = inside("find", "flood", "--facets", "source,desk", "--json", cwd=news).json
    assert found["facets"] == {"source": [{"value": "OPA", "articles": 1}], "desk": []}
    assert "facets" not in inside("find", "flood", "--json", cwd=news).json
    assert EVIL[4:] not in inside("find", "zebra", "--facets", "source", cwd=news).out


def test_find_goes_on_behind_a_cursor(news: Path, inside: Inside) -> None:
    first = inside("find", "flood", "--limit", "2", "--json", cwd=news).json
    assert len(first["hits"]) == 2
    rest = inside("find", "flood", "--limit", "2", "--json", "--after", first["cursor"], cwd=news).json
    ids = [hit["id"] for page in (first, rest) for hit in page["hits"]]
    assert sorted(ids) == ["dry", "flood", "rain"]
    assert rest["cursor"] is None
    fails(inside("find", "flood", "--after", "abc", cwd=news), "cursor 'abc' is damaged")
    fails(inside("find", "dam", "--after", first["cursor"], cwd=news), "of another query")
    fails(inside("find", "dam", "--sort", "best", cwd=news), "use one of relevance, newest, oldest, title")


def test_timeline_draws_bars_and_a_picture(news: Path, tmp_path: Path, inside: Inside) -> None:
    picture = tmp_path / "flood.svg"
    ran = inside("timeline", "flood", "--svg", str(picture), cwd=news)
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.splitlines()[0].startswith("2021-08-10  ████")
    assert "    ⋮       21 without any" in ran.out.splitlines()
    assert ran.out.endswith("2 articles by day; 1 more of unknown day, for flood\n")
    assert picture.read_text(encoding="utf-8").startswith("<svg ")
    found = inside("timeline", "flood", "--unit", "month", "--json", cwd=news).json
    assert found["buckets"][1] == {"start": "2021-09", "articles": 1, "stories": 1, "words": []}
    assert (found["query"], found["unit"], found["unknown"]) == ("flood", "month", 1)
    assert inside("timeline", "flood", "--since", "2021-09", "--json", cwd=news).json["unit"] == "day"
    assert inside("timeline", "nothing", cwd=news).status == 1
    fails(inside("timeline", "flood", "--unit", "hour", cwd=news), "use one of day, week, month, year")
    fails(inside("timeline", "flood", "--svg", "no/such/folder.svg", cwd=news), "no/such/folder.svg: No such file")
    fails(inside("timeline", "flood", "--index", "nowhere", cwd=news), "no index here")


def test_similar_prints_what_find_does(news: Path, inside: Inside) -> None:
    ran = inside("similar", "flood", cwd=news)
    assert (ran.status, ran.err) == (0, "")
    assert "Rain fed the flood" in ran.out
    found = inside("similar", "flood", "--no-copies", "--json", "--why", cwd=news).json
    assert (list(found), found["query"], found["total"]) == (RESULT_KEYS, "flood", 2)
    assert list(found["hits"][0]) == [*HIT_KEYS, "why"]
    assert inside("similar", "flood", "--ids", cwd=news).out.split() == [hit["id"] for hit in found["hits"]]
    assert inside("similar", "flood", "--count", cwd=news).out == "2\n"
    assert inside("similar", EVIL, cwd=news).status == 1
    fails(inside("similar", "nothing", cwd=news), "no article has the id or path 'nothing'")


def test_an_article_is_known_by_the_end_of_its_path(tmp_path: Path, inside: Inside) -> None:
    (tmp_path / "in").mkdir()
    for name in ("one", "two"):
        (tmp_path / f"in/{name}.txt").write_bytes(f"A ferry left Odell.\r\n\r\nNumber {name}.\r\n".encode())
    assert run("index", "in", cwd=tmp_path).status == 0
    ran = inside("show", "one.txt", cwd=tmp_path)
    assert (ran.out.splitlines()[0], "\u240d" in ran.out) == ("in/one.txt", False)
    assert inside("show", "two.txt", "--json", cwd=tmp_path).json["id"] == "in/two.txt"
    for name in ("./in/two.txt", "in/../in/two.txt", str(tmp_path / "in/two.txt")):
        assert inside("show", name, "--json", cwd=tmp_path).json["id"] == "in/two.txt"
    assert inside("similar", "one.txt", "--ids", cwd=tmp_path).out == "in/two.txt\n"
    assert inside("diff", "one.txt", "two.txt", "--json", cwd=tmp_path).json["b"] == "in/two.txt"
    assert inside("find", "ferry", "--why-not", "two.txt", "--json", cwd=tmp_path).json["id"] == "in/two.txt"
    fails(inside("show", ".txt", cwd=tmp_path), "2 articles", "in/one.txt")
    fails(inside("delete", "one.txt", cwd=tmp_path), "no article has the id")  # what is not undone takes no guesses


@pytest.mark.parametrize("command", ["find", "similar flood", "complete", "stories", "variants", "quotes", "numbers"])
def test_no_command_takes_a_limit_below_nothing(news: Path, inside: Inside, command: str) -> None:
    words = command.split() if " " in command else [command, "flood"]
    fails(inside(*words, "--limit", "-1", cwd=news), "limit -1")


def test_claims_and_stories_take_the_filters_of_find(news: Path, inside: Inside) -> None:
    for command in ("quotes", "numbers", "stories"):
        told = ("--since", "2021", "--until", "3 days ago", "--now", "2022-01-01", "--all")
        ran = inside(command, "flood", *told, "--no-variants", "--stated-dates-only", cwd=news)
        assert (ran.status, ran.err) == (1, "")
        fails(inside(command, "flood", "--since", "nonsense", cwd=news), "nonsense")


def test_a_query_without_quotes_is_told_of_them(news: Path, inside: Inside) -> None:
    fails(inside("find", "flood", "gates", cwd=news), "in quotes", "search find --help")


# Terminals and pipes


def test_on_a_terminal_matches_are_bold_and_lines_as_wide_as_it_is(news: Path) -> None:
    status, sent = on_terminal("find", "odell OR harrow", cwd=news, columns="40")
    assert status == 0
    assert "\x1b[1mOdell\x1b[0m" in sent
    assert "\x1b[1mHarrow\x1b[0m" in sent
    wide = [line for line in re.sub(r"\x1b\[\d+m", "", sent).splitlines() if line.startswith("    ")]
    assert max(map(len, wide)) <= 40
    assert len(wide) > 4  # two passages, two lines of facts: something was wrapped
    status, sent = on_terminal("find", "odell", cwd=news, NO_COLOR="1")
    assert status == 0
    assert "\x1b" not in sent


def test_articles_can_do_nothing_to_a_terminal(news: Path, inside: Inside) -> None:
    harmful = r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
    for command in (["find", f"zebra OR {EVIL}"], ["show", EVIL], ["show", EVIL + "x"]):
        _, sent = on_terminal(*command, cwd=news)
        assert not re.search(harmful, re.sub(r"\x1b\[[0-3]m", "", sent)), command  # but for our own styles
    _, sent = on_terminal("export", cwd=news)
    assert not re.search(harmful, sent)
    assert EVIL in [json.loads(line)["id"] for line in sent.splitlines()]
    for command in (["find", "zebra"], ["find", "zebra", "--ids"], ["show", EVIL], ["delete", EVIL + "x"], [EVIL]):
        ran = inside(*command, cwd=news)
        assert "]0;owned" in ran.out + ran.err
        assert not re.search(harmful, ran.out + ran.err), command
    assert inside("find", "zebra", "--json", cwd=news).json["hits"][0]["id"] == EVIL


def test_index_shows_its_progress_on_a_terminal_alone(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(lines([FLOOD, RAIN]))
    status, sent = on_terminal("index", "a.jsonl", "b[red]\x1b[2J.txt", cwd=tmp_path)
    assert status == 1
    assert "search: b[red]␛[2J.txt: does not exist" in re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", sent).replace("\n", "")
    assert "2 added, 1 failed; 2 articles in index" in sent
    assert "looking for copies" in sent


def test_completion_and_help(tmp_path: Path) -> None:
    ran = run("--show-completion", "bash", cwd=tmp_path, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert (ran.status, ran.err) == (0, "")
    assert "complete -o default -F _search_completion search" in ran.out
    completed = run(cwd=tmp_path, _SEARCH_COMPLETE="complete_bash", COMP_WORDS="search ", COMP_CWORD="1")
    assert {"index", "find", "show", "check"} <= set(completed.out.split())
    ran = run("--version", cwd=tmp_path)
    assert re.fullmatch(r"search \d+\.\d+\.\d+\n", ran.out)
    for arguments in ([], ["--help"], ["find", "-h"]):
        ran = run(*arguments, cwd=tmp_path)
        assert (ran.status, ran.err) == (0, "")
        assert ran.out.startswith("Usage: search ")


# What is loaded

_LOADED = """
import sys
from search.cli import run
status = run(sys.argv[1:])
print(*sys.modules, file=sys.stderr)
"""


def loaded(*arguments: str, cwd: Path, index: Path) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", _LOADED, *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        env=environment(SEARCH_INDEX=str(index)),
        check=True,
    )
    return set(done.stderr.splitlines()[-1].split())


def test_help_loads_nothing_that_it_does_not_need(news: Path) -> None:
    unneeded = {"numpy", "whoosh", "rich", "pydantic", "charset_normalizer", "Stemmer", "zstandard"}
    assert not unneeded & loaded("--help", cwd=news, index=news / "index")


@pytest.mark.parametrize("command", ['find +"flood_came"', "check", "export"])
def test_plain_commands_in_a_pipe_load_no_more_than_they_need(news: Path, command: str) -> None:
    arguments = (word.replace("_", " ") for word in command.split())
    found = loaded(*arguments, cwd=news, index=news / "index")
    assert not {"whoosh", "rich", "charset_normalizer", "pydantic"} & found
    assert "search.cli.comparing" not in found


@pytest.mark.parametrize("query", ['"rain fed" odell', "rain w/5 odell", "lead(rain)", "zyzzyva"])
def test_finding_loads_no_masked_arrays(news: Path, query: str) -> None:
    assert "numpy.ma" not in loaded("find", query, "--limit", "1", cwd=news, index=news / "index")


def test_finding_stories_does_not_load_what_relates_them(tmp_path: Path) -> None:
    told = "The flood came down the valley in the night and took the bridge, the mill and eleven houses with it, before"
    articles = [{"id": name, "body": f"{told} anybody in {name} could be warned by those above."} for name in "abc"]
    assert run("index", "-", cwd=tmp_path, stdin=lines(articles)).status == 0
    found = loaded("find", "flood", cwd=tmp_path, index=tmp_path / "index")
    assert "search.engine.folding" in found
    assert {name for name in found if name.startswith("search.stories.")} == {
        "search.stories.membership",
        "search.stories.relation",
    }


def test_indexing_utf8_guesses_no_encoding(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The café of Odell “reopened”.\n", encoding="utf-8")
    found = loaded("index", "a.txt", cwd=tmp_path, index=tmp_path / "index")
    assert not {"whoosh", "rich", "charset_normalizer"} & found


def test_what_matches_is_found_even_if_nothing_is_shown(news: Path, inside: Inside) -> None:
    for more in (["--limit", "0"], ["--offset", "99"]):
        assert inside("find", "zebra", *more, cwd=news).status == 0
        assert inside("find", "zyzzyva", *more, cwd=news).status == 1
