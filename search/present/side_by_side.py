"""Articles side by side as a page for a browser: one file that loads nothing, runs nothing, and may be sent by mail."""

from collections.abc import Sequence
from html import escape

from search.model import Passage
from search.present.events import summary
from search.reports import Aligned, Diff

# Characters that a page must not have, or that turn the direction of what follows.
_HARMFUL = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(127, 160), *range(0xD800, 0xE000)), "\ufffd")
_HARMFUL |= dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFFFE, 0xFFFF), "\ufffd")

_STYLE = """
:root { color-scheme: light dark; --ink: #1c1b1a; --faint: #6a6763; --paper: #fffdf8; --line: #dedad2;
  --gone: #9c1c1c; --gone-back: #fde4e1; --new: #14602b; --new-back: #dcf3e0; --spelt: #1a4f8b; --spelt-back: #e0ecfa; }
@media (prefers-color-scheme: dark) { :root { --ink: #e9e6e1; --faint: #a09b94; --paper: #1a1918; --line: #3b3936;
  --gone: #ffb3a8; --gone-back: #4a1d19; --new: #a5e3b4; --new-back: #173c22; --spelt: #a8cdf8; --spelt-back: #1c3553;
  } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem clamp(1rem, 4vw, 3rem); max-width: 84rem; color: var(--ink);
  background: var(--paper); font: 1.0625rem/1.55 Charter, Georgia, serif; overflow-wrap: anywhere; }
h1 { font-size: 1.15rem; line-height: 1.3; margin: 0; }
p, small, label, summary, .sign { font: .875rem/1.5 system-ui, sans-serif; color: var(--faint); }
p { margin: .25rem 0; }
p b { color: var(--ink); font-weight: 600; }
section + section { margin-top: 4rem; border-top: 2px solid var(--line); padding-top: 2rem; }
.row { display: grid; grid-template-columns: 1fr 6.5rem 1fr; border-top: 1px solid var(--line); }
.row > * { padding: .6rem 0; unicode-bidi: isolate; }
.head { position: sticky; top: 0; border-top: 0; background: var(--paper); }
.sign { text-align: center; }
.sign span { display: block; }
.same { color: var(--faint); }
del, ins { text-decoration: none; padding: 0 .15em; border-radius: .2em; }
del { color: var(--gone); background: var(--gone-back); text-decoration: line-through 1px; }
ins { color: var(--new); background: var(--new-back); }
.spelt { color: var(--spelt); background: var(--spelt-back); text-decoration: none; }
.row > .only { border-left: 3px solid var(--gone); padding-left: .7rem; }
.row > :last-child.only { border-color: var(--new); }
body:has(#hide:checked) .row.same { display: none; }
@media (max-width: 44rem) {
  .row { grid-template-columns: 1fr; padding: .5rem 0; }
  .row > * { padding: .2rem 0; }
  .row > :empty, .same > :last-child { display: none; }
  .row:not(.same) > [dir] { border-left: 3px solid var(--new); padding-left: .7rem; margin-bottom: .3rem; }
  .row:not(.same) > [dir]:first-child { border-color: var(--gone); }
  .sign { order: -1; }
  .sign, .sign span { display: inline; text-align: left; }
  .head { position: static; }
}
@media print { .head { position: static; } label { display: none; } }
"""
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
<body>
<label><input type="checkbox" id="hide"> hide sentences that are the same</label>
{sections}
</html>
"""


def page(diffs: Sequence[Diff]) -> str:
    """Return the page that shows articles side by side, pair by pair."""
    names = dict.fromkeys(name for diff in diffs for name in diff.names)
    return _PAGE.format(
        title=_text(" · ".join(names)), style=_STYLE, sections="\n".join(_section(diff) for diff in diffs)
    )


def _section(diff: Diff) -> str:
    related = diff.related
    event = ""
    if related.evidence:
        event = f"<p><b>same event</b>, inferred from {_text(summary(related.evidence))}</p>\n"
    shares = f": {related.shared_a:.0%} of the first, {related.shared_b:.0%} of the second" if related.shared else ""
    told = f"<b>{'unrelated' if related.relation == 'none' else related.relation}</b>{shares}"
    counts = [
        (len(diff.changed), "changed"),
        (len(diff.moved), "moved"),
        (len(diff.only_a), "only in the first"),
        (len(diff.only_b), "only in the second"),
    ]
    numbers = " · ".join(f"<b>{n}</b> {label}" for n, label in counts)
    heads = "<div></div>".join(map(_head, diff.names, diff.abouts))
    rows = map(_row, diff.rows)
    return (
        f'<section>\n<p>{told}</p>\n<p>{numbers}</p>\n{event}<div class="row head">{heads}</div>\n'
        + "\n".join(rows)
        + "\n</section>"
    )


def _head(name: str, about: str) -> str:
    return f"<header><h1>{_text(name)}</h1><p>{_text(about)}</p></header>"


def _row(row: Aligned) -> str:
    both = bool(row.a and row.b)
    is_same = both and not row.words and not row.moved
    signs = [] if both else ["first only" if row.a else "second only"]
    signs += ["changed"] if len(row.words) > len(row.spelling) else ["spelled"] if row.spelling else []
    signs += ["moved"] if row.moved else []
    cells = [
        _cell(side, tag, {change[at] for change in row.spelling}, alone=not both)
        for at, (side, tag) in enumerate(((row.a, "del"), (row.b, "ins")))
    ]
    sign = f'<div class="sign">{" ".join(f"<span>{sign}</span>" for sign in signs)}</div>'
    return f'<div class="row{" same" if is_same else ""}">{cells[0]}{sign}{cells[1]}</div>'


def _cell(passage: Passage | None, tag: str, spelled: set[str], *, alone: bool) -> str:
    if passage is None:
        return "<div></div>"
    parts = []
    at = passage.start
    for start, end in passage.highlights:
        words = passage.text[start - passage.start : end - passage.start]
        kind = ' class="spelt"' if words in spelled else ""
        parts.append(
            f"{_text(passage.text[at - passage.start : start - passage.start])}<{tag}{kind}>{_text(words)}</{tag}>"
        )
        at = end
    parts.append(_text(passage.text[at - passage.start :]))
    return f'<div dir="auto"{" class=only" if alone else ""}>{"".join(parts)}</div>'


def _text(text: str) -> str:
    return escape(text.translate(_HARMFUL))
