#!/usr/bin/env python3
"""dehydrated, which is a shell script: every challenge, wildcards, renewal, revocation."""

import unittest

from acme_world import ZONE, AcmeTest, split_chain

DNS_HOOK = """case "$1" in
  deploy_challenge) "{update}" add "_acme-challenge.$2" "$4" ;;
  clean_challenge) "{update}" del "_acme-challenge.$2" "$4" ;;
esac
"""


class DehydratedTest(AcmeTest):
    programs = ("dehydrated",)

    def configure(self, method, url=None, more=""):
        for folder in ("well-known", "alpn", "certs", "accounts"):
            (self.work / folder).mkdir(exist_ok=True)
        (self.work / "config").write_text(
            f'CA="{url or self.url}"\nCHALLENGETYPE="{method}"\nBASEDIR="{self.work}"\nKEY_ALGO=prime256v1\n'
            f'ALPNCERTDIR="{self.work}/alpn"\nCURL_OPTS="--cacert {self.world.root_ca}"\nCONTACT_EMAIL=ops@{ZONE}\n'
            f"{more}\n")

    def dehydrated(self, *arguments, status=0):
        return self.run_client("dehydrated", "--config", self.work / "config", *arguments, status=status)

    def chain(self, name):
        return (self.work / "certs" / name / "fullchain.pem").read_text()

    def issue(self, *names, options=()):
        words = [word for name in names for word in ("--domain", name)]
        self.dehydrated("--cron", *words, *options)

    def test_http_01_renewal_revocation_and_nginx(self):
        with self.world.web_root() as challenges:
            self.configure("http-01", more=f'WELLKNOWN="{challenges}"')
            self.dehydrated("--register", "--accept-terms")
            self.issue(f"mail.{ZONE}", f"a.{ZONE}")
            first = self.chain(f"mail.{ZONE}")
            self.check_chain(first, f"mail.{ZONE}", f"a.{ZONE}")
            folder = self.work / "certs" / f"mail.{ZONE}"
            self.check_served(folder / "fullchain.pem", folder / "privkey.pem", f"mail.{ZONE}")
            self.issue(f"mail.{ZONE}", f"a.{ZONE}", options=["--force"])
            renewed = self.chain(f"mail.{ZONE}")
            self.assertNotEqual(split_chain(first)[0], split_chain(renewed)[0])
            self.dehydrated("--revoke", folder / "cert.pem")
            self.assertEqual(self.world.status(renewed), "revoked")
            self.dehydrated("--account")

    def test_dns_01_with_a_wildcard(self):
        hook = self.hook("dns-hook", DNS_HOOK.format(update=self.world.dns.update))
        self.configure("dns-01", more=f'HOOK="{hook}"')
        self.dehydrated("--register", "--accept-terms")
        self.issue(f"*.wild.{ZONE}", f"wild.{ZONE}", options=["--alias", "wild"])
        self.check_chain(self.chain("wild"), f"*.wild.{ZONE}", f"wild.{ZONE}")

    def test_tls_alpn_01(self):
        self.configure("tls-alpn-01")
        self.dehydrated("--register", "--accept-terms")
        with self.world.alpn_responder(self.work / "alpn"):
            self.issue(f"tls.{ZONE}")
        self.check_chain(self.chain(f"tls.{ZONE}"), f"tls.{ZONE}")

    def test_binding(self):
        kid, key = self.world.binding("bound", "--suffix", ZONE)
        self.configure("http-01", url=self.bound_url, more=f"EAB_KID={kid}\nEAB_HMAC_KEY={key}")
        self.dehydrated("--register", "--accept-terms")


del AcmeTest

if __name__ == "__main__":
    unittest.main()
