"""The marks as a table and as a page with all texts to read."""

from collections.abc import Callable, Sequence
from html import escape

from plugins.followup.verdicts import Decision
from tests.eval.cases import NOW, Case
from tests.eval.rubric import Mark

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --good: #1a7f37; --bad: #cf222e; }
@media (prefers-color-scheme: dark) { :root { --good: #4ac26b; --bad: #ff7b72; } }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; }
table { border-collapse: collapse; } td, th { border: 1px solid var(--line); padding: .2rem .6rem; }
td { text-align: end; } th { text-align: start; }
article { border: 1px solid var(--line); border-radius: .5rem; margin: 1rem 0; padding: .2rem 1rem;
}
ol { list-style: none; padding: 0; } li { margin: .3rem 0; padding: .3rem .6rem;
border-radius: .5rem; background: var(--soft); width: fit-content; max-width: 85%; }
li.ours { margin-inline-start: auto; } li.unasked { border: 1px dashed var(--line); }
.good { color: var(--good); } .bad { color: var(--bad); }
.verdict { border-inline-start: .3rem solid; padding-inline-start: .6rem; }
small { opacity: .75; } nav a { margin-inline-end: .6rem; }
"""


def table(marks: Sequence[Mark], name: str, version: str) -> str:
    """Right verdicts by language and by kind, in plain text."""
    good = sum(mark.passed for mark in marks)
    lines = [
        f"Model: {name}",
        f"Prompts: reminder.occasion.retry {version}",
        f"Right: {good} of {len(marks)}",
        "",
        *_rows(marks, "language", lambda case: case.language),
        "",
        *_rows(marks, "kind", lambda case: case.kind),
    ]
    return "\n".join(lines)


def page(marks: Sequence[Mark], name: str, version: str) -> str:
    """All conversations with what the model decided and wrote; one file that needs no other."""
    good = sum(mark.passed for mark in marks)
    languages = list(dict.fromkeys(mark.case.language for mark in marks))
    links = "".join(f'<a href="#{each}">{each}</a>' for each in languages)
    parts = [f'<h2 id="{each}">{each}</h2>{_of_language(marks, each)}' for each in languages]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Evaluation</title><style>{_STYLE}</style></head><body>\n"
        f"<h1>Evaluation: {good} of {len(marks)} right</h1>\n"
        f"<p>Model: {escape(name)}. Prompts: reminder.occasion.retry {escape(version)}. It is "
        f"{NOW:%A %d %B %Y %H:%M} for each business.</p>\n"
        f"{_html_rows(marks, 'language', lambda case: case.language)}"
        f"{_html_rows(marks, 'kind', lambda case: case.kind)}"
        f"<nav>{links}</nav>\n{''.join(parts)}</body></html>\n"
    )


def _counted(marks: Sequence[Mark], key: Callable[[Case], str]) -> Sequence[tuple[str, int, int]]:
    names = list(dict.fromkeys(key(mark.case) for mark in marks))
    groups = [(name, [mark for mark in marks if key(mark.case) == name]) for name in names]
    return [(name, sum(mark.passed for mark in group), len(group)) for name, group in groups]


def _rows(marks: Sequence[Mark], title: str, key: Callable[[Case], str]) -> Sequence[str]:
    rows = [f"{name:<16} {good:>3} of {all_}" for name, good, all_ in _counted(marks, key)]
    return [f"By {title}:", *rows]


def _html_rows(marks: Sequence[Mark], title: str, key: Callable[[Case], str]) -> str:
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{good}</td><td>{all_}</td></tr>"
        for name, good, all_ in _counted(marks, key)
    )
    head = f"<tr><th>{title}</th><th>right</th><th>of</th></tr>"
    return f"<h2>By {title}</h2><table>{head}{rows}</table>\n"


def _of_language(marks: Sequence[Mark], language: str) -> str:
    side = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    mine = [mark for mark in marks if mark.case.language == language]
    return "".join(_article(mark, side) for mark in mine)


def _article(mark: Mark, side: str) -> str:
    case = mark.case
    said = "".join(_line(line) for line in case.said)
    state = "good" if mark.passed else "bad"
    faults = "".join(f'<p class="bad">{escape(fault)}</p>' for fault in mark.faults)
    return (
        f'<article id="{case.id}"><h3>{case.id}: {escape(case.kind)}</h3>'
        f'<ol lang="{case.language}" dir="{side}">{said}</ol>'
        f"<p><small>Task: {escape(case.task)} Right: {escape(' or '.join(case.verdicts))}"
        f"{f', {case.until}' if case.until else ''}.</small></p>"
        f'<div class="verdict {state}">{_verdict(mark, side)}</div>{faults}</article>\n'
    )


def _line(line: str) -> str:
    who, _, text = line.partition(": ")
    if line.startswith("---"):
        return f"<li><small>{escape(line)}</small></li>"
    kind = {"client": "", "we": "ours", "reminder": "ours unasked"}[who]
    return f'<li class="{kind}">{escape(text)}</li>'


def _verdict(mark: Mark, side: str) -> str:
    verdict = mark.verdict
    if verdict is None:
        return f"<p>no verdict: {escape(mark.failed)}</p>"
    head = f"<p><strong>{verdict.decision}</strong> {verdict.reason}"
    if verdict.until is not None:
        head += f" until {verdict.until:%A %Y-%m-%d %H:%M}"
    quote = f' · <q dir="auto">{escape(verdict.said)}</q>' if verdict.said else ""
    text = ""
    if verdict.decision is Decision.SEND:
        text = f'<p lang="{mark.case.language}" dir="{side}">{escape(verdict.text)}</p>'
    return f"{head}{quote}</p>{text}"
