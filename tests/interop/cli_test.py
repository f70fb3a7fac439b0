#!/usr/bin/env python3
"""The command line, as a person types it, against a server whose keys are sealed by a passphrase."""

import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import unittest
import urllib.request

from chancery_server import OPENSSL, ChanceryServer, Judge


class CommandLine(unittest.TestCase):
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


class HierarchyTest(CommandLine):
    """Authorities, keys, mounts and authentication methods, on a server that other tests do not look at."""

    def test_authorities_and_keys(self):
        self.assertIn("key elsewhere", self.chancery("ca", "list"))
        self.assertIn("BEGIN CERTIFICATE", self.chancery("ca", "show", "issuing"))
        self.chancery("ca", "create-root", "--common-name", "Typed Root", "--name", "typed", "--ttl", "700h")
        self.assertIn("CN=Typed Root", self.chancery("ca", "show", "typed"))
        self.chancery("ca", "show", "nobody", status=3)
        self.chancery("ca", "default", "typed")
        self.assertIn("typed  default", self.chancery("ca", "list"))
        self.chancery("ca", "default", "issuing")
        keys = json.loads(self.chancery("key", "list", "-o", "json"))
        self.assertEqual(sum(key["is_default"] for key in keys), 1)
        self.chancery("key", "delete", keys[0]["id"], status=1)
        self.assertIn("in Use", self.last_error)
        self.chancery("key", "show", "nobody", status=3)

    def test_mounts_and_methods(self):
        self.chancery("mount", "enable", "team/web", "--type", "pki", "--max-ttl", "720h", "--description", "web")
        self.assertIn("team/web/", self.chancery("mount", "list"))
        self.chancery("mount", "tune", "team/web", "--default-ttl", "1h")
        mounts = json.loads(self.chancery("mount", "list", "-o", "json"))
        self.assertEqual([(one["default_lease_ttl"], one["description"]) for one in mounts
                          if one["path"] == "team/web/"], [(3600, "web")])
        self.chancery("mount", "enable", "team/web", "--type", "pki", status=1)
        self.chancery("mount", "disable", "team/web")
        self.chancery("mount", "disable", "team/web", status=3)
        self.chancery("auth", "enable", "robots", "--type", "approle")
        self.assertIn("robots/  approle", self.chancery("auth", "list"))
        self.chancery("auth", "disable", "robots")
        self.assertNotIn("robots/", self.chancery("auth", "list"))


