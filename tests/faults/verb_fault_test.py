#!/usr/bin/env python3
"""Every call of an init or a backup fails once: the verb ends with status 0 and what it made is whole, or says what
went wrong, never ends by a signal, and can then be done again."""

import errno
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from fault_server import DEEP, ROLE, SCRATCH, ChanceryServer, Client, FaultyServer, History
from fault_shim import FaultShim, Plan

INIT_PLANS = [Plan(["write", "truncate", "sync"], "data", errno.EIO), Plan(["read", "map"], "data", errno.EIO),
              Plan(["open", "write", "mkdir", "rename"], "data", errno.ENOSPC)]
# Of the server, whose data it reads, and of the program that keeps what it is given.
SERVER_PLANS = [Plan(["read", "open"], "data", errno.EIO), Plan(["send"], "socket", errno.EPIPE)]
KEEPER_PLANS = [Plan(["open", "write", "sync", "rename", "unlink", "mkdir"], "data", errno.EIO),
                Plan(["write"], "data", errno.ENOSPC), Plan(["write"], "data", None),
                Plan(["receive"], "socket", errno.ECONNRESET)]
STEP = 1 if DEEP else 23  # every so many calls of an init
FEW = 1 if DEEP else 4    # and of a backup, which has not so many
MOST = 5000


class VerbFaultTest(unittest.TestCase):
    def setUp(self):
        self.cases = self.refused = 0

    def every(self, plans, step, deed):
        """Does it until there are no more calls to fail."""
        for plan in plans:
            number = 1
            while deed(plan, number):
                self.cases += 1
                number += step
                self.assertLess(number, MOST)

    def judged(self, done, shim, what):
        """Whether it did what it should; False also when it said why not."""
        what = f"{what} ({shim.what()}): status {done.returncode}\n{done.stderr}"
        self.assertGreaterEqual(done.returncode, 0, what)
        if not shim["failed"]:
            self.assertEqual(done.returncode, 0, what)
        if done.returncode == 0:
            return True
        self.assertRegex(done.stderr, "(?m)^chancery: (?!warning)", what)
        self.refused += 1
        return False

    def test_init(self):
        server = ChanceryServer()  # of which only the program is used
        try:
            self.every(INIT_PLANS, STEP, lambda plan, number: self.init(server, plan, number))
        finally:
            server.stop()
        self.assertGreater(self.cases, 10)
        print(f"{self.cases} failed calls of init, {self.refused} refused")

    def init(self, server, plan, number):
        folder = tempfile.mkdtemp(dir=SCRATCH)
        try:
            directory = os.path.join(folder, "pki")
            shim = FaultShim(folder, directory)
            command = [server.program, "init", "--data", directory, "--dev", "--https-address", "127.0.0.1:0",
                       "--http-address", "127.0.0.1:0"]
            shim.arm(plan, number)
            done = subprocess.run(command, env={**os.environ, **shim.environment}, capture_output=True, text=True,
                                  stdin=subprocess.DEVNULL, timeout=120)
            shim.disarm()
            if not self.judged(done, shim, f"init, call {number} of {plan}"):
                self.init_again(command, directory)
            elif shim["failed"]:
                self.start(server, directory)
            return shim["failed"] > 0
        finally:
            shutil.rmtree(folder)

    def init_again(self, command, directory):
        """What was left is not taken for a PKI; without it there is nothing in the way."""
        def once():
            return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)
        done = once()
        if done.returncode != 0:
            self.assertRegex(done.stderr, "remove it first|exists there already")
            shutil.rmtree(directory)
            self.assertEqual(once().returncode, 0)

    def start(self, server, directory):
        """A PKI that was made in spite of a failed call is a PKI."""
        server.data = pathlib.Path(directory)
        server.token = (server.data / "root-token").read_text().strip()
        server.root_ca = str(server.data / "root-ca.pem")
        server.serve(stderr=subprocess.DEVNULL)
        with Client(server) as client:
            self.assertIn(client.call("POST", "/v1/pki/roles/web", ROLE)[0], (200, 204))
            self.assertEqual(History().issue(client), 200)
        server.process.kill()
        server.process.wait()

    def test_backup(self):
        with FaultyServer() as server:
            history = History()
            with Client(server) as client:
                for _ in range(5):
                    self.assertEqual(history.issue(client), 200)
                self.assertEqual(history.revoke(client, history.not_revoked()), 200)
            self.directory = server.folder / "backups"
            keeper = tempfile.mkdtemp(dir=server.folder)
            shim = FaultShim(keeper, self.directory)
            self.every(KEEPER_PLANS, FEW, lambda plan, number: self.backup(server, shim, shim, plan, number))
            self.every(SERVER_PLANS, FEW, lambda plan, number: self.backup(server, server.shim, shim, plan, number))
            self.assertTrue(self.run_backup(server, shim).returncode == 0)
            self.verify(server)
            self.assertEqual([path.name for path in self.directory.iterdir() if path.name.startswith(".")], [])
            history.verify(server)
        self.assertGreater(self.cases, 10)
        print(f"{self.cases} failed calls of a backup, {self.refused} refused")

    def backup(self, server, failing, keeper, plan, number):
        with failing.failing(plan, number):
            done = self.run_backup(server, keeper)
        if self.judged(done, failing, f"backup, call {number} of {plan}"):
            self.verify(server)
        with Client(server) as client:
            if client.call("GET", "/readyz")[0] != 200:
                server.restart()
        return failing["failed"] > 0

    def secret(self, server):
        path = server.folder / "backup.key"
        if not path.exists():
            path.write_bytes(bytes(range(32)))
            path.chmod(0o600)
        return ["--key-file", path]

    def run_backup(self, server, shim):
        environment = {**os.environ, **shim.environment, "CHANCERY_ADDR": server.https,
                       "CHANCERY_TOKEN_FILE": str(server.data / "root-token"), "CHANCERY_CACERT": server.root_ca}
        return subprocess.run([server.program, "backup", "--to", self.directory, *self.secret(server)],
                              env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)

    def verify(self, server):
        """All that calls itself a backup is one."""
        done = subprocess.run([server.program, "verify-backup", self.directory, *self.secret(server)],
                              capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
