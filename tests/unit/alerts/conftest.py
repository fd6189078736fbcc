"""Somebody to be told, on loopback."""

from collections.abc import Iterator

import pytest

from tests.receivers import MailServer, Webhook, mail_server, webhook


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as receiver:
        yield receiver


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as receiver:
        yield receiver
