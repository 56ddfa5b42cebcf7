"""A client of the gate for tests: runs the real `gate.sh` as an agent does, and gives lanewatch's service its lane."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import psutil

from tests.fleets import lane
from tests.waiting import PATIENCE_S, until
from tui.agents.process import identity
from tui.control.folder import ControlFolder
from tui.control.gate.place import place
from tui.control.permissions import Permissions
from tui.control.routes.registry import Routes
from tui.control.service import ControlService
from tui.model.control import Order
from tui.model.finding import Verb
from tui.model.snapshot import Fleet, Lane, ProcessFact

TOOL = {"tool_name": "Bash", "tool_input": {"command": "ls"}, "tool_use_id": "t1"}
"""The fields of a tool call in the input of a client's hook."""


class Client:
    """One session. Its process is a `sleep`, so that it can be killed; its hooks are the real ones."""

    def __init__(self, folder: ControlFolder, home: Path, name: str = "5f0c21aa") -> None:
        self.folder = folder
        self.session = f"{name}-0000-4000-8000-000000000000"
        self.transcript = home / f"{name}.jsonl"
        self.transcript.write_text("{}\n")
        self.process = subprocess.Popen(["sleep", "600"], stdin=subprocess.DEVNULL, start_new_session=True)
        self.start = identity(self.process.pid)
        self.name = name
        self.busy = True
        self.hooks: list[subprocess.Popen[bytes]] = []

    def lane(self, **changes: object) -> Lane:
        fact = ProcessFact(self.process.pid, self.session, None, None, "claude", None, None, self.start, "registry")
        made = lane(self.name, session=self.session, path=str(self.transcript), busy=self.busy, process=fact)
        return replace(made, **changes)  # type: ignore[arg-type]

    def begin(self, event: str, mode: str = "", **fields: object) -> subprocess.Popen[bytes]:
        """Starts a hook, which may hold."""
        given = {
            "session_id": self.session,
            "transcript_path": str(self.transcript),
            "hook_event_name": event,
            **fields,
        }
        env = {
            "PATH": os.environ["PATH"], "CLAUDE_CODE_SESSION_ID": self.session, "CLAUDE_PID": str(self.process.pid),
            "CLAUDE_CODE_ENTRYPOINT": "cli",
        }  # fmt: skip
        args = ["/bin/sh", "-c", f"{self.folder.path}/gate/gate.sh claude {mode}"]
        hook = subprocess.Popen(args, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert hook.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # `gate.sh` answers without reading its input if it does not need it
            hook.stdin.write(json.dumps(given).encode())
            hook.stdin.close()
        self.hooks.append(hook)
        return hook

    def ask(self, event: str, mode: str = "", **fields: object) -> dict:
        """Runs a hook to its end and returns its answer."""
        return answer(self.begin(event, mode, **fields))

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for hook in self.hooks:
            for pid in [child.pid for child in children(hook.pid)]:
                os.kill(pid, 9)
            hook.kill()
            hook.wait()
            for pipe in (hook.stdout, hook.stderr):
                if pipe is not None:
                    pipe.close()


def children(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def answer(hook: subprocess.Popen[bytes], seconds: float = PATIENCE_S) -> dict:
    assert hook.stdout is not None
    hook.wait(seconds)
    return json.loads(hook.stdout.read() or b"{}")


class Table:
    """A control service over clients that the test creates, with a clock that runs by itself."""

    def __init__(self, home: Path, **options: object) -> None:
        self.home = home
        self.folder = ControlFolder(home / "lanewatch")
        place(self.folder)
        self.clients: list[Client] = []
        self.service = self.other(**options)
        self.ahead = 0.0
        """Seconds that the fleet's clock is ahead, so that deadlines come sooner."""

    def other(self, **options: object) -> ControlService:
        """Another lanewatch over the same folder."""
        return ControlService(self.folder, by="ann (pts/1)", routes=Routes(self.folder, list), **options)  # type: ignore[arg-type]

    def another(self, name: str, **options: object) -> ControlService:
        """Another lanewatch that counts as a process of its own."""
        made = self.other(**options)
        made.store.me = (os.getpid(), name)
        return made

    def client(self, name: str = "5f0c21aa") -> Client:
        made = Client(self.folder, self.home, name)
        self.clients.append(made)
        made.ask("SessionStart", "start", source="startup")
        return made

    @property
    def fleet(self) -> Fleet:
        return Fleet(at=time.time() + self.ahead, lanes=tuple(client.lane() for client in self.clients))

    def give(self, verb: Verb, *clients: Client, service: ControlService | None = None, **words: object) -> list[Order]:
        service = service or self.service
        lanes = [client.lane().id for client in clients or self.clients]
        fleet = self.fleet
        return service.give(service.plans(verb, lanes, fleet), fleet, **words)  # type: ignore[arg-type]

    def look(self, service: ControlService | None = None) -> dict:
        return dict((service or self.service).look(self.fleet))

    def order(self, order: Order) -> Order:
        return next(one for one in self.service.orders() if one.id == order.id)

    def reaches(self, order: Order, *stages: str) -> Order:
        """The order after it has reached this stage."""

        def there() -> Order | None:
            self.look()
            found = self.order(order)
            return found if found.stage.value in stages else None

        return until(there, f"{stages} of {order.verb}")  # type: ignore[return-value]

    def close(self) -> None:
        for client in self.clients:
            client.end()


READ_ONLY = Permissions(read_only=True)
