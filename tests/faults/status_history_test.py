#!/usr/bin/env python3
"""Clients issue, hold, release, revoke and ask by OCSP and CRL, all at once, while the server is killed: what each was
told must be explained by one order of all operations on each certificate. The clients and the search for that order
are history/status_history."""

import contextlib
import os
import pathlib
import random
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "interop"))
from chancery_server import ChanceryServer  # noqa: E402
from fault_server import PROGRAMS  # noqa: E402
from kill_test import Connection  # noqa: E402

DEEP = bool(os.environ.get("CHANCERY_FAULTS_DEEP"))
OPERATIONS = int(os.environ.get("CHANCERY_HISTORY_OPERATIONS", "1000000" if DEEP else "50000"))
SEEDS = int(os.environ.get("CHANCERY_HISTORY_SEEDS", "50" if DEEP else "20"))
KILLS = int(os.environ.get("CHANCERY_HISTORY_KILLS", "200" if DEEP else "2"))


@contextlib.contextmanager
def clients_of(server, seed):
    command = [PROGRAMS / "status_history", server.root_ca, server.token, str(seed)]
    process = subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


class StatusHistory(unittest.TestCase):
    def test_every_answer_has_its_place(self):
        base = int(os.environ.get("CHANCERY_HISTORY_SEED", random.randrange(1 << 30)))
        explained = 0
        for seed in range(base, base + SEEDS):
            explained += self.record(seed)
        print(f"{explained} operations in {SEEDS} histories with {KILLS} kills each, seeds from {base}: all explained",
              flush=True)

    def record(self, seed):
        """Runs one history, checked after each kill; how many operations it had."""
        with ChanceryServer() as server:
            with Connection(server) as connection:
                connection.call("POST", "/v1/pki/roles/web", {"allow_any_name": True, "key_type": "ec", "ttl": "24h"})
            with clients_of(server, seed) as clients:
                for part in range(KILLS + 1):
                    if part > 0:
                        server.serve()
                    explained = self.run_part(server, clients, OPERATIONS // (KILLS + 1), seed)
                _, errors = clients.communicate(timeout=120)
                self.assertEqual(clients.returncode, 0, errors)
        return explained

    def run_part(self, server, clients, operations, seed):
        port = server.https.rsplit(":", 1)[1]
        clients.stdin.write(f"part {port} {operations}\n")
        clients.stdin.flush()
        self.expect(clients, "enough", seed)
        server.process.kill()
        server.process.wait()
        return int(self.expect(clients, "explained", seed).split()[1])

    def expect(self, clients, word, seed):
        line = clients.stdout.readline()
        if not line.startswith(word):
            self.fail(f"seed {seed}: {line}{clients.stdout.read()}{clients.stderr.read()}")
        return line


if __name__ == "__main__":
    unittest.main()
