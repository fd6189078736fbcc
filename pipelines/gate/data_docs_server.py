"""A small server of Great Expectations' pages, on loopback: files below one folder, read and nothing else.

It is a process of its own beside the UI, and ends when the UI does. What must stay out: making the pages (data_docs).
"""

import os
import sys
import threading
from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

LOOPBACK = "127.0.0.1"
SECONDS_BETWEEN_LOOKS = 1.0
# How long the server may outlive the UI.
HEADERS = {
    # Nothing on a page runs, and nothing is fetched from elsewhere, whatever stands in it.
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class PagesOfOneFolder(SimpleHTTPRequestHandler):
    """Serves the files below its folder, and no list of them; links that lead out of it are not followed."""

    def send_head(self) -> Any:
        if not Path(self.directory).is_dir():
            self.send_error(HTTPStatus.NOT_FOUND, "No pages yet", "They are made by the gate of a run.")
            return None
        if not self._is_a_page():
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        return super().send_head()

    def _is_a_page(self) -> bool:
        try:
            asked = Path(self.translate_path(self.path)).resolve()
            is_there = asked.is_file() or (asked / "index.html").is_file()
        except (OSError, ValueError):
            # A name that no file can have.
            return False
        return is_there and asked.is_relative_to(Path(self.directory).resolve())

    def end_headers(self) -> None:
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: who reads which page is nobody's business."""


def server(folder: Path, port: int) -> ThreadingHTTPServer:
    """The server, bound to loopback; port 0 stands for any that is free."""
    return ThreadingHTTPServer((LOOPBACK, port), partial(PagesOfOneFolder, directory=str(folder)))


def main(arguments: Sequence[str]) -> int:
    """Serve a folder on a port for as long as the process lives that is named: the UI."""
    folder, port, parent = Path(arguments[0]), int(arguments[1]), int(arguments[2])
    try:
        serving = server(folder, port)
    except OSError as error:
        print(
            f"The pages about what the gate found are not served: port {port} of {LOOPBACK} cannot be had ({error}). "
            "`make ui PORT=...` takes another one and the one after it.",
            file=sys.stderr,
        )
        return 1
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    while os.getppid() == parent:
        threading.Event().wait(SECONDS_BETWEEN_LOOKS)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
