"""How the questions of a draft are written.

What must stay out: which columns are questions (`questions.py`).
"""

from collections.abc import Iterator

from pipelines.draft.asked import Asked
from pipelines.draft.description import Description
from pipelines.draft.entry_columns import list_of, noted, scalar
from pipelines.draft.vocabulary import identifier

LONGEST_TEXT = 90


def question_lines(found: Description) -> Iterator[str]:
    """The block `questions`, those whose labels have no known order as comments."""
    asked = found.questions
    if not asked:
        return
    is_any = any(not each.unknown for each in asked)
    yield "questions:" if is_any else "# questions:"
    attributes: set[str] = set()
    for each in asked:
        lines = list(_question(each, attributes))
        if each.unknown:
            yield "  # The order of these answers is not known: give each its score, and state the scale."
            yield from (f"  # {line}" for line in lines)
        else:
            yield from (f"  {line}" for line in lines)


def _question(asked: Asked, attributes: set[str]) -> Iterator[str]:
    yield f"- id: {asked.id}"
    text = asked.text if len(asked.text) <= LONGEST_TEXT else f"{asked.text[:LONGEST_TEXT]}..."
    if len(asked.columns) == 1:
        said = "" if asked.text == str(asked.columns[0]) else text
        yield noted(f"  column: {scalar(asked.columns[0])}", said)
    yield noted(f"  construct: {asked.construct}", "decide")
    match asked.construct:
        case "driver":
            yield f"  attribute: {_attribute(asked, attributes)}"
        case "likert":
            low, high = asked.scale or (1, len(asked.unknown))
            yield noted(
                f"  scale_name: {asked.scale_name or f'from_{low}_to_{high}'}",
                "shared by the items of one scale",
            )
        case "effort":
            yield noted('  version: "2.0"', 'or "1.0", where low is good')
    if asked.scale is not None:
        lowest, highest = asked.scale
        yield noted(
            f"  scale: [{lowest}, {highest}]",
            "" if asked.labels else "guessed from the answers given: decide",
        )
    yield from _answers(asked)


def _answers(asked: Asked) -> Iterator[str]:
    if asked.unknown:
        yield f"  scale: [1, {len(asked.unknown)}]"
        yield "  labels:"
        yield from (f"    {scalar(each)}: ?" for each in asked.unknown)
    if asked.labels:
        yield "  labels:"
        for label, score in asked.labels.items():
            yield noted(f"    {scalar(label)}: {score}", "not in this file" if label in asked.unseen else "")
    if asked.missing:
        yield f"  missing: {list_of(asked.missing)}"
    if asked.separator:
        yield f'  separator: "{asked.separator}"'
        yield "  choices:"
        for choice, ours in asked.choices.items():
            yield f"    {scalar(choice)}: {ours}"
    elif asked.choices:
        yield "  columns:"
        for column, ours in asked.choices.items():
            yield f"    {scalar(column)}: {ours}"


def _attribute(asked: Asked, taken: set[str]) -> str:
    """The last word of the question, which is what it rates more often than not; each once."""
    words = asked.text.rstrip("?!. ").split() or [asked.id]
    name = identifier(words[-1])
    free = next(each for each in (name, *(f"{name}_{i}" for i in range(2, 999))) if each not in taken)
    taken.add(free)
    return free
