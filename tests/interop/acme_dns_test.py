#!/usr/bin/env python3
"""What DNS says decides: CAA records and DNSSEC, in a zone that knot signs."""

import secrets
import unittest

from acme_lego_test import lego_environment
from acme_world import ZONE, AcmeTest


class DnsTest(AcmeTest):
    programs = ("lego", "keymgr")
    signed = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.caa_url = cls.world.directory("caa", "--caa-identity", "ca.test")

    def lego(self, name, url, status=0):
        # A new account each time: what an old one has shown before would count.
        self.path = self.work / secrets.token_hex(4)
        return self.run_client("lego", "--accept-tos", "--server", url, "--email", f"ops@{ZONE}", "--path", self.path,
                               "--dns", "rfc2136", "--dns.disable-cp", "--dns.resolvers",
                               f"127.0.0.1:{self.world.dns.port}", "--domains", name, "run", status=status,
                               environment=lego_environment(self.world))

    def issue(self, name, url):
        self.lego(name, url)
        self.check_chain((self.path / "certificates" / f"{name}.crt").read_text(), name)

    def test_a_signed_zone(self):
        self.issue(f"a.{ZONE}", self.url)
        self.issue(f"b.{ZONE}", self.caa_url)  # that there is no CAA record is signed as well

    def test_caa(self):
        for value, problem in ((r"ca.test", None), (r"other.test", "do not let this CA issue"),
                               (r"ca.test\; validationmethods=http-01", "other methods only"),
                               (r"ca.test\; validationmethods=dns-01", None),
                               (r"ca.test\; accounturi=https://ca.test/1", "another account")):
            with self.subTest(value=value):
                self.world.dns.change(f'add mail.{ZONE}. 1 CAA 0 issue "{value}"')
                try:
                    if problem is None:
                        self.issue(f"mail.{ZONE}", self.caa_url)
                    else:
                        said = self.lego(f"mail.{ZONE}", self.caa_url, status=1)
                        self.assertIn("urn:ietf:params:acme:error:caa", said)
                        self.assertIn(problem, said)
                finally:
                    self.world.dns.change(f"del mail.{ZONE}. CAA")


class ForgedTest(AcmeTest):
    """The zone is signed by another key than the one that the server trusts."""

    programs = ("lego",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        path = cls.world.data / "chancery.yaml"
        path.write_text(path.read_text().replace("  dnssec: false", "  dnssec: true").replace(
            "  trust_anchors: []", f'  trust_anchors: ["{ZONE}. IN DS 1 13 2 {"00" * 32}"]'))
        cls.world.restart()
        cls.url = cls.url.replace(cls.url.split("/")[2], "localhost:" + cls.world.https.rsplit(":", 1)[1])

    def test_no_certificate(self):
        said = self.run_client("lego", "--accept-tos", "--server", self.url, "--email", f"ops@{ZONE}", "--path",
                               self.work, "--http", "--http.port", f"127.0.0.1:{self.world.http_port}", "--domains",
                               f"a.{ZONE}", "run", status=1, environment={"LEGO_CA_CERTIFICATES": self.world.root_ca})
        self.assertIn("DNSSEC validation failed", said)


del AcmeTest

if __name__ == "__main__":
    unittest.main()
