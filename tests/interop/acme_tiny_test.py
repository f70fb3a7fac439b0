#!/usr/bin/env python3
"""acme-tiny, Debian's and PyPI's: http-01 out of a web root."""

import pathlib
import shutil
import sys
import unittest

from acme_world import ZONE, AcmeTest, openssl


class AcmeTinyTest(AcmeTest):
    def issue(self, program):
        if not shutil.which(program):
            self.skipTest(f"{program} is not installed")
        account, key, csr = self.work / "account.key", self.work / "key.pem", self.work / "request.csr"
        openssl("genrsa", "-out", str(account), "2048")
        openssl("req", "-new", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", str(key),
                "-out", str(csr), "-subj", "/", "-addext", f"subjectAltName=DNS:www.{ZONE},DNS:b.{ZONE}")
        with self.world.web_root() as challenges:
            # Its own check would look at port 80.
            said = self.run_client(program, "--account-key", account, "--csr", csr, "--acme-dir", challenges,
                                   "--directory-url", self.url, "--disable-check", "--contact", f"mailto:ops@{ZONE}",
                                   "--quiet", environment={"SSL_CERT_FILE": self.world.root_ca})
        self.check_chain(said, f"www.{ZONE}", f"b.{ZONE}")
        chain = self.work / "chain.pem"
        chain.write_text(said)
        self.check_served(chain, key, f"www.{ZONE}")

    def test_debian(self):
        self.issue("/usr/bin/acme-tiny")

    def test_newest(self):
        self.issue(str(pathlib.Path(sys.executable).parent / "acme-tiny"))


del AcmeTest

if __name__ == "__main__":
    unittest.main()
