"""CFSSL's server: plain HTTP and nothing stored, so it does less than the others for each certificate."""

import json
import shutil
import subprocess

import material
from peer import Absent, PeerOfTwo


class Cfssl(PeerOfTwo):
    name = "CFSSL"
    works = ("sign-ec", "sign-rsa", "issue-ec", "issue-rsa")
    settings = "plain HTTP, no database, no authentication: it offers nothing durable without a certificate database"

    def version(self):
        text = subprocess.run([self.program(), "version"], capture_output=True, text=True, check=True).stdout
        return text.split()[1]

    @staticmethod
    def program():
        program = shutil.which("cfssl")
        if not program:
            raise Absent("cfssl is not installed")
        return program

    def start_one(self, kind, base, port):
        authority = self.material.authorities[kind]
        (base / "ca.pem").write_text(material.pem(authority.certificate))
        (base / "ca.key").write_text(authority_key(authority))
        (base / "config.json").write_text(json.dumps({"signing": {"default": {
            "expiry": "24h", "usages": ["digital signature", "key encipherment", "server auth", "client auth"]}}}))
        self.spawn(self.program(), "serve", "-address", "127.0.0.1", "-port", str(port), "-loglevel", "3",
                   "-ca", str(base / "ca.pem"), "-ca-key", str(base / "ca.key"),
                   "-config", str(base / "config.json"))

    def plain(self, work):
        return True

    def request(self, work, index):
        headers = [("Content-Type", "application/json")]
        if work.startswith("sign-"):
            requests = self.material.requests(work[5:])
            body = {"certificate_request": requests[index % len(requests)][1]}
            return self.raw("POST", "/api/v1/cfssl/sign", json.dumps(body).encode(), headers)
        key = {"algo": "ecdsa", "size": 256} if work == "issue-ec" else {"algo": "rsa", "size": 2048}
        host = f"host-{index}.example.test"
        body = {"request": {"CN": host, "hosts": [host], "key": key}}
        return self.raw("POST", "/api/v1/cfssl/newcert", json.dumps(body).encode(), headers)


def authority_key(authority):
    """In the older form of private keys: this version reads no other for EC."""
    from cryptography.hazmat.primitives import serialization
    return authority.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
                                       serialization.NoEncryption()).decode()
