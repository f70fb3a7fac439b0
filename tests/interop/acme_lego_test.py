#!/usr/bin/env python3
"""lego of Debian: every challenge, wildcards, addresses, bindings, renewal, revocation."""

import os
import subprocess
import unittest

from acme_world import ZONE, AcmeTest, split_chain


def lego_environment(world):
    return {"PATH": os.environ["PATH"], "LEGO_CA_CERTIFICATES": world.root_ca,
            "RFC2136_NAMESERVER": f"127.0.0.1:{world.dns.port}", "RFC2136_TSIG_KEY": "client.",
            "RFC2136_TSIG_ALGORITHM": "hmac-sha256.", "RFC2136_TSIG_SECRET": world.dns.key,
            "RFC2136_SEQUENCE_INTERVAL": "1", "RFC2136_POLLING_INTERVAL": "1"}


class LegoTest(AcmeTest):
    programs = ("lego",)

    def lego(self, *arguments, url=None, before=(), status=0):
        return self.run_client("lego", "--accept-tos", "--server", url or self.url, "--email", f"ops@{ZONE}",
                               "--path", self.work, *before, *arguments, status=status, environment=self.environment())

    def environment(self):
        return lego_environment(self.world)

    def http(self):
        return ("--http", "--http.port", f"127.0.0.1:{self.world.http_port}")

    def tls(self):
        return ("--tls", "--tls.port", f"127.0.0.1:{self.world.tls_port}")

    def dns(self):
        # The zone's only server is asked, on its own port.
        return ("--dns", "rfc2136", "--dns.disable-cp", "--dns.resolvers", f"127.0.0.1:{self.world.dns.port}")

    def domains(self, *names):
        return [word for name in names for word in ("--domains", name)]

    def chain(self, name):
        return (self.work / "certificates" / f"{name.replace('*', '_')}.crt").read_text()

    def test_http_01_and_nginx(self):
        self.lego("run", before=[*self.http(), *self.domains(f"www.{ZONE}", f"b.{ZONE}")])
        self.check_chain(self.chain(f"www.{ZONE}"), f"www.{ZONE}", f"b.{ZONE}")
        files = self.work / "certificates"
        self.check_served(files / f"www.{ZONE}.crt", files / f"www.{ZONE}.key", f"b.{ZONE}")

    def test_tls_alpn_01(self):
        self.lego("run", before=[*self.tls(), *self.domains(f"tls.{ZONE}")])
        self.check_chain(self.chain(f"tls.{ZONE}"), f"tls.{ZONE}")

    def test_dns_01_with_a_wildcard(self):
        self.lego("run", before=[*self.dns(), *self.domains(f"*.wild.{ZONE}", f"wild.{ZONE}")])
        self.check_chain(self.chain(f"*.wild.{ZONE}"), f"*.wild.{ZONE}", f"wild.{ZONE}")

    def test_addresses(self):
        for how in (self.http(), self.tls()):
            with self.subTest(how=how[0]):
                options = ["lego", "--accept-tos", "--server", self.url, "--email", f"ops@{ZONE}", "--path", self.work,
                           *how, *self.domains("127.0.0.1"), "run"]
                done = subprocess.run([str(word) for word in options], capture_output=True, text=True, timeout=120,
                                      env=self.environment(), stdin=subprocess.DEVNULL)
                if done.returncode == 0:
                    self.check_chain(self.chain("127.0.0.1"), "127.0.0.1")
                else:  # that of Debian 12 asks for an address as if it were a name, which must not work
                    self.assertIn('ask for it as an identifier of type "ip"', done.stderr)

    def test_account_keys(self):
        for key in ("ec384", "rsa2048"):
            with self.subTest(key=key):
                self.lego("run", before=["--key-type", key, *self.http(), *self.domains(f"c.{ZONE}")])
                self.check_chain(self.chain(f"c.{ZONE}"), f"c.{ZONE}")

    def test_renew_and_revoke(self):
        names = self.domains(f"renew.{ZONE}")
        self.lego("run", before=[*self.http(), *names])
        first = self.chain(f"renew.{ZONE}")
        self.lego("renew", "--days", "1000", "--no-random-sleep", before=[*self.http(), *names])
        renewed = self.chain(f"renew.{ZONE}")
        self.assertNotEqual(split_chain(first)[0], split_chain(renewed)[0])
        self.lego("revoke", "--reason", "4", before=names)
        self.assertEqual(self.world.status(renewed), "revoked")
        self.assertEqual(self.world.reason(renewed), "Superseded")
        self.assertEqual(self.world.status(first), "good")

    def test_binding(self):
        kid, key = self.world.binding("bound", "--name", f"bound.{ZONE}")
        bound = ["--eab", "--kid", kid, "--hmac", key]
        self.lego("run", url=self.bound_url, before=[*bound, *self.http(), *self.domains(f"bound.{ZONE}")])
        self.check_chain(self.chain(f"bound.{ZONE}"), f"bound.{ZONE}")
        refused = self.lego("run", url=self.bound_url, before=[*bound, *self.http(), *self.domains(f"a.{ZONE}")],
                            status=1)
        self.assertIn("rejectedIdentifier", refused)

    def test_no_binding(self):
        refused = self.lego("run", url=self.bound_url, before=[*self.http(), *self.domains(f"a.{ZONE}")], status=1)
        self.assertIn("External Account Binding", refused)


del AcmeTest

if __name__ == "__main__":
    unittest.main()
