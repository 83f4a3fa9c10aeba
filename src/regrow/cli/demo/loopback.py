"""The site of a home served on this machine alone, for as long as the demo needs it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from regrow.cli import serve
from regrow.kit import errors

if TYPE_CHECKING:
    import uvicorn

    from regrow.wiring import Home

HOST = "127.0.0.1"
START_SECONDS, STOP_SECONDS = 30, 15


@contextmanager
def serving(home: Home, port: int) -> Iterator[str]:
    """The site of the home on loopback, until the block is left; what came in is written by then."""
    import uvicorn

    from regrow.wiring import faces

    with serve.listening(HOST, port) as heard:
        application = faces.application(home)
        config = uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            server_header=False,
            # The readers have addresses of their own, as behind a proxy on this machine.
            forwarded_allow_ips=HOST,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([heard],), name="site", daemon=True)
        thread.start()
        try:
            _await(server, thread)
            yield f"http://{HOST}:{heard.getsockname()[1]}"
        finally:
            application.state.stopping.set()
            server.should_exit = True
            thread.join(2 * STOP_SECONDS)


def _await(server: uvicorn.Server, thread: threading.Thread) -> None:
    end = time.monotonic() + START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > end:
            raise errors.Unavailable("the site could not be served on this machine", "not_served")
        time.sleep(0.01)
