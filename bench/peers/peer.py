"""What every server under measurement has in common: a process on one core, and requests for it."""

import http.client
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "interop"))
from chancery_server import free_port  # noqa: E402, F401 (the servers' modules take it from here)

SERVER_CORE, LOAD_CORE = 0, 1
TICK = os.sysconf("SC_CLK_TCK")


class Absent(Exception):
    """This server cannot be had here; the message says why."""


class Peer:
    """A server. A sub-class sets name, works and settings, and implements launch() and request()."""

    name = ""
    works = ()  # the kinds of work it can be asked for
    settings = ""  # how it is set, and why that is fair
    acme_directory = ""  # path of its ACME directory

    def __init__(self, folder, material):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.material = material
        self.process = None
        self.ca_file = None  # what its TLS certificate is checked against
        self.prepared = {}
        # Where acme_load answers for all names, while it runs.
        self.dns_port, self.web_port = free_port(), free_port()

    def version(self):
        raise NotImplementedError

    def launch(self):
        """Starts the process and makes it ready for work; returns the seconds until it answered."""
        raise NotImplementedError

    def request(self, work, index):
        """The bytes of the index-th request of a kind of work, the count going over the whole run."""
        raise NotImplementedError

    def port(self, work):
        raise NotImplementedError

    def plain(self, work):
        return work.startswith("ocsp")

    def prepare(self, work, count):
        """Makes what `count` requests of a kind of work need beforehand."""

    # -- the process

    def spawn(self, *command, environment=None):
        log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(
            command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={**os.environ, **(environment or {})},
            preexec_fn=lambda: os.sched_setaffinity(0, {SERVER_CORE}))
        log.close()

    def wait_for(self, is_ready, patience=60):
        began = time.monotonic()
        while not is_ready():
            if self.process.poll() is not None or time.monotonic() - began > patience:
                raise Absent(f"{self.name} did not start: {(self.folder / 'log').read_text()[-400:]}")
            time.sleep(0.005)
        return time.monotonic() - began

    def listens(self, port):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def pids(self):
        """The process and its children: nginx works in one."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [self.process.pid, *map(int, children)]

    def cpu_seconds(self):
        total = 0
        for pid in self.pids():
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICK

    def resident_mb(self):
        total = 0
        for pid in self.pids():
            for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1])
        return total / 1024

    # -- HTTP

    def raw(self, method, path, body=b"", headers=()):
        head = [f"{method} {path} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in headers)]
        if body or method == "POST":
            head.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*head, "", ""]).encode() + body

    def ask(self, method, path, body=None, headers=None, port=None):
        """One request over TLS, for preparation; JSON in and out. Any status but 2xx is an error."""
        context = ssl.create_default_context(cafile=self.ca_file)
        connection = http.client.HTTPSConnection("127.0.0.1", port or self.port("sign-ec"), context=context,
                                                 timeout=60)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers or {})
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status // 100 != 2:
            raise RuntimeError(f"{self.name}: {method} {path}: {answer.status} {text[:300]!r}")
        return json.loads(text) if text.strip() else {}


class PeerOfTwo(Peer):
    """A server with one authority each: one process signs with the P-256 authority, a second with the RSA one.

    A sub-class implements start_one(kind, base, port), which calls spawn().
    """

    def launch(self):
        self.ports, self.processes = {}, []
        took = [self.launch_one(kind) for kind in ("ec", "rsa")]
        return took[0]

    def launch_one(self, kind):
        base = self.folder / kind
        base.mkdir()
        port = self.ports[kind] = free_port()
        began = time.monotonic()
        self.start_one(kind, base, port)
        self.processes.append(self.process)
        self.wait_for(lambda: self.listens(port))
        return time.monotonic() - began

    def start_one(self, kind, base, port):
        raise NotImplementedError

    def stop(self):
        for self.process in self.processes:
            super().stop()

    def pids(self):
        return [process.pid for process in self.processes]

    def port(self, work):
        return self.ports["rsa" if work.endswith("rsa") else "ec"]
