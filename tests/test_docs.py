"""The pages are true: their commands and their Python run as they stand there, their links lead somewhere."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import search

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
WHOOSH = (ROOT / "search" / "bridge" / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *(ROOT / "search").rglob("*.md"), *(ROOT / "tests").rglob("*.md")]


def blocks(language: str, page: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def run(*arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if name != "SEARCH_INDEX"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**kept, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a folder with the samples, as a fresh clone has them."""
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    return tmp_path


def test_the_samples_show_a_story_whose_articles_teach_spellings(checkout: Path) -> None:
    index = search.open(checkout / "index")
    index.add(search.read([checkout / "seeds"]))
    articles = {name: index.resolve(name) for name in ("001", "002", "003", "012", "015")}
    story = index.stories()[0]
    assert {story.id, *(member.id for member in story.members)} == set(articles.values())
    taught = {tuple(sorted(variant.forms)) for variant in index.variants()}
    assert taught == {("Karimov", "Kerimov"), ("Kest-e-Mar", "Kest-i-Mar"), ("Yussuf", "Yusuf")}
    shown = [passage.text for hit in index.search("raw flour") for passage in hit.passages]
    assert len(shown) == len(set(shown)) == 2


def test_every_command_is_there(tmp_path: Path) -> None:
    shown = run("-m", "search", "--help", cwd=tmp_path).stdout.partition("Commands:")[2]
    commands = re.findall(r"^  ([a-z]+) ", shown, re.MULTILINE)
    assert len(commands) >= 8
    assert set(re.findall(r"^\| `search ([a-z]+)", README, re.MULTILINE)) == set(commands)


def test_every_option_it_names_exists(tmp_path: Path) -> None:
    for command, told in re.findall(r"^\| `search ([a-z]+)[^`]*` \| (.*) \|$", README, re.MULTILINE):
        options = set(re.findall(r"`(--[a-z-]+)", told))
        if options:
            known = run("-m", "search", command, "--help", cwd=tmp_path).stdout
            assert options <= set(re.findall(r"--[a-z-]+", known)), command


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_links_lead_to_what_is_there(page: Path) -> None:
    for target, part in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", page.read_text(encoding="utf-8")):
        there = page.parent / target if target else page
        assert there.exists(), target
        if part:
            titles = re.findall(r"^#+ (.*)$", there.read_text(encoding="utf-8"), re.MULTILINE)
            assert part in [re.sub(r"[^\w -]", "", title).replace(" ", "-").lower() for title in titles], part


def test_every_promise_names_a_test_that_is_there() -> None:
    promises = README.partition("## Promises")[2].partition("## Limits")[0]
    rows = re.findall(r"^\| (?!promise|-)(.*) \|$", promises, re.MULTILINE)
    assert len(rows) > 15
    for row in rows:
        tests = re.findall(r"`(test_\w+\.py)`", row.rpartition(" | ")[2])
        assert tests, row
        assert all((ROOT / "tests" / test).is_file() for test in tests), row


def test_every_public_name_is_there() -> None:
    written = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`\n]+)`", README) + blocks("python"))))
    assert set(search.__all__) <= written


def test_its_python_runs(checkout: Path) -> None:
    code = "\n".join(blocks("python") + blocks("python", WHOOSH))
    assert "index.search(" in code
    assert "index.whoosh_reader(" in code
    ran = run("-W", "error", "-c", code, cwd=checkout)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "dam" in ran.stdout.lower()
    assert (checkout / "index").is_dir()


def test_its_first_command_indexes_and_finds(checkout: Path) -> None:
    line = blocks("console")[0].strip()
    assert "\n" not in line
    commands = [part.strip() for part in line.split("&&") if " search " in f" {part} " or "/search " in part]
    assert len(commands) == 2
    for command in commands:
        program, *arguments = shlex.split(command)
        assert program == ".venv/bin/search"
        ran = run("-m", "search", *arguments, cwd=checkout)
        assert (ran.returncode, ran.stderr) == (0, "")
    assert "evacuat" in ran.stdout.lower() or "warn" in ran.stdout.lower()


def test_ci_runs_the_test_command_as_it_stands_there() -> None:
    command = blocks("console")[1].strip()
    assert "\n" not in command
    assert "'.[test]'" in command
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    found = re.search(r"^command=(\$\(.+\))$", script, re.MULTILINE)
    assert found
    assert 'eval "$command"' in script
    assert "-m slow" in script
    chosen = subprocess.run(["bash", "-c", f'echo "{found[1]}"'], cwd=ROOT, capture_output=True, text=True, check=True)
    assert chosen.stdout.strip() == command


LANGUAGE = (ROOT / "search" / "query" / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(
    r"^\| `([^`]+)` \| ([^`|]+) \| ([^`|]+) \|$", LANGUAGE.partition("## What binds")[0], re.MULTILINE
)


def article(article_id: str, told: str) -> search.Article:
    """Return an article of which a cell of a table tells."""
    parts = told.split(" ¶ ")
    named = dict(part.split(": ", 1) for part in parts if re.match(r"(title|source|author|path|date): ", part))
    body = "\n\n".join(part for part in parts if part.split(": ", 1)[0] not in named)
    title, source, author, path, date = map(named.get, ("title", "source", "author", "path", "date"))
    return search.Article(id=article_id, body=body, title=title, source=source, author=author, path=path, date=date)


@pytest.mark.parametrize(("query", "found", "missed"), EXAMPLES, ids=[query for query, _, _ in EXAMPLES])
def test_each_query_finds_what_its_row_says(query: str, found: str, missed: str, tmp_path: Path) -> None:
    with search.open(tmp_path) as index:
        index.add([article("found", found), article("missed", missed)])
        results = index.search(query, now="2021-08-12")
        assert [hit.id for hit in results] == ["found"]
        again = index.search(results.reading, now="2021-08-12")
        assert [(hit.id, hit.score) for hit in again] == [(hit.id, hit.score) for hit in results]


def test_every_operator_has_an_example() -> None:
    queries = " ".join(query for query, _, _ in EXAMPLES)
    binds = LANGUAGE.partition("## What binds tighter")[2].partition("\n\n`")[0]
    for operator in re.findall(r"`([^`]+)`", binds):
        assert operator.replace("…", "").rstrip("0123456789()~").strip('"')[:1] in queries
        assert re.sub(r"[\d()…\"]", "", operator) in re.sub(r"[\d()\"]", "", queries)
    for field in re.findall(r"(\w+):", LANGUAGE.partition("Fields: `")[2].partition("`")[0]):
        assert field in ("deck", "low") or f"{field}:" in queries
    assert len(EXAMPLES) > 50