class CliTest(CommandLine):
    def test_blocked_keys(self):
        self.chancery("cert", "issue", "--role", "web", "--common-name", "leaked.example.test")
        why = "found in a public image"
        blocked = json.loads(self.chancery("key", "block", "leaked.example.test.crt", "--reason", why, "-o", "json"))
        listed = self.chancery("key", "blocked")
        self.assertIn(blocked["spki_sha256"], listed)
        self.assertIn(why, listed)
        self.assertIn("Was blocked before", self.chancery("key", "block", "leaked.example.test.crt", "--reason", "x"))
        self.chancery("csr", "create", "--key", "leaked.example.test.key", "--common-name", "leaked.example.test",
                      "--out-csr", "leaked.csr", token=False)
        self.chancery("cert", "issue", "--role", "web", "--csr", "leaked.csr", "--common-name", "leaked.example.test",
                      "--out-cert", "again.crt", status=1)
        self.assertIn(why, self.last_error)
        self.chancery("key", "unblock", blocked["spki_sha256"])
        self.assertIn("No key is blocked", self.chancery("key", "blocked"))
        self.chancery("cert", "issue", "--role", "web", "--csr", "leaked.csr", "--common-name", "leaked.example.test",
                      "--out-cert", "again.crt")

    def test_a_request_is_explained(self):
        good = self.chancery("cert", "explain", "--role", "web", "--common-name", "e.example.test")
        self.assertIn('Would be issued to "CN=e.example.test"', good)
        self.assertNotIn("NO ", good)
        bad = json.loads(self.chancery("cert", "explain", "--role", "web", "--common-name", "evil.org", "--name",
                                       "URI:https://a.b", "-o", "json", status=1))
        refused = [one["rule"] for one in bad["findings"] if one["verdict"] == "refuses"]
        self.assertEqual(refused, ["allowed_domains", "allowed_domains", "allowed_uri_sans"])
        self.assertNotIn("e.example.test", self.chancery("cert", "list"))

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

    def openssl(self, *arguments):
        subprocess.run([OPENSSL, *arguments], cwd=self.work, check=True, stdin=subprocess.DEVNULL, capture_output=True)

    def inspect(self, *arguments, status=0):
        text = self.chancery("cert", "inspect", *arguments, "-o", "json", token=False, status=status)
        return json.loads(text)["objects"] if status == 0 else None

    def test_inspect_knows_what_openssl_writes(self):
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "i.key", "-out", "i.crt", "-subj",
                     "/CN=old.example.test", "-sha1", "-days", "1000", "-addext", "extendedKeyUsage=serverAuth",
                     "-addext", "basicConstraints=critical,CA:FALSE")
        self.openssl("req", "-new", "-key", "i.key", "-subj", "/CN=r.example.test", "-out", "i.csr")
        self.openssl("x509", "-in", "i.crt", "-outform", "DER", "-out", "i.der")
        self.openssl("pkey", "-in", "i.key", "-outform", "DER", "-out", "i-key.der")
        self.openssl("rsa", "-in", "i.key", "-traditional", "-outform", "DER", "-out", "i-rsa.der")
        self.openssl("pkey", "-in", "i.key", "-aes256", "-passout", "pass:x", "-out", "i-sealed.key")
        self.openssl("pkey", "-in", "i.key", "-pubout", "-out", "i.pub")
        self.openssl("crl2pkcs7", "-nocrl", "-certfile", "i.crt", "-out", "i.p7b")
        self.openssl("pkcs12", "-export", "-in", "i.crt", "-inkey", "i.key", "-name", "me", "-passout", "pass:secret",
                     "-out", "i.p12")
        (self.work / "i.pass").write_text("secret\n")
        (self.work / "i-wrong.pass").write_text("wrong\n")
        (self.work / "i.crl").write_bytes(self.server.fetch("/v1/pki/crl"))
        (self.work / "i-all.pem").write_text("".join((self.work / name).read_text()
                                                     for name in ("i.crt", "i.csr", "i.key")))
        for file, kinds in (("i.crt", ["certificate"]), ("i.der", ["certificate"]), ("i.csr", ["request"]),
                            ("i.crl", ["crl"]), ("i-key.der", ["private_key"]), ("i-rsa.der", ["private_key"]),
                            ("i-sealed.key", ["encrypted_private_key"]), ("i.pub", ["public_key"]),
                            ("i.p7b", ["certificate"]), ("i-all.pem", ["certificate", "request", "private_key"])):
            with self.subTest(file=file):
                self.assertEqual([item["kind"] for item in self.inspect(file)], kinds)
        held = self.inspect("i.p12", "--password-file", "i.pass")
        self.assertEqual([(item["kind"], item["name"]) for item in held],
                         [("private_key", "me"), ("certificate", "me")])
        self.inspect("i.p12", "--password-file", "i-wrong.pass", status=1)
        self.inspect("i.p12", status=4)  # nobody to ask
        self.inspect("i.pass", status=1)
        self.inspect("absent.crt", status=3)
        old = held[1]
        self.assertEqual(old["signature_algorithm"], "SHA-1 with RSA")
        for warning in ("SHA-1", "no subject alternative name", "398 days", "self-signed"):
            self.assertTrue(any(warning in told for told in old["warnings"]), (warning, old["warnings"]))
        # The key itself is shown nowhere.
        body = "".join((self.work / "i.key").read_text().splitlines()[1:-1])
        self.assertNotIn(body[:40], self.chancery("cert", "inspect", "i-all.pem", token=False).replace("\n", ""))

    def test_inspect_reads_ocsp_responses(self):
        judge = Judge(self.server)
        host, port = self.server.https.removeprefix("https://").split(":")
        request = judge.ocsp_request(ssl.get_server_certificate((host, int(port))))
        asked = urllib.request.Request(self.server.http + "/v1/pki/ocsp", request,
                                       {"Content-Type": "application/ocsp-request"})
        with urllib.request.urlopen(asked, timeout=30) as answer:
            der = answer.read()
        (self.work / "i.ocsp").write_bytes(der)
        [item] = self.inspect("i.ocsp")
        self.assertEqual((item["kind"], item["status"]), ("ocsp_response", "successful"))
        self.assertIn("good", self.chancery("cert", "inspect", "i.ocsp", token=False))
        (self.work / "i-cut.ocsp").write_bytes(der[:-1])
        self.inspect("i-cut.ocsp", status=1)

    def test_inspect_reads_java_key_stores(self):
        if not shutil.which("keytool"):
            self.skipTest("there is no keytool")
        store = self.work / "i.jks"
        made = ["-keystore", str(store), "-storetype", "JKS", "-storepass", "changeit"]
        for command in (["-genkeypair", "-alias", "server", "-keyalg", "RSA", "-keysize", "2048", "-dname",
                         "CN=java.test", "-keypass", "changeit"],
                        ["-importcert", "-noprompt", "-alias", "anchor", "-file", self.server.root_ca]):
            subprocess.run(["keytool", *command, *made], check=True, stdin=subprocess.DEVNULL, capture_output=True,
                           timeout=120)
        (self.work / "jks.pass").write_text("changeit\n")
        (self.work / "jks-wrong.pass").write_text("wrong\n")
        held = self.inspect("i.jks", "--password-file", "jks.pass")
        self.assertEqual(sorted((item["kind"], item["name"]) for item in held),
                         [("certificate", "anchor"), ("certificate", "server"), ("private_key", "server")])
        self.inspect("i.jks", "--password-file", "jks-wrong.pass", status=1)

    def test_inspect_reads_standard_input_and_servers(self):
        root = pathlib.Path(self.server.root_ca).read_bytes()
        done = subprocess.run([self.server.program, "cert", "inspect", "-", "-o", "json"], input=root,
                              capture_output=True, timeout=60, check=True)
        self.assertTrue(json.loads(done.stdout)["objects"][0]["is_ca"])
        for target in (self.server.https, self.server.https + "/v1/x", self.server.https.removeprefix("https://")):
            served = json.loads(self.chancery("cert", "inspect", target, "-o", "json", token=False))
            self.assertIn("TLSv1.3", served["connection"])
            self.assertIn("IP:127.0.0.1", served["objects"][0]["names"])
            self.assertEqual(served["objects"][0]["warnings"], [])
            self.assertTrue(served["objects"][1]["is_ca"])
        by_url = self.inspect(self.server.http + "/v1/pki/crl")
        self.assertEqual(by_url[0]["kind"], "crl")
        self.inspect("https://127.0.0.1:1", status=5)
        text = self.chancery("cert", "inspect", self.server.https, token=False)
        self.assertNotIn("\x1b", text)
        self.assertIn("Connection:           TLSv1.3", text)

    def test_colour_on_a_terminal_only(self):
        # script gives the program a terminal of its own.
        asked = f"{self.server.program} cert inspect {self.server.root_ca}"
        for more, colour in (({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False),
                             ({"TERM": "dumb"}, False)):
            done = subprocess.run(["script", "-qec", asked, "/dev/null"], capture_output=True, text=True, timeout=60,
                                  stdin=subprocess.DEVNULL, env={"PATH": os.environ["PATH"], **more})
            self.assertEqual("\x1b[1m" in done.stdout, colour, (more, done.stdout[:200]))

    def test_sign(self):
        self.chancery("csr", "create", "--common-name", "s.example.test", "--name", "DNS:s.example.test",
                      "--out-key", "s.key", "--out-csr", "s.csr")
        pem = self.chancery("cert", "sign", "s.csr", "--role", "web")
        self.assertEqual(pem.count("BEGIN CERTIFICATE"), 2)
        self.assertEqual(self.chancery("cert", "sign", "s.csr", "--role", "web", "--leaf-only").count("BEGIN "), 1)
        self.openssl("req", "-in", "s.csr", "-outform", "DER", "-out", "s.der")
        told = json.loads(self.chancery("cert", "sign", "s.der", "--role", "web", "--ttl", "2h", "--out", "s.crt",
                                        "-o", "json"))
        self.assertEqual(told["certificate_file"], "s.crt")
        self.chancery("cert", "verify", "s.crt", "--trust", self.server.root_ca, "--host", "s.example.test")
        self.chancery("cert", "sign", "s.csr", "--role", "web", "--out", "s.crt", status=1)
        self.assertIn("--force", self.last_error)
        self.chancery("cert", "sign", "s.csr", "--role", "absent", status=1)
        self.chancery("cert", "sign", "s.key", "--role", "web", status=1)

    def test_renew(self):
        self.chancery("cert", "issue", "--role", "web", "--common-name", "n.example.test", "--name", "IP:127.0.0.1",
                      "--name", "m.example.test")
        crt, key = self.work / "n.example.test.crt", self.work / "n.example.test.key"
        key.chmod(0o640)
        asked = ("cert", "renew", crt.name, "--key", key.name)

        def names():
            return self.inspect(crt.name)[0]["names"], self.inspect(crt.name)[0]["serial_number"]
        before, first = names()
        old_key = key.read_bytes()
        self.assertIn("Not due until", self.chancery(*asked, "--exec", "touch hooked", status=7))
        self.assertFalse((self.work / "hooked").exists())
        # Due at once: its whole validity before the end.
        self.chancery(*asked, "--due", "24h", "--exec", 'cp "$CHANCERY_CERT" hooked')
        self.assertEqual((self.work / "hooked").read_bytes(), crt.read_bytes())
        after, second = names()
        self.assertEqual(sorted(after), sorted(before))
        self.assertNotEqual(first, second)
        self.assertEqual(key.read_bytes(), old_key)
        self.chancery(*asked, "--force", "--new-key", "-o", "yaml")
        self.assertNotEqual(key.read_bytes(), old_key)
        self.assertEqual(key.stat().st_mode & 0o777, 0o640)
        public = [subprocess.run([OPENSSL, *how], check=True, capture_output=True).stdout
                  for how in (["x509", "-in", str(crt), "-noout", "-pubkey"], ["pkey", "-in", str(key), "-pubout"])]
        self.assertEqual(public[0], public[1])
        # A certificate whose renewal was interrupted between the renames is put in place first.
        (self.work / (crt.name + ".renewed")).write_bytes(crt.read_bytes())
        crt.write_bytes((self.work / "hooked").read_bytes())
        self.chancery(*asked, status=7)
        self.assertIn("interrupted renewal", self.last_error)
        self.chancery("cert", "verify", crt.name, "--trust", self.server.root_ca, "--host", "m.example.test")
        self.chancery(*asked, "--force", "--exec", "exit 3", status=1)
        self.assertIn("status=3", self.last_error)
        other = self.work / "other.key"
        other.write_bytes(old_key)
        self.chancery("cert", "renew", crt.name, "--key", "other.key", "--force", status=1)
        self.assertIn("not the certificate's", self.last_error)
        self.chancery(*asked, "--due", "5/2", status=1)

    def doctor(self, *arguments, status=0, environment=None):
        """The doctor's findings by name, from JSON."""
        told = {"PATH": os.environ["PATH"], "CHANCERY_ADDR": self.server.https, "CHANCERY_CACERT": self.server.root_ca,
                "CHANCERY_TOKEN_FILE": str(self.server.data / "root-token"), **(environment or {})}
        done = subprocess.run([self.server.program, "doctor", *arguments, "-o", "json"], cwd=self.work, env=told,
                              timeout=120, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return {check["check"]: check for check in json.loads(done.stdout)["checks"]}

    def test_doctor_finds_a_sound_server_sound(self):
        found = self.doctor("--config", str(self.server.data / "chancery.yaml"))
        self.assertLessEqual({"configuration", "OpenSSL", "data directory", "disk", "trust anchor", "token file",
                              "server", "token", "rights", "clock", "store", "authority issuing",
                              "server certificate", "CRL", "OCSP"}, set(found))
        self.assertEqual({name for name, check in found.items() if check["level"] != "ok"}, {"seal", "offline root"})
        self.assertRegex(found["OCSP"]["text"], "says good, signed by ")

    def test_doctor_says_what_is_wrong_and_what_mends_it(self):
        found = self.doctor(environment={"CHANCERY_CACERT": "", "CHANCERY_TOKEN_FILE": ""}, status=1)
        self.assertEqual(found["trust anchor"]["level"], "problem")
        self.assertIn("CHANCERY_CACERT", found["trust anchor"]["mend"])
        self.assertIn("CHANCERY_TOKEN_FILE", found["token file"]["mend"])
        self.assertIn("--ca-file", found["server"]["mend"])
        found = self.doctor("--address", "https://127.0.0.1:1", status=1)
        self.assertIn("chancery serve", found["server"]["mend"])
        self.assertNotIn("token", found)
        wrong = self.work / "wrong-token"
        wrong.write_text("nonsense\n")
        wrong.chmod(0o644)
        found = self.doctor("--token-file", str(wrong), status=1)
        self.assertEqual(found["token file"]["mend"], f"chmod 600 {wrong}")
        self.assertEqual(found["token"]["level"], "problem")
        self.assertEqual(found["CRL"]["level"], "ok")

    def test_doctor_looks_at_the_machine(self):
        self.chancery("init", "--data", "ill", "--dev", "--https-address", "127.0.0.1:0")
        config = self.work / "ill" / "chancery.yaml"
        (self.work / "ill" / "server").chmod(0o755)
        (self.work / "ill" / "root-token").chmod(0o640)
        with socket.socket() as taker:
            taker.bind(("127.0.0.1", 0))
            taker.listen()
            port = taker.getsockname()[1]
            config.write_text(re.sub(r"127.0.0.1:8280", f"127.0.0.1:{port}", config.read_text()))
            found = self.doctor("--config", str(config), status=1)
            self.assertIn(f"process {os.getpid()}", found[f"port {port}"]["text"])
        self.assertIn("listeners.http", found[f"port {port}"]["mend"])
        self.assertEqual(found["data directory"]["mend"], f"chmod 700 {self.work / 'ill' / 'server'}")
        self.assertEqual(found["root token"]["level"], "problem")
        self.assertEqual(self.doctor("--config", str(config), status=1)[f"port {port}"]["text"], "free")

    def test_config_check_and_docs(self):
        config = self.work / "c.yaml"
        config.write_text("listners: {https: 127.0.0.1:1}\nlog:\n  level: loud\nseal:\n  passphrase_file: absent\n")
        text = self.chancery("config", "check", "c.yaml", status=1, token=False)
        self.assertIn("c.yaml:1: listners.https: unknown configuration key", text)
        self.assertIn("c.yaml:3: log.level: expected debug, info, warning or error", text)
        config.write_text("seal:\n  passphrase_file: absent\n")
        self.assertIn("absent does not exist", self.chancery("config", "check", "c.yaml", status=1, token=False))
        config.write_text("log: {level: info}\n")
        self.chancery("config", "check", "c.yaml", token=False)
        keys = json.loads(self.chancery("config", "docs", "-o", "json", token=False))
        self.assertIn({"key": "log.level", "default": "info"},
                      [{"key": key["key"], "default": key["default"]} for key in keys])
        page = pathlib.Path(__file__).parents[2] / "docs" / "operations" / "configuration.md"
        self.assertEqual(self.chancery("config", "docs", "-o", "markdown", token=False), page.read_text())

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
