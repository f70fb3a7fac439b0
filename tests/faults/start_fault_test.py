#!/usr/bin/env python3
"""Every call of a start, of a CRL, a reload and a stop fails once: the server starts, or ends with an error and never by
a signal, and the next start has everything."""

import errno
import signal
import unittest

from fault_server import DEEP, Client, FaultyServer, History
from fault_shim import Plan

PLANS = [Plan(["write", "truncate", "sync"], "data", errno.EIO), Plan(["read"], "data", errno.EIO),
         Plan(["open", "rename", "unlink", "mkdir", "map"], "data", errno.EIO),
         Plan(["open", "write", "truncate", "mkdir"], "data", errno.ENOSPC)]
STEP = 1 if DEEP else 9  # every so many calls
MOST = 2000


class StartFaultTest(unittest.TestCase):
    def test_start_crl_reload_stop(self):
        self.history = History()
        self.cases = self.refused = 0
        with FaultyServer() as server:
            with Client(server) as client:
                for _ in range(6):
                    self.assertEqual(self.history.issue(client), 200)
                self.assertEqual(self.history.revoke(client, self.history.not_revoked()), 200)
            server.kill()
            for plan in PLANS:
                number = 1
                while self.live_through(server, plan, number):
                    number += STEP
                    self.assertLess(number, MOST)
            server.serve()
            self.history.verify(server)
            server.kill()
            self.history.verify_store(server.store)
        self.assertGreater(self.cases, 20)
        print(f"{self.cases} failed calls, {self.refused} starts refused: nothing lost")

    def live_through(self, server, plan, number):
        what = f"call {number} of {plan}"
        with server.shim.failing(plan, number):
            try:
                server.serve()
                self.use(server)
                server.process.terminate()
            except RuntimeError:
                self.refused += 1
            status = server.process.wait(60)
        what += f" ({server.shim.what()}), status {status}\n{server.tail_of_log(6)}"
        self.assertGreaterEqual(status, 0, what)
        if not server.shim["failed"]:
            self.assertEqual(status, 0, what)
            return False
        self.cases += 1
        return True

    def use(self, server):
        """A revocation, the CRL that tells of it, a reload: whatever comes of it while a call fails."""
        with Client(server) as client:
            self.history.issue(client)
            self.history.revoke(client, self.history.not_revoked())
            client.call("GET", "/v1/pki/crl")
            server.process.send_signal(signal.SIGHUP)
            client.call("GET", "/readyz")


if __name__ == "__main__":
    unittest.main()
