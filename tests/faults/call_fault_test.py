#!/usr/bin/env python3
"""Every call that an issuance or a revocation makes fails once, in each way: see live_through()."""

import errno
import sys
import unittest

from fault_server import Client, FaultyServer, History, Judge, wait_until
from fault_shim import Plan

WRITES = ["write", "truncate"]
SYNCS = ["sync"]
READS = ["read"]
NAMES = ["open", "rename", "unlink", "mkdir", "map"]
SOCKETS = ["send", "receive"]

PLANS = [
    # Writes and flushes: not done, and done all the same.
    *[Plan(calls, "data", error, done) for calls in (WRITES, SYNCS) for error in (errno.EIO, errno.ENOSPC)
      for done in (False, True)],
    Plan(SYNCS, "data", errno.EINTR),
    Plan(WRITES, "data", errno.EINTR),
    Plan(["write"], "data", None),
    *[Plan(READS, "data", error) for error in (errno.EIO, errno.EINTR, None)],
    *[Plan(NAMES, "data", error) for error in (errno.EIO, errno.ENOSPC, errno.EMFILE)],
    *[Plan(SOCKETS, "socket", error) for error in (errno.ECONNRESET, errno.EINTR, None)],
    *[Plan(["accept"], "socket", error) for error in (errno.EMFILE, errno.ECONNABORTED, errno.EINTR)],
]
MOST_CALLS = 400  # of one kind in one request: far more than there are
SPARE_DESCRIPTORS = 6  # index files that the server opened meanwhile


class CallFaults:
    """One server through many faults, and what was acknowledged on the way."""

    def __init__(self, server):
        self.server, self.history = server, History()
        self.cases = self.restarts = self.failed_syncs = 0
        with Client(server) as client:
            for _ in range(3):
                self.expect(self.history.issue(client), {200}, "warming up")
            self.expect(self.history.revoke(client, self.history.not_revoked()), {200}, "warming up")
        self.still_answers("warming up")

    def expect(self, value, allowed, what):
        if value not in allowed:
            raise AssertionError(f"{what}: {value}, not one of {allowed}\n{self.server.tail_of_log()}")

    def run(self, plan, deed):
        """The n-th call fails, for every n until there is no n-th call any more."""
        for number in range(1, MOST_CALLS):
            if not self.live_through(plan, number, deed):
                return
        raise AssertionError(f"{plan}: no end of calls")

    def live_through(self, plan, number, deed):
        """One fault. Whatever it was: CRL and OCSP answer; the store works on, or writes nothing until it is
        started again; after a failed flush always the latter."""
        what = f"{deed.__name__}, call {number} of {plan}"
        with Client(self.server) as client:
            with self.server.shim.failing(plan, number):
                status = deed(self, client)
            failed, path = self.server.shim["failed"], self.server.shim.what()
            what += f" ({path}), answered {status}"
            self.expect(status, {0, 200, 204, 500, 503, 507}, what)
        if not self.server.alive():
            raise AssertionError(f"{what}: the server ended\n{self.server.tail_of_log()}")
        if not failed:
            self.expect(status, {200, 204}, what)
            return False
        self.cases += 1
        self.still_answers(what)
        with Client(self.server) as client:
            reason = self.unready(client)
            out_of_service = reason == "store out of service"
            if plan.calls == SYNCS and path.endswith("main.db-wal"):
                self.failed_syncs += 1
                self.expect(out_of_service, {True}, what + ", out of service")
            if not out_of_service:
                self.goes_on(client, reason == "storage full", what)
            else:
                self.expect(self.history.issue(client), {503}, what + ", issuing though out of service")
                self.expect(self.history.revoke(client, self.history.not_revoked()), {503},
                            what + ", revoking though out of service")
                self.restart(what)
        return True

    @staticmethod
    def unready(client):
        status, answer = client.call("GET", "/readyz")
        return answer["reason"] if status == 503 else None

    def goes_on(self, client, full, what):
        """The store works on; after "no space" once the reserve is there again, which it tries now and then."""
        status = self.history.issue(client)
        if full and status == 503:
            wait_until(lambda: self.history.issue(client) == 200)
        else:
            self.expect(status, {200}, what + ", afterwards")

    def restart(self, what):
        self.restarts += 1
        self.server.restart()
        with Client(self.server) as client:
            self.expect(self.history.issue(client), {200}, what + ", after the restart")

    def still_answers(self, what):
        """CRL and OCSP answer, and the CRL is one."""
        crl = self.server.fetch("/v1/pki/crl")
        if not crl.startswith(b"\x30"):
            raise AssertionError(f"{what}: no CRL: {crl[:100]}")
        judge = Judge(self.server)
        newest = list(self.history.issued)[-1]
        self.expect(judge.ocsp(self.history.issued[newest]), {"good", "revoked"}, what + ", OCSP")

    # What is done while calls fail.

    def issue(self, client):
        return self.history.issue(client)

    def revoke(self, client):
        return self.history.revoke(client, self.history.not_revoked())


class CallFaultTest(unittest.TestCase):
    def test_issue_and_revoke(self):
        with FaultyServer() as server:
            faults = CallFaults(server)
            for plan in PLANS:
                for deed in (CallFaults.issue, CallFaults.revoke):
                    before, restarts = len(server.descriptors()), faults.restarts
                    faults.run(plan, deed)
                    if faults.restarts == restarts:
                        self.assertLessEqual(len(server.descriptors()), before + SPARE_DESCRIPTORS, f"{plan} leaks")
            faults.history.verify(server)
            server.kill()
            faults.history.verify_store(server.store)
            self.assertGreater(faults.cases, 100)
            self.assertGreater(faults.restarts, 10)
            self.assertGreaterEqual(faults.failed_syncs, 8)
            print(f"{faults.cases} failed calls, {faults.restarts} restarts, {len(faults.history.issued)} certificates "
                  f"and {len(faults.history.revoked)} revocations acknowledged: none lost")


if __name__ == "__main__":
    sys.exit(unittest.main())
