"""What the questions of a survey can't mean, though each of their keys alone is well formed.

Here are constructs, scales and the names that are taken. What must stay out: the rest of a contract, which
`contract_rules.py` judges.
"""

from collections.abc import Iterator

from pipelines.ingest.contracts import Extract, Question
from pipelines.settings_file import KeyPath, SettingsFault

SCI_SCALES = ((0, 10), (1, 10), (1, 7), (1, 5), (1, 4), (0, 1))
# The scales for which the catalogue (3.2) maps scores to the four levels; yes or no is 1 or 0.
CSAT_SCALES = ((0, 10), (1, 10), (1, 7), (1, 6), (1, 5), (1, 4), (1, 3), (0, 1))
EFFORT_QUESTIONS = {"1.0": ((1, 5), True), "2.0": ((1, 7), False)}
# The scales for which the catalogue (3.3) states a top box.
INDEX_ITEM = "all"
# What the customer index is called where questions have their id.
SCALES_OF_CONSTRUCTS = ("all", "secure_customer_index", "drivers")
# What stands among the scales of Likert items without being made of them.


def question_faults(here: KeyPath, extract: Extract) -> Iterator[SettingsFault]:
    """Every fault of the questions of one extract, each with the path of its key."""
    seen: set[tuple[str, ...]] = set()
    for index, question in enumerate(extract.questions):
        place: KeyPath = (*here, "questions", index)
        once = {("id", question.id)}
        if question.construct_name not in ("driver", "likert", "reason", "comment"):
            once.add(("construct", question.construct_name))
        if question.construct_name == "driver":
            once.add(("attribute", question.attribute or ""))
        for mark in sorted(once & seen):
            yield SettingsFault(
                (*place, mark[0]), f"{mark[1]!r} stands already in another question of this survey"
            )
        seen |= once
        yield from _name_faults(place, question)
        yield from _construct_faults(place, question)


def _name_faults(place: KeyPath, question: Question) -> Iterator[SettingsFault]:
    """Names under which something else stands beside questions and their scales."""
    if question.id == INDEX_ITEM:
        message = (
            f"{INDEX_ITEM!r} is what the customer index is called among the questions: give it another id"
        )
        yield SettingsFault((*place, "id"), message)
    if question.scale_name in SCALES_OF_CONSTRUCTS:
        message = (
            f"{question.scale_name!r} is taken (taken: {', '.join(SCALES_OF_CONSTRUCTS)}): name it otherwise"
        )
        yield SettingsFault((*place, "scale_name"), message)


def _construct_faults(place: KeyPath, question: Question) -> Iterator[SettingsFault]:
    construct = question.construct_name
    if construct == "driver" and question.attribute is None:
        yield SettingsFault(place, "a driver needs the attribute that it rates")
    if construct == "effort" and question.version is None:
        message = 'effort needs its version, "1.0" or "2.0": the two must never meet in one series'
        yield SettingsFault(place, message)
    if construct == "likert" and question.scale_name is None:
        yield SettingsFault(place, "a likert item needs the scale_name of the scale that it belongs to")
    if (question.column is None) == (not question.columns):
        yield SettingsFault(place, "needs either column, or columns (one per choice: our id)")
    if question.columns and construct != "reason":
        yield SettingsFault(
            (*place, "columns"), "only a question of construct reason has one column per choice"
        )
    if construct == "reason" and not question.choices and not question.columns:
        message = "a reason needs its choices (their text: our id); free text may tell who wrote it"
        yield SettingsFault(place, message)
    if question.is_comment:
        for key in sorted(question.model_fields_set & {"scale", "labels", "choices", "separator"}):
            yield SettingsFault((*place, key), "does nothing here: a comment is kept as it was written")
    if question.is_scored and question.scale is None:
        message = f"a question of construct {construct} needs its scale, such as [0, 10]"
        yield SettingsFault((*place, "scale"), message)
    if question.scale is not None:
        yield from _scale_faults(place, question, question.scale)


def _scale_faults(place: KeyPath, question: Question, scale: tuple[int, int]) -> Iterator[SettingsFault]:
    if scale[0] >= scale[1]:
        yield SettingsFault((*place, "scale"), "the scale's first end must be the lower one")
    match question.construct_name:
        case "recommend" if scale != (0, 10):
            message = "recommend is asked from 0 to 10; another scale is another metric (likert)"
            yield SettingsFault((*place, "scale"), message)
        case "overall_satisfaction" if scale not in CSAT_SCALES:
            message = f"no top box is defined for it; defined: {list(map(list, CSAT_SCALES))}"
            yield SettingsFault((*place, "scale"), message)
        case "effort" if question.version and EFFORT_QUESTIONS[question.version] != (
            scale,
            question.low_is_good,
        ):
            message = (
                "effort 1.0 is asked from 1 to 5 with low_is_good: true, 2.0 from 1 to 7; others are likert"
            )
            yield SettingsFault((*place, "scale"), message)
        case "repurchase" | "willingness_to_recommend" if scale not in SCI_SCALES:
            message = f"no levels are defined for it; defined: {list(map(list, SCI_SCALES))}"
            yield SettingsFault((*place, "scale"), message)
    for text, score in question.labels.items():
        if not scale[0] <= score <= scale[1]:
            yield SettingsFault((*place, "labels", text), f"{score} lies outside the scale {list(scale)}")
