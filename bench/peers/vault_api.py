"""The Vault PKI API, which Chancery and OpenBao both speak: the same requests go to either."""

import base64
import json
import urllib.parse

from cryptography import x509

import material
from peer import Peer

POLICY = """
path "pki-ec/*" { capabilities = ["create", "read", "update", "list"] }
path "pki-rsa/*" { capabilities = ["create", "read", "update", "list"] }
"""


class VaultApi(Peer):
    works = ("sign-ec", "sign-rsa", "issue-ec", "issue-rsa", "read", "revoke", "ocsp-get", "ocsp-post", "handshake")

    def set_up(self, root_token):
        """Two mounts with an authority each, a role in each, and a token that may use them and is not root."""
        self.token = root_token
        for kind in ("ec", "rsa"):
            authority = self.material.authorities[kind]
            self.vault("POST", f"sys/mounts/pki-{kind}", {"type": "pki", "config": {"max_lease_ttl": "8760h"}})
            self.vault("POST", f"pki-{kind}/config/ca", {
                "pem_bundle": material.pem(authority.key) + material.pem(authority.certificate)
                + material.pem(authority.root)})
            self.vault("POST", f"pki-{kind}/config/urls", {
                "crl_distribution_points": "http://127.0.0.1/crl", "ocsp_servers": "http://127.0.0.1/ocsp"})
            self.vault("POST", f"pki-{kind}/config/crl", {"auto_rebuild": True})
            self.vault("POST", f"pki-{kind}/roles/web", {
                "allow_any_name": True, "key_type": kind, "key_bits": 256 if kind == "ec" else 2048, "ttl": "24h"})
        self.vault("PUT", "sys/policies/acl/bench", {"policy": POLICY})
        created = self.vault("POST", "auth/token/create", {"policies": ["bench"], "ttl": "24h"})
        self.token = created["auth"]["client_token"]

    def vault(self, method, path, body=None):
        return self.ask(method, "/v1/" + path, body, {"X-Vault-Token": self.token})

    def prepare(self, work, count):
        if work.startswith("sign-"):
            self.prepared[work] = [json.dumps({"csr": text, "common_name": host}).encode() for host, text in
                                   self.material.requests(work[5:])]
        elif work in ("read", "ocsp-get", "ocsp-post"):
            self.prepared.setdefault("issued", [self.sign(i) for i in range(64)])
            issuer = self.material.authorities["ec"].certificate
            self.prepared["ocsp"] = [material.ocsp_request(certificate, issuer)
                                     for certificate in self.prepared["issued"]]
        elif work == "revoke":
            self.prepared["revoke"] = [serial_text(self.sign(i)) for i in range(count)]

    def sign(self, index):
        host, text = self.material.requests("ec")[index % self.material.count]
        data = self.vault("POST", "pki-ec/sign/web", {"csr": text, "common_name": host})["data"]
        return x509.load_pem_x509_certificate(data["certificate"].encode())

    def request(self, work, index):
        headers = [("X-Vault-Token", self.token)]
        if work.startswith("sign-"):
            bodies = self.prepared[work]
            return self.raw("POST", f"/v1/pki-{work[5:]}/sign/web", bodies[index % len(bodies)], headers)
        if work.startswith("issue-"):
            body = json.dumps({"common_name": f"host-{index}.example.test"}).encode()
            return self.raw("POST", f"/v1/pki-{work[6:]}/issue/web", body, headers)
        if work == "read":
            issued = self.prepared["issued"]
            return self.raw("GET", "/v1/pki-ec/cert/" + serial_text(issued[index % len(issued)]), headers=headers)
        if work == "revoke":
            body = json.dumps({"serial_number": self.prepared["revoke"][index]}).encode()
            return self.raw("POST", "/v1/pki-ec/revoke", body, headers)
        question = self.prepared["ocsp"][index % len(self.prepared["ocsp"])]
        if work == "ocsp-get":
            return self.raw("GET", "/v1/pki-ec/ocsp/" + urllib.parse.quote(base64.b64encode(question), safe=""))
        return self.raw("POST", "/v1/pki-ec/ocsp", question, [("Content-Type", "application/ocsp-request")])


def serial_text(certificate):
    digits = f"{certificate.serial_number:x}"
    digits = digits.zfill(len(digits) + len(digits) % 2)
    return ":".join(digits[i:i + 2] for i in range(0, len(digits), 2))
