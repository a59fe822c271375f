"""How often the word that was meant comes first: misspellings made of the words of an index.

    search --index reuters index ../shared/data/corpora/reuters21578.jsonl.xz
    python tests/bench/misspellings.py reuters > tests/bench/misspellings.md

Each of the words is misspelt in each way, at a place and with letters by chance (seed 1); what is a word of the index
itself is made again, up to 20 times. The words are drawn by how many articles they stand in, so that each use of a word
counts, or each word once; all have four letters or more, and stand in five articles at least.
"""

import random
import string
import sys
import time

import search
from search.engine.spelling import Speller

N_WORDS = 400
WAYS = ("transposition", "deletion", "insertion", "substitution", "first letter", "two of these")


def misspelt(word: str, way: str, chance: random.Random) -> str:
    """Return a word with one mistake (or two) in it."""
    at = chance.randrange(1, len(word))
    letter = chance.choice(string.ascii_lowercase)
    match way:
        case "transposition":
            at = chance.randrange(1, len(word) - 1)
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case "deletion":
            return word[:at] + word[at + 1 :]
        case "insertion":
            return word[:at] + letter + word[at:]
        case "substitution":
            return word[:at] + letter + word[at + 1 :]
        case "first letter":
            return letter + word[1:]
    return misspelt(misspelt(word, chance.choice(WAYS[:4]), chance), chance.choice(WAYS[:4]), chance)


def main(location: str) -> None:
    """Print the table."""
    index = search.open(location)
    _, snapshot = index._view.opened()
    speller = Speller(snapshot)
    forms = {form for part in snapshot.parts for form, _ in part.segment.lexicon.beginning("")}
    words = sorted(form for form in forms if form.isascii() and form.isalpha() and len(form) > 3)
    counted = [(word, n) for word in words if (n := speller.articles(word)) >= 5]
    chance = random.Random(1)
    drawn = {
        "by use": chance.choices([word for word, _ in counted], [n for _, n in counted], k=N_WORDS),
        "each once": chance.sample([word for word, _ in counted], N_WORDS),
    }
    print("# Misspellings\n\nHow often the word that was meant comes first, or among three, made by `misspellings.py`,")
    print(
        f"which says how: {N_WORDS} words of an index of {len(index):,} articles with {len(forms):,} forms, drawn from"
    )
    print(f"{len(counted):,}.\n")
    print("| words | mistake | first | among three | ms |\n|---|---|---|---|---|")
    for how, sample in drawn.items():
        for way in WAYS:
            n = first = three = 0
            took = 0.0
            for word in sample:
                tries = [misspelt(word, way, chance) for _ in range(20)]
                wrong = next((wrong for wrong in tries if wrong not in forms), None)
                if wrong is None:
                    continue
                n += 1
                began = time.perf_counter()
                found = [spelt.word for spelt in Speller(snapshot).near(wrong, 3)]
                took += time.perf_counter() - began
                first += found[:1] == [word]
                three += word in found
            share, among = first / n, three / n
            print(f"| {how} | {way} | {share:.0%} | {among:.0%} | {1000 * took / n:.1f} |", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
