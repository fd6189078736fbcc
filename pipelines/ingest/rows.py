"""The rows of one file: typed by contract, split into loaded and rejected, written as the raw tables of the kind.

Works on the tables `source` and `unsplit` that a reader left. What must stay out: which file it is and what is
done with the result (`load.py`).
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.ingest import answers, cells
from pipelines.ingest.cells import Cell, Surroundings
from pipelines.ingest.comments import COMMENTS, comments_query
from pipelines.ingest.contracts import Extract, Question
from pipelines.ingest.erased import create_erased
from pipelines.ingest.expressions import clean, literal, matches
from pipelines.ingest.headings import Wanted
from pipelines.ingest.kinds import IDENTITY, KEYS_BY_COLUMN
from pipelines.ingest.manifests import ERASED_REASON, Manifest
from pipelines.ingest.pseudonyms import create_people
from pipelines.ingest.readers import Source, keep_rows
from pipelines.privacy.suppression import Suppression

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ORDER_WITHIN_LINE = ("attribute", "question", "choice")
# Tells the rows of one line apart in the long raw tables.
PARQUET = "format parquet, dictionary_size_limit 2000"
# Keys have no repeats that a dictionary would save; looking for them longer is a tenth of the time.
OWN_COLUMNS = (*IDENTITY, "id_space", "identifier_key", "linked_id_space", *KEYS_BY_COLUMN.values())
# Raw columns that no cell holds: which row it is, and of whom.
LEFT_OUT = "left_out:"
# Begins the reason of a row that the company itself leaves out; such rows are counted, and no fault of the file.


def wanted_columns(extract: Extract) -> list[Wanted]:
    """Their columns that the contract maps, each once; nothing else is ever read."""
    mapped = [column.source for column in extract.columns.values() if column.source is not None]
    asked = [column for question in extract.questions for column in question.source_columns]
    judged = [rule.column for rule in extract.leave_out]
    return list(dict.fromkeys([*mapped, *extract.attributes.values(), *asked, *judged]))


def file_cells(extract: Extract, names: Mapping[Wanted, str], around: Surroundings) -> list[Cell]:
    """A cell for each mapped column, attribute and question, in the order in which problems are told."""
    found = [cell for cell in (left_out_cell(extract, names),) if cell]
    for ours, column in extract.columns.items():
        spec = extract.spec.columns[ours]
        if ours in extract.key and not spec.is_required:
            spec = replace(spec, is_required=True)
        source = names[column.source] if column.source is not None else None
        found.append(cells.typed(ours, column, spec, source, around))
    for attribute, theirs in extract.attributes.items():
        text = clean(names[theirs])
        found.append(Cell(f"attribute_{attribute}", text, "null", literal(cells.MASK)))
    for question in extract.questions:
        sources = [names[column] for column in question.source_columns]
        if question.is_comment:
            cell = answers.comment(question, sources[0])
        elif question.columns:
            cell = answers.choices_by_column(question, sources)
        else:
            cell = (answers.score if question.is_scored else answers.choices)(question, sources[0])
        found.append(Cell(f"question_{question.id}", cell.value, cell.problem, cell.shown))
        if question.missing:
            said = answers.says_nothing(question, sources)
            found.append(Cell(f"missing_{question.id}", said, "null", literal(cells.MASK)))
    return found


def left_out_cell(extract: Extract, names: Mapping[Wanted, str]) -> Cell | None:
    """What the contract leaves out, as a cell without a value whose problem names the rule."""
    if not extract.leave_out:
        return None
    cases = " ".join(
        f"when {matches(names[rule.column], rule.values, rule.unless)} then {literal(LEFT_OUT + rule.reason)}"
        for rule in extract.leave_out
    )
    return Cell("leave_out", "null", f"case {cases} end", "null")


def type_rows(connection: "DuckDBPyConnection", source: Source, found: list[Cell]) -> None:
    """Create `typed`: every row with its values (`v_*`) and its first problem, if it has one."""
    values = ", ".join(f"{cell.value} as v_{cell.name}, {cell.problem} as p_{cell.name}" for cell in found)
    problems = [cell for cell in found if cell.problem != "null"]

    def first(shown: Callable[[Cell], str]) -> str:
        cases = " ".join(f"when p_{cell.name} is not null then {shown(cell)}" for cell in problems)
        return f"case {cases} end" if cases else "cast(null as varchar)"

    reason = "coalesce(" + ", ".join([*(f"p_{cell.name}" for cell in problems), "null::varchar"]) + ")"
    connection.execute(f"create view judged as select *, {values} from source")
    columns = f"""
        {", ".join(f"v_{cell.name}" for cell in found)},
        {first(lambda cell: literal(cell.name))} as problem_column,
        {reason} as problem_reason,
        {first(lambda cell: cell.shown)} as problem_value
    """
    keep_rows(connection, source, columns, "typed", "judged")


def find_people(
    connection: "DuckDBPyConnection", name: str, extract: Extract, secret: bytes, suppression: Suppression
) -> None:
    """Create `people`, everybody in `typed` with their pseudonyms, and `erased`, the lines of those who are gone."""
    id_spaces = {f"v_{column}": each.id_space for column, each in extract.identifiers.items()}
    create_people(connection, secret, "typed", id_spaces)
    create_erased(connection, name, extract, suppression)


def write_rows(
    connection: "DuckDBPyConnection",
    extract: Extract,
    manifest: Manifest,
    around: Surroundings,
    comments_days: int | None,
    target: Callable[[str], Path],
) -> None:
    """Write the loaded rows as the kind's raw tables and the rejected ones, each to `target(table)`."""
    identity = (
        f"{literal(manifest.extract)} as extract, {literal(manifest.file_id)} as file_id, "
        f"line, cast({literal(manifest.known_on)} as date) as known_on"
    )
    connection.execute(
        "create view loaded as select * from typed where problem_reason is null and line not in (from erased)"
    )
    connection.execute(f"create view kept as {_people_query(extract)}")
    queries = {
        table: _table_query(table, columns, extract, identity, around)
        for table, columns in extract.spec.tables.items()
    }
    comments = comments_query(extract, manifest, identity, around.time_zone, comments_days)
    for table, query in (queries | ({COMMENTS: comments} if comments else {})).items():
        columns = extract.spec.tables.get(table, {"question": "text"})
        # Under several threads even rows in their order are cut into other groups each time; the same file must give
        # the same bytes.
        order = ", ".join(["line", *(column for column in ORDER_WITHIN_LINE if column in columns)])
        rows = f"select * from ({query}) order by {order}"
        connection.execute(f"copy ({rows}) to {literal(str(target(table)))} ({PARQUET})")
    _write_rejected(connection, manifest, target)


