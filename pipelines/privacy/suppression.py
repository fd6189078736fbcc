"""The suppression list: keyed hashes of whom no delivery may bring back, by the secret that they were made with.

A mark is made from a pseudonym, in a context of its own, so that the list can't be compared with the lake. Documents
(orders, responses) of an erased person have marks too: a refund or a line of such an order names nobody. What must
stay out: reading extracts, and whom to erase.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.ingest.manifests import write_whole
from pipelines.ingest.pseudonyms import SEPARATOR, secret_fingerprint
from pipelines.refusal import Refusal

CONTEXT = "treue suppression"
# Parts these hashes from the pseudonyms, which are made with the same secret.


class SecretBeforeMissing(Refusal):
    """Marks that can't be compared with anybody, because the secret they were made with is not at hand."""


class SuppressionUnreadable(Refusal):
    """The list is damaged; going on without it would bring erased persons back."""


@dataclass(frozen=True)
class Suppression:
    """The marks of the list, each set with the secret by which somebody is compared with it."""

    sections: tuple[tuple[bytes, frozenset[str]], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sections)


def mark_of_person(secret: bytes, identifier_key: str) -> str:
    """The mark of one pseudonym."""
    return _mark(secret, identifier_key)


def mark_of_document(secret: bytes, extract: str, document: str) -> str:
    """The mark of one order or response of an extract."""
    return _mark(secret, document_text(extract, document))


def document_text(extract: str, document: str) -> str:
    """What is marked of a document; no pseudonym has this form."""
    return f"{extract}{SEPARATOR}{document}"


def _mark(secret: bytes, text: str) -> str:
    return hmac.new(secret, f"{CONTEXT}{SEPARATOR}{text}".encode(), hashlib.sha256).hexdigest()


def read_suppression(file: Path, secret: bytes, secrets_before: Sequence[bytes] = ()) -> Suppression:
    """The list as it stands; `SecretBeforeMissing` if a part of it belongs to a secret that is not given."""
    secrets = {secret_fingerprint(each): each for each in (secret, *secrets_before)}
    listed = _listed(file)
    if unknown := sorted(mark for mark in listed if mark not in secrets):
        raise SecretBeforeMissing(
            f"{file} holds {len(listed[unknown[0]])} mark(s) of erased persons that were made with another secret "
            f"(fingerprint {unknown[0]}), and without it they would come back. Give that secret in "
            "TREUE_SECRET_BEFORE, every night; docs/operations.md says how to be rid of it."
        )
    return Suppression(
        tuple((secrets[each], frozenset(marks)) for each, marks in sorted(listed.items()) if marks)
    )


def add_marks(file: Path, fingerprint: str, marks: Iterable[str]) -> None:
    """Put marks on the list, which is there in full or as before, whatever ends the process."""
    listed = _listed(file)
    listed[fingerprint] = sorted({*listed.get(fingerprint, ()), *marks})
    write_whole(file, listed)


def _listed(file: Path) -> dict[str, list[str]]:
    """The marks by the fingerprint of their secret."""
    if not file.exists():
        return {}
    try:
        listed: dict[str, list[str]] = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        raise SuppressionUnreadable(
            f"{file} is damaged. It keeps erased persons out: restore it from a backup; nothing runs without it."
        ) from None
    return listed
