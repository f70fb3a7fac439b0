"""Certificate status as programs in Go read it: crypto/x509 and golang.org/x/crypto/ocsp."""

import json
import os
import subprocess
import unittest

import status_clients_test as world
from status_clients_test import cli, files, issue, revoke, settings


def setUpModule():
    world.setUpModule()


class Go(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program = os.environ.get("REVOCATION_BIN")
        if not cls.program:
            raise unittest.SkipTest("the client in Go is not installed")

    def tearDown(self):
        settings(auto_rebuild="false", enable_delta="false", crl_shards="0")
        cli("ocsp", "responder", world.issuer, "--delegated", "inherit", "--validity", "inherit")

    def read(self, data, *names):
        leaf, ca, _ = files(data, "go")
        urls = [f"{world.server.http}/crl/{world.issuer}/{name}.crl" for name in names]
        done = subprocess.run([self.program, "-issuer", ca, "-cert", leaf, "-ocsp", world.server.http + "/ocsp", *urls],
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    @staticmethod
    def serial(data):
        return data["serial_number"].replace(":", "").lstrip("0")

    def test_a_revocation_and_a_hold_are_read(self):
        good, held, gone = issue("good.test"), issue("held.test"), issue("gone.test")
        settings(auto_rebuild="true", enable_delta="true", delta_rebuild_interval="1s")
        cli("crl", "publish")
        revoke(held, "--hold")
        revoke(gone, "--reason", "keyCompromise")
        cli("crl", "publish", "--delta")
        for data, status, reason in ((good, "good", 0), (held, "revoked", 6), (gone, "revoked", 1)):
            told = self.read(data, "full", "delta")
            self.assertEqual([(a["status"], a["reason"], a["delegate"], a["current"]) for a in told["answers"]],
                             [(status, reason, False, True)] * 4)
            full, delta = told["lists"]
            self.assertEqual((full["delta"], delta["delta"], full["current"], delta["current"]),
                             (False, True, True, True))
            self.assertGreater(int(delta["number"]), int(full["number"]))
            self.assertNotIn(self.serial(data), full["entries"])
            self.assertEqual(delta["entries"].get(self.serial(data), 0), reason)

    def test_a_delegate_of_one_authority_is_believed(self):
        told = cli("ocsp", "responder", world.issuer, "--delegated", "true", "--validity", "2h")
        self.assertEqual((told["delegated"], told["delegated_inherited"]), (True, False))
        # Each time about another certificate: an answer that was given before the delegate came is given again.
        world.wait_until(lambda: all(a["delegate"] for a in self.read(issue())["answers"]))
        self.assertEqual({a["status"] for a in self.read(issue())["answers"]}, {"good"})
        told = cli("ocsp", "responder", world.issuer, "--delegated", "inherit")
        self.assertEqual((told["delegated"], told["delegated_inherited"], told["delegate_validity_inherited"]),
                         (False, True, False))


if __name__ == "__main__":
    unittest.main()