def _people_query(extract: Extract) -> str:
    """The loaded rows with the keys of those they tell of: `identifier_key` is the first that a row has."""
    spaces = {column: literal(each.id_space) for column, each in extract.identifiers.items()}
    joins = " ".join(
        f"left join people as of_{column} on of_{column}.id_space = {space} "
        f"and loaded.v_{column} = of_{column}.identifier"
        for column, space in spaces.items()
    )
    firsts = [column for column in spaces if column != "linked_id"]
    keys = {"identifier_key": firsts, **{key: [column] for column, key in KEYS_BY_COLUMN.items()}}
    columns = {
        key: [f"of_{each}.identifier_key" for each in those if each in spaces] for key, those in keys.items()
    }
    columns["id_space"] = [f"of_{each}.id_space" for each in firsts]
    columns["linked_id_space"] = [f"of_{each}.id_space" for each in spaces if each == "linked_id"]
    listed = ", ".join(
        f"coalesce({', '.join([*values, 'null::varchar'])}) as {name}" for name, values in columns.items()
    )
    return f"select loaded.*, {listed} from loaded {joins}"


def _write_rejected(
    connection: "DuckDBPyConnection", manifest: Manifest, target: Callable[[str], Path]
) -> None:
    connection.execute(
        f"""
        create view rejected as
        select line, problem_column as column_name, problem_reason as reason, problem_value as value
        from typed
        where problem_reason is not null and line not in (from erased)
        union all
        select line, null, reason, null from unsplit
        union all
        select null, null, {literal(ERASED_REASON)}, null from (select distinct line from erased)
        """
    )
    if connection.execute("select count(*) from rejected").fetchall()[0][0]:
        query = (
            f"select {literal(manifest.extract)} as extract, {literal(manifest.file_id)} as file_id, line, "
            "cast(column_name as varchar) as column_name, reason, cast(value as varchar) as value "
            "from rejected order by line"
        )
        connection.execute(f"copy ({query}) to {literal(str(target('rejected')))} (format parquet)")


