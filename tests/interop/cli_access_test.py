"""The verbs of intermediates, policies, tokens and roles of authentication methods, as a person types them."""

import json
import os
import pathlib
import ssl
import subprocess
import unittest
import urllib.error
import urllib.request

from chancery_server import OPENSSL, ChanceryServer


class AccessVerbs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = ChanceryServer().start()
        cls.addClassCleanup(cls.server.stop)
        cls.work = pathlib.Path(cls.server.folder) / "typed"
        cls.work.mkdir()

    def chancery(self, *arguments, status=0, stdin=""):
        environment = {"PATH": os.environ["PATH"], "CHANCERY_ADDR": self.server.https,
                       "CHANCERY_CACERT": self.server.root_ca,
                       "CHANCERY_TOKEN_FILE": str(self.server.data / "root-token")}
        done = subprocess.run([self.server.program, *arguments], cwd=self.work, env=environment, timeout=120,
                              input=stdin, capture_output=True, text=True)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.last_error = done.stderr
        return done.stdout

    def typed(self, *arguments):
        return json.loads(self.chancery(*arguments, "--output", "json"))

    def vault(self, path, body, token=""):
        """What the Vault API answers; an error is its status."""
        request = urllib.request.Request(f"{self.server.https}/v1/{path}", json.dumps(body).encode(), method="POST",
                                         headers={"X-Vault-Token": token} if token else {})
        context = ssl.create_default_context(cafile=self.server.root_ca)
        try:
            with urllib.request.urlopen(request, context=context, timeout=60) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code

    def openssl(self, *arguments):
        done = subprocess.run([OPENSSL, *arguments], cwd=self.work, capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_an_intermediate_under_an_issuer_here(self):
        self.chancery("ca", "create-root", "--common-name", "Top", "--name", "top", "--ttl", "8000h")
        made = self.typed("ca", "create-intermediate", "--common-name", "Below", "--issuer", "top")
        (self.work / "below.pem").write_text(made["certificate"])
        self.assertIn("CN=Below", self.openssl("x509", "-in", "below.pem", "-noout", "-subject", "-nameopt", "RFC2253"))
        self.assertIn("CN=Below", self.chancery("ca", "show", made["authorities"][0]))

    def test_an_intermediate_by_its_request(self):
        self.chancery("ca", "create-root", "--common-name", "Second Top", "--name", "second", "--ttl", "8000h")
        self.chancery("ca", "create-intermediate", "--common-name", "Elsewhere", "--out", "e.csr")
        self.assertIn("verify OK", self.chancery_openssl_request("e.csr"))
        self.assertIn("Would be issued", self.chancery("cert", "explain", "--intermediate", "--csr", "e.csr",
                                                       "--common-name", "Elsewhere", "--issuer", "second"))
        refused = self.chancery("cert", "explain", "--intermediate", "--csr", "e.csr", "--common-name", "Elsewhere",
                                status=1)
        self.assertIn("NO   issuer_path_length", refused)
        self.chancery("ca", "sign", "e.csr", "--issuer", "second", "--common-name", "Elsewhere", "--out", "e.pem")
        self.chancery("ca", "show", "second")
        (self.work / "second.pem").write_text(self.typed("ca", "show", "second")["chain"][0])
        self.assertIn("OK", self.openssl("verify", "-CAfile", "second.pem", "e.pem"))
        imported = self.typed("ca", "import", "e.pem")
        self.assertEqual(len(imported["authorities"]), 1)
        self.assertEqual(self.typed("ca", "import", "e.pem")["existing_authorities"], imported["authorities"])
        self.chancery("ca", "sign", "absent.csr", "--common-name", "x", status=3)

    def chancery_openssl_request(self, file):
        done = subprocess.run([OPENSSL, "req", "-in", file, "-verify", "-noout"], cwd=self.work, capture_output=True,
                              text=True, timeout=60, stdin=subprocess.DEVNULL)
        return done.stdout + done.stderr

    def test_a_root_is_changed_in_two_steps(self):
        before = self.typed("ca", "show", "default")["id"]
        self.chancery("ca", "rotate", "--common-name", "Next Root", "--ttl", "8000h")
        self.assertEqual(self.typed("ca", "show", "default")["id"], before)
        self.chancery("ca", "replace")
        self.assertEqual(self.typed("ca", "show", "default")["name"], "next")
        self.chancery("ca", "default", before)

    def test_a_request_signed_as_it_is_is_explained(self):
        self.chancery("csr", "create", "--common-name", "www.example.test", "--out-csr", "w.csr", "--out-key", "w.key")
        self.assertIn("Would be issued", self.chancery("cert", "explain", "--verbatim", "--csr", "w.csr"))
        self.chancery("cert", "explain", "--verbatim", status=1)
        self.assertIn("--csr", self.last_error)

    def test_policies_and_tokens(self):
        (self.work / "p.hcl").write_text('path "pki/issue/web" {\n  capabilities = ["update"]\n}\n')
        self.chancery("policy", "write", "web", "p.hcl")
        self.chancery("policy", "write", "web2", "-", stdin=(self.work / "p.hcl").read_text())
        self.assertIn("web2\n", self.chancery("policy", "list"))
        self.assertEqual(self.chancery("policy", "show", "web"), (self.work / "p.hcl").read_text())
        self.chancery("policy", "delete", "web2")
        self.chancery("policy", "show", "web2", status=3)
        self.chancery("policy", "write", "bad", "-", status=1, stdin="path {")

        made = self.typed("token", "create", "--policy", "web", "--ttl", "1h", "--uses", "3", "--metadata", "who=ci",
                          "--display-name", "ci")
        self.assertEqual(made["policies"], ["default", "web"])
        self.assertIn(made["accessor"], self.chancery("token", "list"))
        shown = self.typed("token", "show", made["accessor"])
        self.assertEqual((shown["metadata"], shown["num_uses"], shown["display_name"]), ({"who": "ci"}, 3, "token-ci"))
        self.assertEqual(self.vault("pki/roles/x", {}, made["token"]), 403)
        self.chancery("token", "renew", made["accessor"], "--increment", "30m")
        self.chancery("token", "revoke", made["accessor"])
        self.chancery("token", "show", made["accessor"], status=3)
        self.chancery("token", "create", "--metadata", "nonsense", status=1)

    def test_roles_and_secrets(self):
        self.chancery("auth", "enable", "approle", "--type", "approle")
        self.chancery("auth", "role", "write", "approle", "ci", "token_policies=default", "token_ttl=20m")
        self.assertEqual(self.chancery("auth", "role", "list", "approle"), "ci\n")
        role = self.typed("auth", "role", "show", "approle", "ci")
        self.assertEqual(role["token_ttl"], 1200)
        made = self.typed("auth", "secret-id", "create", "approle", "ci", "--uses", "1", "--metadata", "a=b")
        login = {"role_id": made["role_id"], "secret_id": made["secret_id"]}
        self.assertEqual(self.vault("auth/approle/login", login)["auth"]["policies"], ["default"])
        self.assertEqual(self.vault("auth/approle/login", login), 400)
        made = self.typed("auth", "secret-id", "create", "approle", "ci")
        listed = self.typed("auth", "secret-id", "list", "approle", "ci")
        self.assertIn(made["accessor"], [one["accessor"] for one in listed])
        self.chancery("auth", "secret-id", "destroy", "approle", "ci", made["accessor"])
        self.assertEqual(self.vault("auth/approle/login", {"role_id": made["role_id"], "secret_id": made["secret_id"]}),
                         400)
        self.chancery("auth", "role", "delete", "approle", "ci")
        self.chancery("auth", "role", "show", "approle", "ci", status=3)
        self.chancery("auth", "role", "show", "nowhere", "ci", status=3)

    def test_users(self):
        self.chancery("auth", "enable", "people", "--type", "userpass")
        (self.work / "password").write_text("s3cret\n")
        self.chancery("auth", "role", "write", "people", "bob", "token_policies=default", "--password-file", "password")
        self.assertEqual(self.vault("auth/people/login/bob", {"password": "s3cret"})["auth"]["metadata"],
                         {"username": "bob"})
        self.chancery("auth", "role", "write", "people", "eve", "password=x", status=1)
        self.assertIn("--password-file", self.last_error)


if __name__ == "__main__":
    unittest.main()
