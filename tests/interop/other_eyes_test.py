#!/usr/bin/env python3
"""What is issued, seen by programs that share no code with it: zlint, and an independent ML-DSA verifier."""

import base64
import json
import os
import pathlib
import ssl
import subprocess
import unittest
import urllib.request

from chancery_server import ChanceryServer, Judge

NODE_FOLDER = pathlib.Path(__file__).resolve().parent / "node"


def call(server, path, body):
    # Python's OpenSSL may be too old to verify the server's chain when the authority's key is ML-DSA; what this
    # file checks is the answer's content.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    request = urllib.request.Request(server.https + path, json.dumps(body).encode(),
                                     {"X-Vault-Token": server.token}, method="POST")
    with urllib.request.urlopen(request, context=context, timeout=60) as answer:
        return json.loads(answer.read())["data"]


def issue(server, name):
    call(server, "/v1/pki/roles/web", {"allowed_domains": "example.test", "allow_subdomains": True, "key_type": "ec",
                                       "ttl": "24h", "client_flag": False, "key_usage": ["DigitalSignature"]})
    return call(server, "/v1/pki/issue/web", {"common_name": name})["certificate"]


class ZlintTest(unittest.TestCase):
    # zlint's rules for public authorities that a private one has no reason to keep, each with the reason.
    NOT_OURS = {
        "e_sub_cert_cert_policy_empty", "e_sub_cert_certificate_policies_missing",  # no CA/B policy is claimed
        "e_dnsname_not_valid_tld",  # .test is reserved for tests
        "e_cps_missing", "w_ct_sct_policy_count_unsatisfied",  # no certificate transparency
    }

    def test_zlint_finds_no_error(self):
        zlint = os.environ.get("ZLINT_BIN")
        if not zlint:
            raise unittest.SkipTest("there is no zlint")
        with ChanceryServer() as server:
            leaf = Judge(server).file("leaf.pem", issue(server, "www.example.test"))
            done = subprocess.run([zlint, leaf], check=True, capture_output=True, text=True, timeout=60)
        findings = {rule: said["result"] for rule, said in json.loads(done.stdout).items()
                    if said["result"] in ("error", "fatal") and rule not in self.NOT_OURS}
        self.assertEqual(findings, {})


class MlDsaTest(unittest.TestCase):
    def test_ml_dsa_signatures_verify_elsewhere(self):
        node = os.environ.get("NODE_BIN")
        clients = os.environ.get("NODE_CLIENTS")
        if not node or not clients:
            raise unittest.SkipTest("there is no node with the ML-DSA client")
        for level in ("44", "65", "87"):
            with self.subTest(level=level), ChanceryServer("--key-type", f"ml-dsa-{level}") as server:
                judge = Judge(server)
                leaf = judge.file("leaf.pem", issue(server, "www.example.test"))
                issuer = judge.file("ca.pem", server.fetch("/v1/pki/ca/pem"))
                tbs, signature = self.parts(judge, leaf)
                question = {"algorithm": f"ML-DSA-{level}", "publicKey": self.raw_key(judge, issuer),
                            "message": tbs, "signature": signature}
                self.assertTrue(self.ask(node, clients, question))
                self.assertFalse(self.ask(node, clients, {**question, "message": tbs + "00"}))

    @staticmethod
    def ask(node, clients, question):
        done = subprocess.run([node, str(NODE_FOLDER / "verify_mldsa.mjs")], input=json.dumps(question), check=True,
                              capture_output=True, text=True, timeout=60, env={**os.environ, "NODE_CLIENTS": clients})
        return json.loads(done.stdout)

    @staticmethod
    def parts(judge, certificate):
        """The signed bytes and the signature, cut out of the DER by their lengths."""
        der = base64.b64decode("".join(pathlib.Path(certificate).read_text().strip().splitlines()[1:-1]))
        outer = content(der)
        tbs, rest = split(outer)
        _, rest = split(rest)
        bits, _ = split(rest)
        return tbs.hex(), content(bits)[1:].hex()

    @staticmethod
    def raw_key(judge, certificate):
        pem = judge.run("x509", "-in", certificate, "-noout", "-pubkey")
        der = base64.b64decode("".join(pem.strip().splitlines()[1:-1]))
        _, rest = split(content(der))
        bits, _ = split(rest)
        return content(bits)[1:].hex()


def header(der):
    """The sizes of an element's header and content."""
    if der[1] < 0x80:
        return 2, der[1]
    count = der[1] & 0x7F
    return 2 + count, int.from_bytes(der[2:2 + count], "big")


def content(der):
    start, size = header(der)
    return der[start:start + size]


def split(der):
    """The first element, and what follows it."""
    start, size = header(der)
    return der[:start + size], der[start + size:]


if __name__ == "__main__":
    unittest.main()
