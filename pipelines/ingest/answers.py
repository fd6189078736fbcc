"""From the text of a cell to a survey answer: scores on a scale, and the choices of a multi-select.

What must stay out: what an answer means for a metric.
"""

from collections.abc import Sequence

from pipelines.ingest.cells import MASK, Cell, masked
from pipelines.ingest.contracts import Question
from pipelines.ingest.expressions import clean, folded, literal, words


def says_nothing(question: Question, sources: Sequence[str]) -> str:
    """Whether the question was met with a word that stands for no answer; an empty cell is no such word."""
    absent = ", ".join(literal(folded(word)) for word in question.missing)
    said = " or ".join(f"coalesce({words(clean(source))} in ({absent}), false)" for source in sources)
    return f"({said})" if absent else "false"


def score(question: Question, source: str) -> Cell:
    """A whole number on the question's scale, from its label or its digits; missing answers are null."""
    text = clean(source)
    plain = words(text)
    low, high = question.scale or (0, 0)
    is_absent = says_nothing(question, [source])
    labels = " ".join(
        f"when {literal(folded(label))} then {value}" for label, value in question.labels.items()
    )
    by_label = f"case {plain} {labels} end" if labels else "null"
    digits = rf"case when regexp_full_match({text}, '[+-]?\d{{1,9}}([.,]0+)?') "
    digits += rf"then cast(regexp_replace({text}, '[.,]0+$', '') as integer) end"
    value = f"case when {is_absent} then null else coalesce({by_label}, {digits}) end"
    unread = "unknown_label" if labels else "not_a_whole_number"
    problem = (
        f"case when {text} is null or {is_absent} then null when ({value}) is null then '{unread}' "
        f"when ({value}) not between {low} and {high} then 'outside_scale' end"
    )
    return Cell(question.id, value, problem, masked(source))


def comment(question: Question, source: str) -> Cell:
    """Free text, as it was written; there is no wrong one."""
    text = clean(source)
    value = f"case when {says_nothing(question, [source])} then null else {text} end"
    return Cell(question.id, value, "null", literal(MASK))


def choices(question: Question, source: str) -> Cell:
    """The chosen ids of a multi-select as a list; a choice that the contract does not name is a problem.

    A rejected row keeps nothing of the cell: where free text was possible, somebody wrote about themselves.
    """
    text = clean(source)
    cases = " ".join(
        f"when {literal(folded(theirs))} then {literal(ours)}" for theirs, ours in question.choices.items()
    )
    parts = f"string_split({text}, {literal(question.separator)})" if question.separator else f"[{text}]"
    ids = f"list_transform(list_filter({parts}, lambda p: trim(p) <> ''), lambda p: case {words('p')} {cases} end)"
    is_absent = says_nothing(question, [source])
    value = f"case when {text} is null or {is_absent} then null else list_sort(list_distinct({ids})) end"
    problem = (
        f"case when {text} is null or {is_absent} then null "
        f"when len(list_filter({ids}, lambda p: p is null)) > 0 then 'unknown_choice' end"
    )
    return Cell(question.id, value, problem, literal(MASK))


def choices_by_column(question: Question, sources: Sequence[str]) -> Cell:
    """The chosen ids of a multi-select that has a column per choice: chosen where the cell says something."""
    not_chosen = ", ".join(literal(folded(word)) for word in (*question.not_chosen, *question.missing, ""))
    chosen = ", ".join(
        f"case when coalesce({words(clean(source))}, '') not in ({not_chosen}) then {literal(choice)} end"
        for source, choice in zip(sources, question.columns.values(), strict=True)
    )
    value = f"list_sort(list_distinct(list_filter([{chosen}], lambda p: p is not null)))"
    return Cell(question.id, f"nullif({value}, [])", "null", literal(MASK))
