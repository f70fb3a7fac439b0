#!/usr/bin/env python3
"""The time of day jumps while certificates are issued and revoked: ±1 h, ±1 y. Nothing is issued until it is right
again, or an operator says that it is; CRL numbers never go back, a CRL that is out of its validity is not given out,
and no notBefore lies ahead of the clock that the program saw."""

import datetime
import http.client
import re
import ssl
import time
import unittest

from fault_server import DEEP, Client, FaultyServer, History, Judge

HOUR, YEAR = 3600, 365 * 86_400
STEPS = [0, HOUR, 0, -HOUR, 0, YEAR, 0, -YEAR, 0] * (5 if DEEP else 1)


def moment(text):
    """A time as openssl prints it, in seconds since 1970."""
    parsed = datetime.datetime.strptime(text.strip(), "%b %d %H:%M:%S %Y %Z")
    return parsed.replace(tzinfo=datetime.timezone.utc).timestamp()


class FromTheFuture(Client):
    """Takes a server's certificate that is not valid yet."""

    def connect(self):
        host, port = self.server.https.removeprefix("https://").split(":")
        return http.client.HTTPSConnection(host, int(port), context=ssl._create_unverified_context(), timeout=30)


class ClockTest(unittest.TestCase):
    def test_steps(self):
        self.number = 0
        self.refused = 0
        with FaultyServer() as server:
            history = History()
            for step in STEPS:
                server.shim["clock_offset"] = step
                self.live(server, history, step)
            history.verify(server)
            server.kill()
            history.verify_store(server.store)
        self.assertGreater(len(history.issued), len(STEPS))
        print(f"{len(STEPS)} steps of the clock: {len(history.issued)} certificates, CRL number {self.number}, "
              f"{self.refused} requests refused")

    def live(self, server, history, step):
        """Nothing is issued while the clock is off, and all goes on when it is right again."""
        with Client(server) as client:
            for _ in range(3):
                before = set(history.issued)
                status = history.issue(client)
                self.assertEqual(status, 503 if step else 200, f"clock {step:+} s")
                self.refused += status != 200
                for serial in set(history.issued) - before:
                    self.check_validity(server, history.issued[serial], step)
            self.assertEqual(client.call("GET", "/readyz")[0], 503 if step else 200)
            serial = history.not_revoked()
            status, answer = client.call("POST", "/v1/pki/revoke", {"serial_number": serial})
            self.assertEqual(status, 200, f"clock {step:+} s")
            # Certificates of a year ago have expired: the answer says so, and nothing is revoked.
            if not answer.get("warnings"):
                history.revoked.add(serial)
            self.assertEqual(bool(answer.get("warnings")), step > 86_400)
        self.check_crl(server, step)

    def test_start_behind_the_history(self):
        history = History()
        with FaultyServer() as server:
            # In a start nobody can know that the clock is ahead.
            server.shim["clock_offset"] = HOUR
            self.start_anew(server)
            with FromTheFuture(server) as client:
                self.assertEqual(history.issue(client), 200)
            server.shim["clock_offset"] = 0
            self.start_anew(server)
            with Client(server) as client:
                self.assertEqual(history.issue(client), 503)
                self.assertEqual(client.call("GET", "/readyz")[0], 503)
                self.assertEqual(history.revoke(client, history.not_revoked()), 200)
            history.verify(server)
            self.assertIn("the clock is wrong", server.tail_of_log(60))
            self.start_anew(server, "--accept-clock")
            with Client(server) as client:
                self.assertEqual(history.issue(client), 200)
                self.assertEqual(client.call("GET", "/readyz")[0], 200)

    @staticmethod
    def start_anew(server, *arguments):
        server.kill()
        server.serve(arguments=arguments)

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
