"""Issuers of one name and key, as openssl sees them: one CRL and one OCSP, whichever of them is asked."""

import json
import ssl
import subprocess
import unittest
import urllib.error
import urllib.request

from chancery_server import OPENSSL, ChanceryServer, Judge

server = None
judge = None


def setUpModule():
    global server, judge
    server = ChanceryServer()
    unittest.addModuleCleanup(server.stop)
    server.start()
    judge = Judge(server)
    api("roles/web", {"allow_any_name": True, "key_type": "ec", "max_ttl": "48h"})


def api(path, body=None, method=None):
    request = urllib.request.Request(
        f"{server.https}/v1/pki/{path}", data=None if body is None else json.dumps(body).encode(), method=method,
        headers={"X-Vault-Token": server.token})
    with urllib.request.urlopen(request, context=ssl.create_default_context(cafile=server.root_ca), timeout=60) as answer:
        content = answer.read()
        return json.loads(content)["data"] if content else None


def openssl(*arguments, status=0, stdin=b""):
    done = subprocess.run([OPENSSL, *arguments], input=stdin, capture_output=True, timeout=60)
    if done.returncode != status:
        raise AssertionError(f"openssl {' '.join(arguments)}: {done.returncode}\n{done.stdout.decode()}"
                             f"{done.stderr.decode()}")
    return (done.stdout + done.stderr).decode()


class Twins(unittest.TestCase):
    """An authority and its certificate by another root: each is on the path of somebody."""

    def setUp(self):
        name = self.id().rsplit(".", 1)[1]
        self.old = api("root/generate/internal", {"common_name": f"Old {name}", "issuer_name": f"old-{name}",
                                                  "key_type": "ec"})
        self.new = api("root/generate/internal", {"common_name": f"New {name}", "issuer_name": f"new-{name}",
                                                  "key_type": "ec", "key_name": f"key-{name}"})
        request = api("intermediate/cross-sign", {"common_name": f"New {name}", "key_ref": f"key-{name}"})
        self.crossed = api(f"issuer/old-{name}/sign-intermediate", {"common_name": f"New {name}", "csr": request["csr"]})
        self.first = self.new["issuer_id"]
        self.twin = self.import_twin()
        self.old_pem = judge.file(f"{name}-old.pem", self.old["certificate"] + "\n")
        self.new_pem = judge.file(f"{name}-new.pem", self.new["certificate"] + "\n")
        self.crossed_pem = judge.file(f"{name}-crossed.pem", self.crossed["certificate"] + "\n")

    def import_twin(self):
        return api("intermediate/set-signed", {"certificate": self.crossed["certificate"]})["imported_issuers"][0]

    @staticmethod
    def issue(issuer):
        made = api(f"issuer/{issuer}/issue/web", {"common_name": "www.example.test", "ttl": "12h"})
        serial = made["serial_number"]
        return serial, judge.file(serial.replace(":", "") + ".pem", made["certificate"] + "\n")

    @staticmethod
    def revoke(serial):
        api("revoke", {"serial_number": serial})

    @staticmethod
    def crl(issuer):
        der = server.fetch(f"/crl/{issuer}/full.crl")
        return der, judge.file("list.pem", openssl("crl", "-inform", "DER", stdin=der))

    @staticmethod
    def number(der):
        return int(openssl("crl", "-inform", "DER", "-noout", "-crlnumber", stdin=der).strip().split("=")[1], 16)

    def check(self, certificate, crl, revoked):
        """By both paths: to the new root, and over the certificate by the old one."""
        for path in (["-trusted", self.new_pem],
                     ["-partial_chain", "-trusted", self.crossed_pem]):
            said = openssl("verify", *path, "-crl_check", "-CRLfile", crl, certificate, status=2 if revoked else 0)
            self.assertEqual("certificate revoked" in said, revoked, said)

    def ocsp(self, certificate, issuer_pem):
        return openssl("ocsp", "-issuer", issuer_pem, "-cert", certificate, "-url", f"{server.http}/ocsp",
                       "-VAfile", issuer_pem)

    def test_each_has_the_crl_of_both(self):
        by_first, first_pem = self.issue(self.first)
        by_twin, twin_pem = self.issue(self.twin)
        good = self.issue(self.twin)[1]
        before = self.number(self.crl(self.first)[0])
        self.revoke(by_first)
        self.revoke(by_twin)
        der, crl = self.crl(self.twin)
        self.assertEqual(der, self.crl(self.first)[0])
        self.assertEqual(der, server.fetch(f"/v1/pki/issuer/{self.twin}/crl/der"))
        self.assertGreater(self.number(der), before)
        for pem in (first_pem, twin_pem):
            self.check(pem, crl, True)
            for issuer_pem in (self.new_pem, self.crossed_pem):
                self.assertIn(": revoked", self.ocsp(pem, issuer_pem))
        self.check(good, crl, False)
        self.assertIn(": good", self.ocsp(good, self.crossed_pem))

    def test_what_is_deleted_stays_revoked(self):
        serial, pem = self.issue(self.twin)
        self.revoke(serial)
        before = self.number(self.crl(self.twin)[0])
        api(f"issuer/{self.twin}", method="DELETE")
        with self.assertRaises(urllib.error.HTTPError):
            server.fetch(f"/crl/{self.twin}/full.crl")
        der, crl = self.crl(self.first)
        self.check(pem, crl, True)
        self.assertGreaterEqual(self.number(der), before)
        api(f"issuer/{self.first}", method="DELETE")
        again = self.import_twin()
        der, crl = self.crl(again)
        self.check(pem, crl, True)
        self.assertGreaterEqual(self.number(der), before)
        self.assertIn(": revoked", self.ocsp(pem, self.crossed_pem))


if __name__ == "__main__":
    unittest.main()
