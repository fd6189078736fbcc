"""Sending a message over apprise, so that no address is ever shown: each of them holds a token or a password.

What goes wrong is told by the address's number and kind. apprise and the libraries below it write addresses into
their logs, at the level of errors too; what they say is caught here, and handed on without any part of an address.
What must stay out: what a message says.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pipelines.alerts.messages import Message

if TYPE_CHECKING:
    import apprise

TALKATIVE = ("apprise", "urllib3", "requests")
SHORTEST_SECRET = 3
# Shorter parts of an address, such as a port, hide nothing and would blot out half of a sentence.
KIND = re.compile(r"([a-z][a-z0-9]{1,19})://")


def send(addresses: Sequence[str], message: Message) -> list[str]:
    """Send the message to every address; what went wrong, a sentence per address that did not take it."""
    import apprise

    asset = apprise.AppriseAsset(
        app_id="Treue",
        app_desc="Treue",
        app_url="",
        async_mode=False,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
    )
    problems = []
    for number, address in enumerate(addresses, start=1):
        with _heard() as said:
            target = apprise.Apprise(asset=asset)
            is_known = target.add(address)
            is_sent = is_known and _notify(target, message, said)
        if not is_sent:
            what = (
                "was not reached"
                if is_known
                else "is none that apprise knows (such as jsons:// or mailtos://)"
            )
            reason = hidden(" ".join(said), addresses) if is_known else ""
            problems.append(
                f"address {number} of TREUE_ALERT_URLS{_kind(address)} {what}"
                + (f": {reason}" if reason else "")
            )
    return problems


def _notify(target: "apprise.Apprise", message: Message, said: list[str]) -> bool:
    try:
        return bool(target.notify(title=message.title, body=message.body, body_format="text"))
    except Exception as error:  # noqa: BLE001 - a plugin's own fault; its words may hold the address
        said.append(type(error).__name__)
        return False


def _kind(address: str) -> str:
    kind = KIND.match(address)
    return f" ({kind.group(1)})" if kind else ""


def hidden(text: str, addresses: Sequence[str]) -> str:
    """The text with every part of every address blotted out."""
    parts = {part for address in addresses for part in _parts(address)}
    for part in sorted(parts, key=len, reverse=True):
        text = text.replace(part, "***")
    return text


def _parts(address: str) -> Iterator[str]:
    """User, password, host, folders and values of an address, as they stand there and as they are meant."""
    _, _, rest = address.partition("://")
    for part in re.split(r"[?&][\w+-]+=|[/?&:@#,]+", rest or address):
        yield from (form for form in (part, unquote(part)) if len(form) >= SHORTEST_SECRET)


@contextmanager
def _heard() -> Iterator[list[str]]:
    """Keep what the libraries say from every log, and hear what they warn of."""
    said: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    listener = Listener(logging.WARNING)
    loggers = [logging.getLogger(name) for name in TALKATIVE]
    before = [(logger.propagate, logger.handlers) for logger in loggers]
    for logger in loggers:
        logger.propagate, logger.handlers = False, [listener]
    try:
        yield said
    finally:
        for logger, (propagate, handlers) in zip(loggers, before, strict=True):
            logger.propagate, logger.handlers = propagate, handlers
