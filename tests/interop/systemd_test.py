#!/usr/bin/env python3
"""The server under a supervisor that speaks systemd's protocols: notifications and passed sockets."""

import json
import pathlib
import signal
import socket
import ssl
import subprocess
import tempfile
import unittest
import urllib.request

from chancery_server import ChanceryServer


class Supervisor:
    """What the server tells, on a datagram socket."""

    def __init__(self, path):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.settimeout(30)
        self.socket.bind(path)

    def hears(self):
        """The next message as a dictionary."""
        text = self.socket.recv(4096).decode()
        return dict(line.split("=", 1) for line in text.splitlines())

    def waits_for(self, key):
        """Skips what comes before."""
        while True:
            message = self.hears()
            if key in message:
                return message


class SystemdTest(unittest.TestCase):
    def setUp(self):
        self.server = ChanceryServer()
        self.addCleanup(self.server.stop)
        self.server.init()
        folder = tempfile.TemporaryDirectory(prefix="chancery-notify-")
        self.addCleanup(folder.cleanup)
        self.supervisor = Supervisor(folder.name + "/notify")
        self.addCleanup(self.supervisor.socket.close)

    def serve(self, *wrapper, environment=None, **options):
        self.server.serve(*wrapper, environment={"NOTIFY_SOCKET": self.supervisor.path, **(environment or {})},
                          **options)

    def test_the_life_of_a_service(self):
        self.serve()
        ready = self.supervisor.hears()
        self.assertEqual(ready["READY"], "1")
        self.assertIn(self.server.https.removeprefix("https://"), ready["STATUS"])
        for spoil in (False, True):
            if spoil:
                (self.server.data / "chancery.yaml").write_text("nonsense: 1\n")
            self.server.process.send_signal(signal.SIGHUP)
            reloading = self.supervisor.hears()
            self.assertEqual(reloading["RELOADING"], "1")
            self.assertGreater(int(reloading["MONOTONIC_USEC"]), 0)
            self.assertEqual(self.supervisor.hears()["READY"], "1")
        self.server.process.terminate()
        self.assertEqual(self.supervisor.hears()["STOPPING"], "1")
        self.assertEqual(self.server.process.wait(30), 0)

    def test_a_server_that_is_ready_has_given_up_what_it_does_not_need(self):
        self.serve()
        status = dict(line.split(":", 1) for line in
                      pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text().splitlines())
        self.assertEqual((status["NoNewPrivs"].strip(), status["Seccomp"].strip()), ("1", "2"))

    def test_the_watchdog_hears_that_the_reactors_work(self):
        self.serve(environment={"WATCHDOG_USEC": "400000"})
        for _ in range(3):
            self.assertEqual(self.supervisor.waits_for("WATCHDOG")["WATCHDOG"], "1")

    def test_a_watchdog_for_another_process_is_none_of_ours(self):
        self.serve(environment={"WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"})
        self.assertIn("READY", self.supervisor.hears())
        self.server.process.terminate()
        self.assertIn("STOPPING", self.supervisor.hears())

    def listening(self):
        one = socket.socket()
        self.addCleanup(one.close)
        one.bind(("127.0.0.1", 0))
        one.listen(16)
        return one

    @staticmethod
    def passing(first, second, names):
        """A command that passes two descriptors as 3 and 4 to the one that follows it, which keeps its process id."""
        script = (f'exec 40<&{first} 41<&{second}; exec 3<&40 4<&41 40<&- 41<&-; '
                  f'export LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES={names}; exec "$@"')
        return ["bash", "-c", script, "passing"]

    def test_passed_sockets_are_used(self):
        https, http = self.listening(), self.listening()
        # A client may come before the service does; the kernel keeps it waiting.
        early = socket.create_connection(http.getsockname())
        self.addCleanup(early.close)
        early.settimeout(30)
        early.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        self.serve(*self.passing(https.fileno(), http.fileno(), "https:http"),
                   pass_fds=[https.fileno(), http.fileno()])
        self.assertEqual(self.server.https, "https://127.0.0.1:%d" % https.getsockname()[1])
        self.assertEqual(self.server.http, "http://127.0.0.1:%d" % http.getsockname()[1])
        self.assertTrue(early.recv(64).startswith(b"HTTP/1.1 200"))
        context = ssl.create_default_context(cafile=self.server.root_ca)
        with urllib.request.urlopen(self.server.https + "/healthz", context=context, timeout=30) as answer:
            self.assertEqual(json.loads(answer.read())["status"], "alive")

    def ends_with(self, first, second, names):
        done = subprocess.run(
            [*self.passing(first.fileno(), second.fileno(), names), self.server.program, "serve", "--config",
             str(self.server.data / "chancery.yaml")],
            pass_fds=[first.fileno(), second.fileno()], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60)
        self.assertNotEqual(done.returncode, 0)
        return done.stderr

    def test_other_sockets_are_refused(self):
        self.assertIn("one named http", self.ends_with(self.listening(), self.listening(), "https:ldap"))
        self.assertIn("one named http", self.ends_with(self.listening(), self.listening(), "http:http"))
        datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(datagram.close)
        self.assertIn("not a TCP socket that listens", self.ends_with(self.listening(), datagram, "https:http"))


if __name__ == "__main__":
    unittest.main()
