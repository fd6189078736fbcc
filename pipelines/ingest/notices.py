"""What is odd about an extract's deliveries, though each file can be read.

Judged every night from ledger and manifests, so that an error stays one until somebody has decided; each tells since
when it is there, so that a warning need not be told again. What must stay out: faults of single files and rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from pipelines.ingest.contracts import Extract, NoticeName
from pipelines.ingest.identifiers import beside
from pipelines.ingest.ledger import Delivered
from pipelines.ingest.manifests import Manifest

SHRUNK_SHARE = 0.1
# A full dump that lost more than a tenth of its rows is more likely cut off than a mass deletion.
EVERY_DAYS = {"day": 1, "week": 7, "month": 31, "quarter": 92}
# The longest gap between two deliveries that still counts as on time.


@dataclass(frozen=True)
class Notice:
    """Something odd: its name, by which the contract states the policy, what was found, and the day it came up.

    It is news on the day it came up, unless another day is given.
    """

    name: NoticeName
    message: str
    since: date
    news_on: date | None = None

    def is_news(self, seen_on: date) -> bool:
        return (self.news_on or self.since) >= seen_on


def notices(
    extract: Extract, deliveries: Sequence[Delivered], files: Mapping[str, Manifest], seen_on: date
) -> Iterator[Notice]:
    """Every notice about one extract on a day; `files` are its committed manifests by content."""
    current = [each for each in deliveries if each.replaced_on is None and each.content_hash in files]
    current.sort(key=lambda each: (each.delivered_on, each.path))
    yield from _repeated(current, files, extract)
    yield from _changed(deliveries)
    yield from _shrunk(current, files, extract)
    yield from _other_columns(current, files)
    yield from _missing(current, extract, seen_on)
    yield from _lost_zeros(current, files, extract)


def _repeated(
    current: Sequence[Delivered], files: Mapping[str, Manifest], extract: Extract
) -> Iterator[Notice]:
    if extract.delivery == "full":
        # A dump in which nothing changed is no repeat: it says that nothing changed.
        return
    first: dict[str, str] = {}
    for each in current:
        cells = files[each.content_hash].cells_hash
        if cells in first and files[each.content_hash].rows_read:
            yield Notice(
                "repeated_delivery",
                f"{each.path} holds the same rows as {first[cells]}; they count once",
                each.seen_on,
            )
        first.setdefault(cells, each.path)


def _changed(deliveries: Sequence[Delivered]) -> Iterator[Notice]:
    for each in deliveries:
        if each.replaced_on is not None:
            yield Notice(
                "changed_file",
                f"{each.path} holds other bytes since {each.replaced_on}; its earlier rows are replaced",
                each.replaced_on,
            )


def _shrunk(
    current: Sequence[Delivered], files: Mapping[str, Manifest], extract: Extract
) -> Iterator[Notice]:
    if extract.delivery != "full" or len(current) < 2:
        return
    before, newest = (files[each.content_hash].rows_read for each in current[-2:])
    if newest < before * (1 - SHRUNK_SHARE):
        yield Notice(
            "shrunk_file",
            f"{current[-1].path} has {newest} rows, the full delivery before it ({current[-2].path}) had {before}",
            max(each.seen_on for each in current[-2:]),
        )


def _other_columns(current: Sequence[Delivered], files: Mapping[str, Manifest]) -> Iterator[Notice]:
    for before, after in pairwise(current):
        old, new = files[before.content_hash].headings, files[after.content_hash].headings
        gone, come = sorted(set(old) - set(new)), sorted(set(new) - set(old))
        if gone or come:
            parts = [f"lacks {', '.join(map(repr, gone))}"] if gone else []
            parts += [f"has {', '.join(map(repr, come))} besides"] if come else []
            message = f"{after.path} {' and '.join(parts)}, against {before.path}"
            yield Notice("changed_columns", message, max(before.seen_on, after.seen_on))


def _lost_zeros(
    current: Sequence[Delivered], files: Mapping[str, Manifest], extract: Extract
) -> Iterator[Notice]:
    for column in extract.columns:
        held = [(each, files[each.content_hash].identifiers.get(column)) for each in current]
        shapes = [(each, shape) for each, shape in held if shape is not None]
        filled = [(each, shape.filled_to) for each, shape in shapes if shape.padded]
        if len({length for _, length in filled}) != 1:
            continue
        witness, length = filled[0]
        for each, shape in shapes:
            for message in beside(column, shape, length, witness.path, extract):
                since = max(each.seen_on, min(other.seen_on for other, _ in filled))
                yield Notice("lost_zeros", f"{message}, in {each.path}", since)


def _missing(current: Sequence[Delivered], extract: Extract, seen_on: date) -> Iterator[Notice]:
    if extract.every is None:
        return
    longest = timedelta(days=EVERY_DAYS[extract.every])
    days = sorted({each.delivered_on for each in current})
    for before, after in pairwise([*days, max(seen_on, days[-1])] if days else []):
        if after - before > longest:
            until = f"between {before} and {after}" if after in days else f"since {before}"
            # While nothing has come it is news every night; a gap that is closed is news with the file behind it.
            news_on = min((each.seen_on for each in current if each.delivered_on == after), default=seen_on)
            message = f"no file {until}; the one of {before + longest} is missing"
            yield Notice("missing_delivery", message, before + longest + timedelta(days=1), news_on)
