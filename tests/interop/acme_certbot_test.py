#!/usr/bin/env python3
"""certbot, Debian's and the newest of PyPI: http-01, dns-01, wildcards, addresses, bindings, renewal, revocation."""

import os
import pathlib
import sys
import unittest

from acme_world import ZONE, AcmeTest, split_chain

REASONS = {"unspecified": None, "keycompromise": "Key Compromise", "superseded": "Superseded",
           "cessationofoperation": "Cessation Of Operation"}


class Certbot:
    """The tests of both versions; `program` is one of them."""

    program = ""

    def certbot(self, *arguments, url=None, status=0):
        folders = ("--config-dir", self.work / "etc", "--work-dir", self.work / "var", "--logs-dir", self.work / "log")
        return self.run_client(self.program, *arguments, "--server", url or self.url, *folders, "--non-interactive",
                               status=status, environment={"REQUESTS_CA_BUNDLE": self.world.root_ca})

    def register(self, url=None, *options):
        self.certbot("register", "--agree-tos", "--email", f"ops@{ZONE}", *options, url=url)

    def standalone(self):
        return ("--standalone", "--http-01-address", "127.0.0.1", "--http-01-port", self.world.http_port)

    def manual_dns(self):
        add = self.hook("auth", f'{self.world.dns.update} add "_acme-challenge.$CERTBOT_DOMAIN" '
                                '"$CERTBOT_VALIDATION"\n')
        delete = self.hook("cleanup", f'{self.world.dns.update} del "_acme-challenge.$CERTBOT_DOMAIN" '
                                      '"$CERTBOT_VALIDATION"\n')
        return ("--manual", "--preferred-challenges", "dns", "--manual-auth-hook", add, "--manual-cleanup-hook", delete)

    def live(self, name):
        return self.work / "etc" / "live" / name

    def obtain(self, *names, how=None):
        options = [word for name in names for word in ("-d", f"{name}.{ZONE}")]
        self.certbot("certonly", *(how or self.standalone()), "--cert-name", "it", *options)
        return (self.live("it") / "fullchain.pem").read_text()

    def test_http_01_and_nginx(self):
        self.register()
        self.check_chain(self.obtain("www", "a"), f"www.{ZONE}", f"a.{ZONE}")
        self.check_served(self.live("it") / "fullchain.pem", self.live("it") / "privkey.pem", f"a.{ZONE}")

    def test_dns_01_with_apex_and_wildcard(self):
        self.register()
        self.certbot("certonly", *self.manual_dns(), "-d", ZONE, "-d", f"*.{ZONE}")
        self.check_chain((self.live(ZONE) / "fullchain.pem").read_text(), ZONE, f"*.{ZONE}")

    def test_renew_and_revoke_for_each_reason(self):
        self.register()
        first = self.obtain("renew")
        self.certbot("renew", "--force-renewal", "--no-random-sleep-on-renew")
        renewed = (self.live("it") / "fullchain.pem").read_text()
        self.assertNotEqual(split_chain(first)[0], split_chain(renewed)[0])
        self.check_chain(renewed, f"renew.{ZONE}")
        for number, (word, shown) in enumerate(REASONS.items()):
            with self.subTest(reason=word):
                chain = self.obtain("gone") if number == 0 else self.reissue()
                self.certbot("revoke", "--cert-name", "it", "--reason", word, "--no-delete-after-revoke")
                self.assertEqual(self.world.status(chain), "revoked")
                self.assertEqual(self.world.reason(chain), shown)

    def reissue(self):
        self.certbot("certonly", *self.standalone(), "--cert-name", "it", "-d", f"gone.{ZONE}", "--force-renewal")
        return (self.live("it") / "fullchain.pem").read_text()

    def test_revoke_with_the_certificates_key(self):
        self.register()
        chain = self.obtain("gone")
        self.certbot("revoke", "--cert-path", self.live("it") / "cert.pem", "--key-path",
                     self.live("it") / "privkey.pem", "--no-delete-after-revoke")
        self.assertEqual(self.world.status(chain), "revoked")

    def test_binding(self):
        self.certbot("register", "--agree-tos", "--email", f"ops@{ZONE}", url=self.bound_url, status=1)
        kid, key = self.world.binding("bound", "--suffix", ZONE)
        self.register(self.bound_url, "--eab-kid", kid, "--eab-hmac-key", key)

    def test_account(self):
        self.register()
        self.certbot("update_account", "--email", f"other@{ZONE}")
        self.assertIn(f"other@{ZONE}", self.certbot("show_account"))
        self.certbot("unregister")

    def test_a_failure_says_why(self):
        self.register()
        with self.world.web_root():
            said = self.certbot("certonly", "--webroot", "--webroot-path", self.work, "-d", f"www.{ZONE}", status=1)
        self.assertIn("answers with status 404", said)


class DebianCertbotTest(Certbot, AcmeTest):
    program = "/usr/bin/certbot"
    programs = ("/usr/bin/certbot",)


class NewestCertbotTest(Certbot, AcmeTest):
    program = str(pathlib.Path(sys.executable).parent / "certbot")

    @classmethod
    def setUpClass(cls):
        if not os.path.exists(cls.program):
            raise unittest.SkipTest("certbot of PyPI is not installed")
        super().setUpClass()

    def test_address(self):
        self.register()
        self.certbot("certonly", *self.standalone(), "--cert-name", "ip", "--ip-address", "127.0.0.1",
                     "--preferred-profile", "default")
        self.check_chain((self.live("ip") / "fullchain.pem").read_text(), "127.0.0.1")

    def test_renewal_information_makes_it_renew(self):
        self.register()
        first = self.obtain("renew")
        self.world.chancery("acme", "renewal", "set", "default", "now", "--end", "2000-01-02T00:00:00Z", "--start",
                            "2000-01-01T00:00:00Z", "--suffix", f"renew.{ZONE}")
        self.certbot("renew", "--no-random-sleep-on-renew")
        renewed = (self.live("it") / "fullchain.pem").read_text()
        self.assertNotEqual(renewed, first)
        # It was made after the window was: nothing is due any more.
        self.certbot("renew", "--no-random-sleep-on-renew")
        self.assertEqual((self.live("it") / "fullchain.pem").read_text(), renewed)


del Certbot, AcmeTest  # the loader would run them by themselves

if __name__ == "__main__":
    unittest.main()
