#!/usr/bin/env python3
"""Lists of weak keys in the configuration, in the form of Debian's openssl-blacklist, as OpenSSL prints a modulus."""

import hashlib
import json
import os
import pathlib
import shutil
import ssl
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request

from chancery_server import OPENSSL, ChanceryServer


class WeakKeysTest(unittest.TestCase):
    def setUp(self):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="chancery-weak-"))
        self.addCleanup(shutil.rmtree, self.work, ignore_errors=True)
        self.server = ChanceryServer()
        self.addCleanup(self.server.stop)
        self.server.init()
        self.list = self.work / "blacklist.RSA-2048"
        config = self.server.data / "chancery.yaml"
        text = config.read_text()
        self.assertIn("weak_keys: []", text)
        config.write_text(text.replace("weak_keys: []", f"weak_keys: [{self.list}]"))

    def openssl(self, *arguments):
        return subprocess.run([OPENSSL, *arguments], cwd=self.work, check=True, capture_output=True, timeout=60).stdout

    def make_csr(self, name):
        self.openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr",
                     "-subj", f"/CN={name}.example.test")
        return (self.work / f"{name}.csr").read_text()

    def post(self, path, body):
        request = urllib.request.Request(self.server.https + path, data=json.dumps(body).encode(),
                                         headers={"X-Vault-Token": self.server.token})
        trust = ssl.create_default_context(cafile=self.server.root_ca)
        try:
            with urllib.request.urlopen(request, context=trust, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def test_a_key_on_the_list_gets_no_certificate(self):
        weak, sound = self.make_csr("weak"), self.make_csr("sound")
        printed = self.openssl("rsa", "-in", "weak.key", "-noout", "-modulus")
        self.list.write_text("# made for this test\n" + "0" * 20 + "\n" + hashlib.sha1(printed).hexdigest()[20:] + "\n")
        self.server.serve()
        self.post("/v1/pki/roles/web", {"allow_any_name": True, "key_type": "any"})
        status, answer = self.post("/v1/pki/sign/web", {"csr": weak, "common_name": "weak.example.test"})
        self.assertEqual(status, 400, answer)
        self.assertIn("the key is weak", answer)
        status, answer = self.post("/v1/pki/sign/web", {"csr": sound, "common_name": "sound.example.test"})
        self.assertEqual(status, 200, answer)

    def test_a_list_that_cannot_be_read_keeps_the_server_from_starting(self):
        for content in (None, "0123\n"):
            if content:
                self.list.write_text(content)
            done = subprocess.run([self.server.program, "serve", "--config", str(self.server.data / "chancery.yaml")],
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
                                  env=os.environ)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(str(self.list), done.stderr + done.stdout)


if __name__ == "__main__":
    unittest.main()
