#!/usr/bin/env python3
"""The time of day jumps while certificates are issued and revoked: ±1 h, ±1 y. CRL numbers never go back, a CRL that is
out of its validity is not given out, and no notBefore lies ahead of the clock that the program saw."""

import datetime
import re
import time
import unittest

from fault_server import DEEP, Client, FaultyServer, History, Judge

HOUR, YEAR = 3600, 365 * 86_400
STEPS = [0, HOUR, 0, -HOUR, 0, YEAR, 0, -YEAR, 0] * (5 if DEEP else 1)


def moment(text):
    """A time as openssl prints it, in seconds since 1970."""
    parsed = datetime.datetime.strptime(text.strip(), "%b %d %H:%M:%S %Y %Z")
    return parsed.replace(tzinfo=datetime.timezone.utc).timestamp()


class ClockTest(unittest.TestCase):
    def test_steps(self):
        self.number = 0
        self.refused = 0
        with FaultyServer() as server:
            history = History()
            for step in STEPS:
                server.shim["clock_offset"] = step
                self.live(server, history, step)
            server.shim["clock_offset"] = 0
            self.live(server, history, 0)
            history.verify(server)
            server.kill()
            history.verify_store(server.store)
        self.assertGreater(len(history.issued), len(STEPS))
        print(f"{len(STEPS)} steps of the clock: {len(history.issued)} certificates, CRL number {self.number}, "
              f"{self.refused} requests refused")

    def live(self, server, history, step):
        with Client(server) as client:
            for _ in range(3):
                before = set(history.issued)
                status = history.issue(client)
                # Before its own beginning an authority issues nothing.
                self.assertIn(status, {200, 400} if step < 0 else {200}, f"clock {step:+} s")
                self.refused += status != 200
                for serial in set(history.issued) - before:
                    self.check_validity(server, history.issued[serial], step)
            # Certificates of a year ago have expired.
            self.assertIn(history.revoke(client, history.not_revoked()), {200, 400}, f"clock {step:+} s")
        self.check_crl(server, step)

    def check_validity(self, server, pem, step):
        begin = re.search("notBefore=(.*)", Judge(server).x509(pem, "-startdate"))[1]
        self.assertLessEqual(moment(begin), time.time() + step + 1)

    def check_crl(self, server, step):
        judge = Judge(server)
        text = judge.run("crl", "-inform", "DER", "-in", judge.file("crl.der", server.fetch("/v1/pki/crl")), "-noout",
                         "-crlnumber", "-nextupdate")
        number = int(re.search("crlNumber=(?:0x)?([0-9A-Fa-f]+)", text)[1], 16)
        self.assertGreaterEqual(number, self.number, f"clock {step:+} s: the CRL number went back")
        self.number = number
        end = moment(re.search("nextUpdate=(.*)", text)[1])
        self.assertGreater(end, time.time() + step, f"clock {step:+} s: an expired CRL is given out")


if __name__ == "__main__":
    unittest.main()