def _table_query(
    table: str, columns: Mapping[str, str], extract: Extract, identity: str, around: Surroundings
) -> str:
    if table == "customer_attributes":
        pairs = ", ".join(
            f"{{'attribute': {literal(each)}, 'value': v_attribute_{each}}}" for each in extract.attributes
        )
        valid_from = _value("valid_from_date", "date", extract, around)
        person = f"{identity}, identifier_key, cast({valid_from} as date) as valid_from_date"
        return _long(person, pairs, ("attribute", "value"), columns)
    if table == "survey_answers":
        return _answers_query(extract, identity, columns)
    values = {each: _value(each, sql_type, extract, around) for each, sql_type in columns.items()}
    listed = ", ".join(f"cast({value} as {columns[each]}) as {each}" for each, value in values.items())
    return f"select {listed} from (select {identity}, * exclude (line) from kept)"


def _value(column: str, sql_type: str, extract: Extract, around: Surroundings) -> str:
    """Where a raw column's value comes from: the file's identity, the person, a mapped column or a default."""
    if column in OWN_COLUMNS:
        return column
    if column in extract.columns:
        match sql_type:
            case "timestamp":
                # What timezone('UTC', ...) gives, without asking the calendar of the zones.
                return f"make_timestamp(epoch_us(v_{column}))"
            case "date":
                # A day and no instant: the one that the file writes.
                return f"timezone({literal(cells.zone_of(extract.columns[column], around))}, v_{column})"
            case _:
                return f"v_{column}"
    for instant in (column.removesuffix("_date") + "_at", column.removesuffix("_date")):
        if column.endswith("_date") and instant in extract.columns:
            return f"timezone({literal(around.time_zone)}, v_{instant})"
    spec = extract.spec.columns.get(column)
    match column:
        case "currency" if spec and spec.has_default:
            return literal(around.currency)
        case "status" if spec:
            return literal(spec.values[0])
        case "line_amount":
            return "v_quantity * v_unit_price"
        case _:
            return "null"


def _answers_query(extract: Extract, identity: str, columns: Mapping[str, str]) -> str:
    """One row per answer, and per word that stands for none; a blank leaves no row."""
    pairs = ", ".join(
        f"{{'question': {literal(each.id)}, 'score': v_question_{each.id}, 'choice': null::varchar, "
        f"'is_missing': {_is_missing(each)}}}"
        for each in extract.questions
        if each.is_scored
    )
    fields = ("question", "score", "choice", "is_missing")
    queries = [_long(identity, pairs, fields, columns)] if pairs else []
    queries += [
        f"select {identity}, {literal(each.id)} as question, null::integer as score, "
        f"unnest(if({_is_missing(each)}, [null], v_question_{each.id})) as choice, "
        f"{_is_missing(each)} as is_missing from kept"
        for each in extract.questions
        if not each.is_scored and not each.is_comment
    ]
    listed = ", ".join(f"cast({each} as {sql_type}) as {each}" for each, sql_type in columns.items())
    return f"select {listed} from ({' union all '.join(f'({query})' for query in queries)})"


def _is_missing(question: Question) -> str:
    return f"(v_missing_{question.id} and v_question_{question.id} is null)" if question.missing else "false"


def _long(identity: str, pairs: str, fields: tuple[str, ...], columns: Mapping[str, str]) -> str:
    """One row per row and pair that says something."""
    if not pairs:
        listed = ", ".join(f"null::{sql_type} as {each}" for each, sql_type in columns.items())
        return f"select {listed} where false"
    unnested = ", ".join(f"pair.{each} as {each}" for each in fields)
    is_said = "pair.value is not null" if "value" in fields else "(pair.score is not null or pair.is_missing)"
    wide = f"select {identity}, unnest([{pairs}]) as pair from kept"
    return f"select * exclude (pair), {unnested} from ({wide}) where {is_said}"
