"""step-ca with its embedded database (badger) and a JWK provisioner, which is how it is set up by default."""

import json
import os
import subprocess

import material
from peer import Absent, PeerOfTwo


class StepCa(PeerOfTwo):
    name = "step-ca"
    works = ("sign-ec", "sign-rsa", "acme", "handshake")
    acme_directory = "/acme/acme/directory"
    settings = ("badger v2 on disk, JWK and ACME provisioners; every request that is not ACME's carries a one-time "
                "token of its own, which is how its API authorises (made beforehand)")

    def version(self):
        done = subprocess.run(["go", "version", "-m", self.program()], capture_output=True, text=True)
        for line in done.stdout.splitlines():
            if "smallstep/certificates\t" in line:
                return line.split()[2]
        return "pinned in bench/peers/step-ca/go.mod"

    @staticmethod
    def program():
        program = os.environ.get("STEP_CA_BIN", "")
        if not os.access(program, os.X_OK):
            raise Absent("step-ca is not installed")
        return program

    def launch(self):
        self.signer = material.TokenSigner()
        self.ca_file = str(self.folder / "roots.pem")
        (self.folder / "roots.pem").write_text(
            "".join(material.pem(authority.root) for authority in self.material.authorities.values()))
        return super().launch()

    def start_one(self, kind, base, port):
        authority = self.material.authorities[kind]
        (base / "root.pem").write_text(material.pem(authority.root))
        (base / "ca.pem").write_text(material.pem(authority.certificate))
        (base / "ca.key").write_text(material.pem(authority.key))
        configuration = {
            "root": str(base / "root.pem"), "crt": str(base / "ca.pem"), "key": str(base / "ca.key"),
            "address": f"127.0.0.1:{port}", "dnsNames": ["localhost", "127.0.0.1"], "logger": {"format": "text"},
            "db": {"type": "badgerv2", "dataSource": str(base / "db")},
            "authority": {"provisioners": [{
                "type": "JWK", "name": "bench",
                "key": {**self.signer.jwk, "alg": "ES256", "use": "sig", "kid": self.signer.kid},
                "claims": {"maxTLSCertDuration": "48h", "defaultTLSCertDuration": "24h"}},
                {"type": "ACME", "name": "acme"}]}}
        (base / "ca.json").write_text(json.dumps(configuration))
        # It calls another port for HTTP-01 insecure, and wants to be told that this is meant.
        self.spawn(self.program(), "--resolver", f"127.0.0.1:{self.dns_port}", "--insecure", "--acme-http-port",
                   str(self.web_port), str(base / "ca.json"))

    def request(self, work, index):
        requests = self.material.requests(work[5:])
        host, text = requests[index % len(requests)]
        audience = f"https://127.0.0.1:{self.port(work)}/1.0/sign"
        body = {"csr": text, "ott": self.signer.token("bench", audience, host, [host])}
        return self.raw("POST", "/1.0/sign", json.dumps(body).encode(), [("Content-Type", "application/json")])
