"""Comments of survey responses: kept only where the contract asks for them, in a table of their own that nothing reads.

The table is not among those of a build, so that no comment reaches a model, a figure or the warehouse. What must stay
out: for how long they are kept afterwards (`privacy/retention.py`).
"""

from datetime import date, timedelta

from pipelines.ingest.contracts import Extract
from pipelines.ingest.expressions import literal
from pipelines.ingest.manifests import Manifest

COMMENTS = "survey_comments"


def comments_query(
    extract: Extract, manifest: Manifest, identity: str, time_zone: str, comments_days: int | None
) -> str | None:
    """One row per response and comment that is not older than the company keeps them; none where it asks for none."""
    asked = [question for question in extract.questions if question.is_comment]
    if not asked or comments_days is None:
        return None
    # By the day on which the file was first seen, so that the same file gives the same rows whenever it is read.
    oldest = date.fromisoformat(manifest.first_seen_on) - timedelta(days=comments_days)
    day = f"cast(timezone({literal(time_zone)}, v_responded_at) as date)"
    queries = [
        f"select {identity}, {day} as responded_date, {literal(each.id)} as question, v_question_{each.id} as comment "
        f"from kept where v_question_{each.id} is not null and {day} >= date '{oldest}'"
        for each in asked
    ]
    return " union all ".join(queries)
