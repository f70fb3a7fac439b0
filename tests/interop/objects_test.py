"""apply, get, delete, profiles and the policy page, with openssl (and zlint, where ZLINT_BIN names it) as judges."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from chancery_server import OPENSSL, ChanceryServer

# What each shipped profile needs to issue, a subject, and openssl's purpose for it.
DERIVED = {
    "tls-server": ("allowed_domains: [example.test], allow_subdomains: true", "www.example.test", "sslserver"),
    "tls-client": ("allowed_domains: [example.test], allow_subdomains: true", "c.example.test", "sslclient"),
    "peer": ("allowed_domains: [example.test], allow_subdomains: true", "p.example.test", "sslserver"),
    "smime": ("allowed_domains: [example.test], allow_bare_domains: true", "a@example.test", "smimesign"),
    "code-signing": ("allowed_common_names: ['Example *']", "Example Code", "codesign"),
    "document-signing": ("allowed_common_names: ['Example *']", "Example Documents", "any"),
    "ocsp-responder": ("allowed_common_names: ['Example *']", "Example Status", "ocsphelper"),
    "timestamping": ("allowed_common_names: ['Example *']", "Example Time", "timestampsign"),
    "device": ("allowed_common_names: ['sensor-*']", "sensor-17", "sslclient"),
}

SUB_CA = """kind: Profile
name: below
spec: {extends: sub-ca, allowed_common_names: ["*"], ttl: 30d}
"""


def manifest(name, spec, kind="Profile"):
    return f"kind: {kind}\nname: {name}\nspec: {spec}\n---\n"


class Objects(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = ChanceryServer().start()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def setUp(self):
        self.work = pathlib.Path(tempfile.mkdtemp(dir=self.server.folder))

    def chancery(self, *arguments, status=0, text=None):
        environment = {"PATH": os.environ["PATH"], "CHANCERY_ADDR": self.server.https,
                       "CHANCERY_CACERT": self.server.root_ca,
                       "CHANCERY_TOKEN_FILE": str(self.server.data / "root-token")}
        done = subprocess.run([self.server.program, *arguments], cwd=self.work, env=environment, timeout=120,
                              input=text or "", capture_output=True, text=True)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.last_error = done.stderr
        return done.stdout

    def apply(self, text, *options, status=0):
        return self.chancery("apply", "-f", "-", *options, text=text, status=status)

    def test_every_shipped_profile_issues_what_real_tools_accept(self):
        listed = self.chancery("get", "profiles")
        for shipped, (spec, subject, purpose) in DERIVED.items():
            with self.subTest(profile=shipped):
                self.assertIn(f"{shipped}  (shipped)", listed)
                self.chancery("cert", "issue", "--profile", shipped, "--common-name", subject, status=1)
                self.apply(manifest("my-" + shipped, f"{{extends: {shipped}, {spec}}}"))
                crt = str(self.work / f"{shipped}.crt")
                self.chancery("cert", "issue", "--profile", "my-" + shipped, "--common-name", subject, "--out-cert",
                              crt, "--out-key", str(self.work / f"{shipped}.key"))
                self.openssl("verify", "-x509_strict", "-purpose", purpose, "-CAfile", self.server.root_ca,
                             "-untrusted", crt, crt)
                self.lint(crt)

    def test_an_authority_below_one_that_has_none(self):
        self.apply(SUB_CA)
        self.chancery("cert", "issue", "--profile", "below", "--common-name", "Below", status=1)
        self.assertIn("issuer_path_length", self.last_error)

    def openssl(self, *arguments):
        done = subprocess.run([OPENSSL, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def lint(self, crt):
        zlint = os.environ.get("ZLINT_BIN")
        if not zlint:
            return
        # The rules of RFCs; those of browser programmes do not apply to a private PKI.
        done = subprocess.run([zlint, "-includeSources", "RFC5280,RFC3279,RFC5480,RFC5891,RFC8813", crt], capture_output=True,
                              text=True, check=True)
        found = {name: finding["result"] for name, finding in json.loads(done.stdout).items()
                 if finding["result"] in ("error", "fatal")}
        self.assertEqual(found, {})

    def test_apply_is_idempotent_and_what_get_prints_can_be_applied(self):
        files = self.work / "objects"
        files.mkdir()
        (files / "a.yaml").write_text(
            manifest("trip", "{extends: tls-server, allowed_domains: [a.test], ttl: 2d, description: 'true'}") +
            manifest("trip-role", "{allow_any_name: true, key_type: ec, ttl: 1h}", "Role"))
        (files / "notes.txt").write_text("not: [yaml")
        self.assertIn("profile/trip would be created", self.chancery("apply", "-f", "objects", "--dry-run"))
        self.chancery("get", "profile", "trip", status=3)
        self.assertEqual(self.chancery("apply", "-f", "objects"), "profile/trip created\nrole/trip-role created\n")
        self.assertEqual(self.chancery("apply", "-f", "objects"), "profile/trip unchanged\nrole/trip-role unchanged\n")
        version = json.loads(self.api("profiles/trip"))["version"]
        for what in ("profiles", "roles"):
            printed = self.chancery("get", what, "-o", "yaml")
            again = self.apply(printed)
            self.assertTrue(all(line.endswith(" unchanged") for line in again.splitlines()), again)
        self.assertEqual(json.loads(self.api("profiles/trip"))["version"], version)

        changed = manifest("trip", "{extends: tls-server, allowed_domains: [a.test, b.test], ttl: 1d}")
        shown = self.apply(changed, "--dry-run")
        self.assertIn("profile/trip would be changed", shown)
        self.assertIn('  allowed_domains: ["a.test"] -> ["a.test","b.test"]', shown)
        self.assertIn("  ttl: 172800 -> 86400", shown)
        self.assertIn('  description: "true" -> ', shown)
        self.assertIn("profile/trip changed", self.apply(changed))
        self.assertEqual(json.loads(self.chancery("get", "profile", "trip", "-o", "json"))["spec"]["ttl"], 86400)
        self.assertIn("profile/trip deleted", self.chancery("delete", "-f", "objects"))
        self.chancery("delete", "role", "trip-role", status=3)
        self.chancery("delete", "profile", "tls-server", status=1)
        self.chancery("delete", status=2)

    def api(self, path):
        done = subprocess.run(["curl", "-sS", "--fail", "--cacert", self.server.root_ca, "-H", "@-",
                               f"{self.server.https}/api/v1/{path}"], capture_output=True, text=True, check=True,
                              input=f"Authorization: Bearer {self.server.token}\n")
        return done.stdout

    def test_faults_are_told_with_their_line(self):
        def refused(text):
            self.apply(text, status=1)
            return self.last_error
        told = refused("kind: Profile\nname: x\nspec:\n  extends: peer\n  must_staples: true\n")
        self.assertIn('did you mean "must_staple"?', told)
        self.assertIn("line=5", told)
        self.assertIn('did you mean "Profile"', refused("kind: Profil\nname: x\n"))
        self.assertIn('did you mean "spec"', refused("kind: Profile\nname: x\nspecs: {}\n"))
        told = refused("kind: Profile\nname: x\nspec:\n  extends: peer\n  keys: [rsa-512]\n")
        self.assertIn("field=keys", told)
        self.assertIn("line=5", told)
        self.assertIn("given twice", refused(manifest("x", "{extends: peer}") * 2))
        self.assertIn("aliases", refused("a: &a [x]\nb: [*a, *a]\n"))
        self.assertIn("deeper than 32", refused("- " * 5000))
        self.assertIn("4 MiB", refused("#" * (5 * 1024 * 1024)))
        # A fault anywhere in the files stops everything before anything is written.
        refused(manifest("never", "{extends: peer}") + "kind: Nonsense\n")
        self.chancery("get", "profile", "never", status=3)

    def test_hostile_names_and_texts(self):
        for name in ("../roles/web", "a/b", "a b", "x?dry_run=true", "-x", "%2e%2e", "é"):
            with self.subTest(name=name):
                self.apply(manifest(json.dumps(name), "{extends: peer}"), status=1)
        self.apply(manifest("text", '{extends: peer, description: "a\\u0007b"}'), status=1)
        self.assertIn("field=description", self.last_error)

    def test_the_policy_page(self):
        self.apply(manifest("paged", "{extends: tls-server, allowed_domains: [page.test], allow_subdomains: true, ttl: 20d}"))
        page = self.chancery("policy", "page")
        for heading in ("## 1. Introduction", "## 6. Technical security controls", "## 9. Other business"):
            self.assertIn(heading, page)
        self.assertIn("Profile `paged`", page)
        self.assertIn("of the domains `page.test` their subdomains", page)
        self.assertIn("live 20 days unless", page)
        self.assertIn("sealed by a file", page)
        self.assertIn("To be written by the operator", page)
        self.chancery("policy", "page", "-o", "policy.md")
        self.assertIn("RFC 3647", (self.work / "policy.md").read_text())
        self.chancery("policy", "page", "-o", "policy.md", status=1)


if __name__ == "__main__":
    unittest.main()
