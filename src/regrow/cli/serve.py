"""`regrow serve` and `regrow worker`: the processes that stay."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regrow.cli import opened, output, working
from regrow.kit import errors

if TYPE_CHECKING:
    import uvicorn

    from regrow.wiring import Home

DRAIN_SECONDS = 30
"""How long runs in the air get to finish before the process leaves; the rest go on at the next start."""


def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 for a free one.")] = 8000,
    with_worker: Annotated[
        bool, typer.Option("--with-worker/--no-worker", help="Do the work here too, or leave it to regrow worker.")
    ] = True,
) -> None:
    """Serve the HTTP API and do the work.

    Example: regrow serve --port 8080
    """
    settings = opened.settings()
    with listening(host, port) as heard, _launched(settings, with_worker) as home:
        if not with_worker and home.settings.is_sqlite:
            output.say("Nothing that is asked for gets done while this server runs: on SQLite nobody else can work.")
        _announce(heard)
        _served(home, heard)


def worker() -> None:
    """Do background work only, until told to stop.

    On SQLite it refuses while a server holds the home, because that server does the work already.

    Example: REGROW_DATABASE_URL=postgresql://... regrow worker
    """
    settings = opened.settings()
    with _launched(settings, does_work=True):
        stop = working.told_to_stop()
        output.say("Working. Stop it with Ctrl-C.")
        while not stop.wait(1.0):
            continue
        output.say("Stopping: letting runs finish.")


@contextmanager
def _launched(settings: Any, does_work: bool) -> Iterator[Home]:
    from regrow import wiring

    home = wiring.open_home(settings)
    try:
        with opened.private():
            home.launch(does_work)
        yield home
    finally:
        home.close(DRAIN_SECONDS)


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens; Conflict when the port is taken, Invalid for an address that is not ours.

    What goes wrong while it is in use is passed on as it is.
    """
    heard = _bound(host, port)
    try:
        yield heard
    finally:
        heard.close()


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, kind, proto, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError):
        raise errors.Invalid(f"--host: {host[:80]!r} is no address of this machine", "bad_host") from None
    try:
        return _opened(socket.socket(family, kind, proto), address)
    except OSError as error:
        raise _refused(error, host, port) from None


def _opened(heard: socket.socket, address: Any) -> socket.socket:
    try:
        heard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        heard.bind(address)
        heard.listen(2048)
    except OSError:
        heard.close()
        raise
    return heard


def _refused(error: OSError, host: str, port: int) -> errors.RegrowError:
    if error.errno == errno.EADDRINUSE:
        return errors.Conflict(f"port {port} on {host} is taken: stop what listens there, or use --port", "port_taken")
    if error.errno == errno.EADDRNOTAVAIL:
        return errors.Invalid(f"--host: {host[:80]} is no address of this machine", "bad_host")
    if error.errno in (errno.EACCES, errno.EPERM):
        return errors.Unavailable(f"port {port} may not be opened by this user: use one above 1023", "port_refused")
    return errors.Unavailable(f"{host}:{port} cannot be listened on: {error.strerror}", "port_refused")


def _announce(heard: socket.socket) -> None:
    host, port = heard.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    hint = working.workspace_hint()
    output.give({"address": f"http://{shown}:{port}"}, lambda: None)
    output.say(
        f"Regrow serves http://{shown}:{port} (its description: /openapi.json). Stop it with Ctrl-C.\n"
        f"Calls need a key: regrow{hint} keys create NAME, then send  Authorization: Bearer KEY"
    )


def _served(home: Home, heard: socket.socket) -> None:
    import uvicorn

    from regrow.wiring import faces

    application = faces.application(home)
    config = uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        server_header=False,
        lifespan="on",
    )
    _stoppable(config, application).run(sockets=[heard])


def _stoppable(config: uvicorn.Config, application: Any) -> uvicorn.Server:
    import uvicorn

    class Stoppable(uvicorn.Server):
        """Answers those who wait before it stops, and leaves at once when told twice."""

        def handle_exit(self, sig: int, frame: Any) -> None:
            if self.should_exit:
                working.leave_at_once(sig)
            output.say("Stopping: those who wait are answered, runs get a moment to finish.")
            application.state.stopping.set()
            self.should_exit = True

    return Stoppable(config)
