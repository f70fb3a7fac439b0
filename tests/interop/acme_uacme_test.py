#!/usr/bin/env python3
"""uacme, which is written in C, and its responder ualpn: every challenge, addresses, key change, revocation."""

import contextlib
import os
import subprocess
import unittest

from acme_world import ZONE, AcmeTest, need, split_chain, wait_until

# uacme asks the system's trust store, which a mount namespace of its own replaces.
TRUSTING = 'mount --bind "$0" /etc/ssl/certs/ca-certificates.crt && exec "$@"'


class UacmeTest(AcmeTest):
    programs = ("uacme", "ualpn", "unshare")

    @classmethod
    def setUpClass(cls):
        need(*cls.programs)
        probe = subprocess.run(["unshare", "--map-root-user", "--mount", "true"], capture_output=True)
        if probe.returncode != 0:
            raise unittest.SkipTest("no mount namespaces here")
        super().setUpClass()

    def uacme(self, *arguments, url=None, status=0):
        return self.run_client("unshare", "--map-root-user", "--mount", "sh", "-c", TRUSTING, self.world.root_ca,
                               "uacme", "--acme-url", url or self.url, "--confdir", self.work / "etc", "--yes",
                               "--type", "EC", *arguments, status=status)

    def chain(self, name):
        return (self.work / "etc" / name / "cert.pem").read_text()

    def web_hook(self, challenges):
        return self.hook("web-hook", f'test "$2" = http-01 || exit 1\n'
                                     f'case "$1" in begin) printf %s "$5" >"{challenges}/$4" ;; '
                                     f'*) rm -f "{challenges}/$4" ;; esac\n')

    def dns_hook(self):
        update = self.world.dns.update
        return self.hook("dns-hook", f'test "$2" = dns-01 || exit 1\n'
                                     f'case "$1" in begin) {update} add "_acme-challenge.$3" "$5" ;; '
                                     f'*) {update} del "_acme-challenge.$3" "$5" ;; esac\n')

    @contextlib.contextmanager
    def responder(self):
        """ualpn on the port for tls-alpn-01; the hook that tells it of challenges."""
        sock = self.work / "ualpn.sock"
        process = subprocess.Popen(
            ["ualpn", "--bind", f"127.0.0.1@{self.world.tls_port}", "--connect", "127.0.0.1@1", "--sock", str(sock),
             "--pidfile", str(self.work / "ualpn.pid"), "--num-workers", "1"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: sock.exists() or process.poll() is not None)
            yield self.hook("alpn-hook", f'test "$2" = tls-alpn-01 || exit 1\n'
                                         f'case "$1" in begin) line="auth $3 $5" ;; *) line="unauth $3" ;; esac\n'
                                         f'test "$(echo "$line" | ualpn --sock {sock})" = OK\n')
        finally:
            process.terminate()
            process.wait()

    def test_http_01_renewal_key_change_and_nginx(self):
        self.uacme("new", f"ops@{ZONE}")
        with self.world.web_root() as challenges:
            hook = self.web_hook(challenges)
            self.uacme("--hook", hook, "issue", f"www.{ZONE}", f"c.{ZONE}")
            first = self.chain(f"www.{ZONE}")
            self.check_chain(first, f"www.{ZONE}", f"c.{ZONE}")
            self.check_served(self.work / "etc" / f"www.{ZONE}" / "cert.pem",
                              self.work / "etc" / "private" / f"www.{ZONE}" / "key.pem", f"c.{ZONE}")
            key = (self.work / "etc" / "private" / "key.pem").read_text()
            self.uacme("newkey")
            self.assertNotEqual((self.work / "etc" / "private" / "key.pem").read_text(), key)
            self.uacme("--force", "--hook", hook, "issue", f"www.{ZONE}", f"c.{ZONE}")
            self.assertNotEqual(split_chain(self.chain(f"www.{ZONE}"))[0], split_chain(first)[0])
            self.uacme("update", f"other@{ZONE}")
            self.uacme("deactivate")
            self.uacme("--force", "--hook", hook, "issue", f"www.{ZONE}", status=2)

    def test_dns_01_with_a_wildcard(self):
        self.uacme("new")
        self.uacme("--hook", self.dns_hook(), "issue", f"*.wild.{ZONE}", f"wild.{ZONE}")
        (found,) = (self.work / "etc").glob("*wild*/cert.pem")
        self.check_chain(found.read_text(), f"*.wild.{ZONE}", f"wild.{ZONE}")

    def test_tls_alpn_01_for_names_and_addresses(self):
        self.uacme("new")
        with self.responder() as hook:
            self.uacme("--hook", hook, "issue", f"tls.{ZONE}", f"a.{ZONE}")
            self.check_chain(self.chain(f"tls.{ZONE}"), f"tls.{ZONE}", f"a.{ZONE}")
            self.uacme("--hook", hook, "issue", "127.0.0.1")
            self.check_chain(self.chain("127.0.0.1"), "127.0.0.1")

    def test_revocation_for_each_reason(self):
        self.uacme("new")
        with self.world.web_root() as challenges:
            hook = self.web_hook(challenges)
            for code, word in ((0, None), (1, "Key Compromise"), (4, "Superseded"), (5, "Cessation Of Operation")):
                with self.subTest(reason=code):
                    self.uacme("--force", "--hook", hook, "issue", f"gone.{ZONE}")
                    chain = self.chain(f"gone.{ZONE}")
                    self.uacme("--reason", str(code), "revoke", self.work / "etc" / f"gone.{ZONE}" / "cert.pem")
                    self.assertEqual(self.world.status(chain), "revoked")
                    self.assertEqual(self.world.reason(chain), word)

    def test_binding(self):
        self.uacme("new", url=self.bound_url, status=2)
        kid, key = self.world.binding("bound", "--suffix", ZONE)
        self.uacme("--eab", f"{kid}:{key}", "new", url=self.bound_url)


del AcmeTest

if __name__ == "__main__":
    unittest.main()
