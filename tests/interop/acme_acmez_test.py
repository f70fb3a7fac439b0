#!/usr/bin/env python3
"""acmez, a library in Go that speaks HTTP/2: every challenge, addresses, renewal information, key change, bindings."""

import json
import os
import unittest

from acme_world import ZONE, AcmeTest, split_chain


class AcmezTest(AcmeTest):
    @classmethod
    def setUpClass(cls):
        cls.program = os.environ.get("ACMEZ_BIN")
        if not cls.program:
            raise unittest.SkipTest("acmez is not installed")
        super().setUpClass()

    def acmez(self, method, names, *options, url=None):
        port = self.world.http_port if method == "http-01" else self.world.tls_port
        update = self.hook("update", f'verb="$1"; test "$verb" = add || verb=del\n'
                                     f'exec {self.world.dns.update} "$verb" "$2" "$3"\n')
        return json.loads(self.run_client(
            self.program, "-directory", url or self.url, "-ca", self.world.root_ca, "-method", method, "-names",
            ",".join(names), "-listen", f"127.0.0.1:{port}", "-update", update, *options))

    def check(self, told, *names):
        leaves = [self.check_chain(told["chains"][0], *names), self.check_chain(told["renewed"], *names),
                  self.check_chain(told["after"], *names)]
        self.assertEqual(len(set(leaves)), 3)
        start, end = told["window"]
        self.assertLess(start, end)
        self.assertTrue(told["retry"])
        self.assertLess(told["after_gone"][0], start)
        self.assertEqual(self.world.status(told["after"]), "revoked")
        self.assertEqual(self.world.status(told["renewed"]), "good")

    def test_http_01(self):
        self.check(self.acmez("http-01", [f"www.{ZONE}", f"a.{ZONE}"]), f"www.{ZONE}", f"a.{ZONE}")

    def test_tls_alpn_01(self):
        told = self.acmez("tls-alpn-01", [f"tls.{ZONE}"], "-key", "p384", "-reason", "4")
        self.check(told, f"tls.{ZONE}")
        self.assertEqual(self.world.reason(told["after"]), "Superseded")

    def test_dns_01_with_a_wildcard(self):
        told = self.acmez("dns-01", [f"*.wild.{ZONE}", f"wild.{ZONE}"], "-reason", "1")
        self.check(told, f"*.wild.{ZONE}", f"wild.{ZONE}")
        self.assertEqual(self.world.reason(told["after"]), "Key Compromise")

    def test_addresses(self):
        for method in ("http-01", "tls-alpn-01"):
            with self.subTest(method=method):
                self.check(self.acmez(method, ["127.0.0.1"], "-key", "rsa"), "127.0.0.1")

    def test_binding(self):
        kid, key = self.world.binding("bound", "--suffix", ZONE, "--skip-challenges")
        told = self.acmez("http-01", [f"nowhere.{ZONE}"], "-eab-id", kid, "-eab-key", key, "-profile", "default",
                          url=self.bound_url)
        self.check(told, f"nowhere.{ZONE}")


del AcmeTest

if __name__ == "__main__":
    unittest.main()
