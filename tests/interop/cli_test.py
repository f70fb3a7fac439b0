#!/usr/bin/env python3
"""The command line, as a person types it, against a server whose keys are sealed by a passphrase."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from chancery_server import OPENSSL, ChanceryServer


class CliTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = pathlib.Path(tempfile.mkdtemp(prefix="chancery-cli-"))
        cls.addClassCleanup(shutil.rmtree, cls.work, ignore_errors=True)
        cls.server = ChanceryServer().start()
        cls.addClassCleanup(cls.server.stop)
        role = cls.work / "role.json"
        role.write_text('{"allowed_domains": ["example.test"], "allow_subdomains": true, "key_type": "any",'
                        ' "max_ttl": "48h", "ttl": "24h"}')
        subprocess.run(["curl", "--silent", "--fail", "--cacert", cls.server.root_ca, "--request", "POST",
                        "--header", f"X-Vault-Token: {cls.server.token}", "--data", f"@{role}",
                        cls.server.https + "/v1/pki/roles/web"], check=True, stdout=subprocess.DEVNULL)

    def chancery(self, *arguments, status=0, token=True):
        environment = {"PATH": os.environ["PATH"], "CHANCERY_ADDR": self.server.https,
                       "CHANCERY_CACERT": self.server.root_ca}
        if token:
            environment["CHANCERY_TOKEN_FILE"] = str(self.server.data / "root-token")
        done = subprocess.run([self.server.program, *arguments], cwd=self.work, env=environment, timeout=120,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.last_error = done.stderr
        return done.stdout

    def test_verify(self):
        self.chancery("cert", "issue", "--role", "web", "--common-name", "v.example.test")
        asked = ("cert", "verify", "v.example.test.crt", "--trust", self.server.root_ca)
        text = self.chancery(*asked, "--host", "v.example.test", token=False)
        self.assertTrue(text.startswith("VALID: purpose server, host v.example.test"), text)
        for rule in ("signature:", "validity:", "host:", "trust_anchor:"):
            self.assertIn("ok      " + rule, text)
        refused = json.loads(self.chancery(*asked, "--host", "w.example.test", "-o", "json", status=6))
        self.assertEqual([(f["certificate"], f["rule"]) for f in refused["findings"] if f["severity"] == "error"],
                         [(0, "host_mismatch")])
        self.assertIn("expired", self.chancery(*asked, "--time", "2200-01-01T00:00:00Z", status=6))
        self.assertIn("revocation_unknown", self.chancery(*asked, "--revocation", "required", status=6))
        self.chancery(*asked, "--purpose", "nonsense", status=2)
        self.chancery("cert", "verify", "absent.crt", "--trust", self.server.root_ca, status=3)
        # A list that names the certificate: the issuing authority's, after the revocation.
        serial = json.loads(self.chancery("cert", "show", "--file", "v.example.test.crt", "-o", "json")
                            .splitlines()[0])["serial_number"]
        self.chancery("cert", "revoke", serial, "--reason", "keyCompromise")
        (self.work / "v.crl").write_bytes(self.server.fetch("/v1/pki/crl"))
        told = self.chancery(*asked, "--crl", "v.crl", "--revocation", "if-available", status=6)
        self.assertIn("ERROR   revoked: revoked on", told)

    def test_issue_show_list_revoke(self):
        self.chancery("cert", "issue", "--role", "web", "--common-name", "one.example.test",
                      "--name", "two.example.test", "--name", "IP:127.0.0.1")
        self.assertEqual((self.work / "one.example.test.key").stat().st_mode & 0o777, 0o600)
        crt = str(self.work / "one.example.test.crt")
        verified = subprocess.run([OPENSSL, "verify", "-x509_strict", "-CAfile", self.server.root_ca, "-untrusted",
                                   crt, "-verify_hostname", "two.example.test", crt], capture_output=True, text=True)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
        found = json.loads(self.chancery("cert", "list", "--name", "two.example.test", "-o", "json"))
        self.assertEqual([row["common_name"] for row in found], ["one.example.test"])
        serial = found[0]["serial_number"]
        self.assertIn("one.example.test", self.chancery("cert", "list", "--name-suffix", ".example.test"))
        self.assertEqual(json.loads(self.chancery("cert", "list", "--expires-within", "1h", "-o", "json")), [])
        self.chancery("cert", "revoke", serial, "--reason", "keyCompromise")
        shown = json.loads(self.chancery("cert", "show", serial, "-o", "json"))
        self.assertEqual(shown["status"], "revoked")
        self.assertEqual(shown["revocation"]["reason"], "keyCompromise")
        self.assertIn("Was revoked before", self.chancery("cert", "revoke", serial))
        self.assertEqual(json.loads(self.chancery("cert", "show", shown["fingerprint_sha256"], "-o", "json")), shown)
        self.assertIn("two.example.test", self.chancery("cert", "show", "--file", crt))

    def test_every_key_type_by_request_and_made_by_the_server(self):
        for key_type in ("ec-p256", "ec-p384", "rsa-2048", "ed25519", "ml-dsa-44", "ml-dsa-65", "ml-dsa-87"):
            with self.subTest(key_type=key_type):
                name = key_type + ".example.test"
                self.chancery("cert", "issue", "--role", "web", "--common-name", name, "--key-type", key_type)
                crt = str(self.work / f"{name}.crt")
                subprocess.run([OPENSSL, "verify", "-CAfile", self.server.root_ca, "-untrusted", crt, crt], check=True,
                               stdout=subprocess.DEVNULL)
                public = [subprocess.run([OPENSSL, *how], check=True, capture_output=True).stdout
                          for how in (["x509", "-in", crt, "-noout", "-pubkey"],
                                      ["pkey", "-in", str(self.work / f"{name}.key"), "-pubout"])]
                self.assertEqual(public[0], public[1], "the key file is not the certificate's")

    def test_a_request_made_elsewhere(self):
        self.chancery("csr", "create", "--common-name", "req.example.test", "--name", "DNS:req.example.test",
                      "--out-key", "req.key", "--out-csr", "req.csr")
        subprocess.run([OPENSSL, "req", "-in", str(self.work / "req.csr"), "-verify", "-noout"], check=True,
                       capture_output=True)
        self.assertIn("req.example.test", self.chancery("csr", "show", "req.csr"))
        self.chancery("cert", "issue", "--role", "web", "--csr", "req.csr", "--out-cert", "req.crt")

    def test_exit_codes_and_reasons(self):
        self.chancery("cert", "show", "01:02", status=3)
        self.chancery("status", status=4, token=False)
        self.chancery("status", "--address", "https://127.0.0.1:1", status=5)
        self.chancery("cert", "isue", status=2)
        self.chancery("cert", "issue", "--role", "web", "--common-name", "www.elsewhere.test", status=1)
        self.assertIn("not allowed by this role", self.last_error)
        self.assertIn("field=common_name", self.last_error)
        (self.work / "there.crt").write_text("mine")
        self.chancery("cert", "issue", "--role", "web", "--common-name", "there.example.test", "--out-cert",
                      "there.crt", status=1)
        self.assertEqual((self.work / "there.crt").read_text(), "mine")
        self.assertIn("Examples:", self.chancery("cert", "issue", "--help"))

    def test_a_passphrase_seals_the_keys(self):
        right, wrong = self.work / "right", self.work / "wrong"
        right.write_text("correct horse battery\n")
        wrong.write_text("wrong horse battery\n")
        self.chancery("init", "--data", "sealed", "--passphrase-file", "right", "--root-passphrase-file", "right",
                      "--https-address", "127.0.0.1:0", "--http-address", "127.0.0.1:0")
        self.chancery("init", "--data", "sealed", "--dev", status=1)
        self.assertIn("a PKI exists there already", self.last_error)
        config = self.work / "sealed" / "chancery.yaml"
        config.write_text(config.read_text().replace(str(right), str(wrong)))
        self.chancery("serve", "--config", "sealed/chancery.yaml", status=4)
        self.assertIn("wrong passphrase", self.last_error)
        config.write_text("listners:\n  https: 127.0.0.1:0\n")
        self.chancery("serve", "--config", "sealed/chancery.yaml", status=1)
        self.assertIn('did you mean "listeners.https"', self.last_error)


if __name__ == "__main__":
    unittest.main()
