#!/usr/bin/env python3
"""Memory runs out: the n-th allocation of an issuance or a revocation fails. The answer is an error, or the server ends
and starts again (the abort of a library counts as a kill, which loses nothing); see README.md."""

import subprocess
import unittest

from fault_server import DEEP, Client, FaultyServer, History
from fault_shim import Plan

PLAN = Plan(["allocate"], "anywhere", 12)
STEP = 1 if DEEP else 13  # every so many allocations
MOST = 20_000


class AllocationTest(unittest.TestCase):
    def test_issue_and_revoke_without_memory(self):
        self.answers, self.ends, self.cases = {}, 0, 0
        self.history = History()
        with FaultyServer() as server:
            with Client(server) as client:
                for _ in range(4):
                    self.assertEqual(self.issue(client), 200)
                self.assertEqual(self.revoke(client), 200)
            for deed in (self.issue, self.revoke):
                number = 1
                while self.without_memory(server, deed, number):
                    number += STEP
                    self.assertLess(number, MOST)
            self.history.verify(server)
            server.kill()
            self.history.verify_store(server.store)
        self.assertGreater(self.cases, 15)
        print(f"{self.cases} allocations failed: answers {self.answers}, {self.ends} ends of the process; nothing lost")

    def issue(self, client):
        return self.history.issue(client)

    def revoke(self, client):
        return self.history.revoke(client, self.history.not_revoked())

    def without_memory(self, server, deed, number):
        """One failed allocation; False when there were not so many."""
        with Client(server) as client:
            client.call("GET", "/readyz")  # connects: the handshake is not what is looked at here
            with server.shim.failing(PLAN, number):
                status = deed(client)
        what = f"{deed.__name__}, allocation {number}, answered {status}"
        if not server.shim["failed"] and status == 0 and self.has_ended(server):
            # Of an earlier failure, in what a library had kept for later.
            self.ends += 1
            server.serve()
            return True
        if not server.shim["failed"]:
            self.assertEqual(status, 200, f"{what}\n{server.tail_of_log()}")
            return False
        self.cases += 1
        self.answers[status] = self.answers.get(status, 0) + 1
        self.assertIn(status, {0, 200, 400, 500, 503}, what)
        with Client(server) as client:
            ready, _ = client.call("GET", "/readyz")
        if ready == 0:
            self.assertTrue(self.has_ended(server), f"{what}, and hangs")
            self.ends += 1
            server.serve()
        elif ready == 503:
            server.restart()
        with Client(server) as client:
            self.assertEqual(self.issue(client), 200, f"{what}, afterwards\n{server.tail_of_log()}")
        return True

    @staticmethod
    def has_ended(server):
        try:
            return server.process.wait(10) is not None
        except subprocess.TimeoutExpired:
            return False


if __name__ == "__main__":
    unittest.main()
