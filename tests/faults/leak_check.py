#!/usr/bin/env python3
"""A server built with the address sanitizer stops without a leak after a load: start, issue, revoke, CRL, reload, stop.
Run by scripts/test --asan, which builds it."""

import signal
import threading
import unittest

from fault_server import Client, FaultyServer, History
from fault_shim import PROGRAMS, ROOT

PROGRAM = ROOT / "build" / "asan" / "bin" / "chancery"
SHIM = PROGRAMS.parent / "lib" / "libunhardened_shim.so"
CLIENTS, EACH = 4, 40


class LeakTest(unittest.TestCase):
    def test_orderly_stop(self):
        with FaultyServer() as server:
            server.process.terminate()
            server.process.wait(30)
            server.program = str(PROGRAM)
            server.shim.environment = {"LD_PRELOAD": str(SHIM),
                                       "ASAN_OPTIONS": "detect_leaks=1:verify_asan_link_order=0:exitcode=99"}
            server.serve()
            self.statuses = []
            threads = [threading.Thread(target=self.use, args=[server]) for _ in range(CLIENTS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(set(self.statuses), {200})
            server.fetch("/v1/pki/crl")
            server.process.send_signal(signal.SIGHUP)
            server.process.terminate()
            self.assertEqual(server.process.wait(60), 0, server.tail_of_log(60))

    def use(self, server):
        history = History()
        with Client(server) as client:
            for number in range(EACH):
                self.statuses.append(history.issue(client))
                if number % 3 == 0:
                    self.statuses.append(history.revoke(client, history.not_revoked()))


if __name__ == "__main__":
    unittest.main()
