#!/usr/bin/env python3
"""Where secrets are while the server runs: the memory of the process is searched for their bytes.

A software key that signs is in memory in the clear: that is what a software key is, so it is not looked for there, but
the text that it was brought in must be gone. A token that a client has used may be left in memory that a request gave
back; it must be
in no file. The passphrase is needed at the start only, and must be nowhere afterwards."""

import datetime
import pathlib
import re
import subprocess
import unittest

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

from fault_server import Client, FaultyServer, History

PASSPHRASE = "correct horse battery staple 7f3a91"
LINE = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)$")


def memory_of(pid):
    """(name, content) of each part of a process's memory that it can write."""
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines():
            first, end, mode, name = LINE.match(line).groups()
            if not mode.startswith("rw") or name.startswith("[v"):
                continue
            memory.seek(int(first, 16))
            try:
                yield name, memory.read(int(end, 16) - int(first, 16))
            except OSError:
                pass  # guard pages


def found_in(pid, needle):
    return [name or "heap" for name, content in memory_of(pid) if needle in content]


def authority_of(key, digest):
    """The key and a root certificate of it as one text of PEM, as an operator brings them."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Brought Root")])
    now = datetime.datetime.now(datetime.timezone.utc)
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
                   .not_valid_after(now + datetime.timedelta(days=365))
                   .add_extension(x509.BasicConstraints(True, None), True).add_extension(usage, True)
                   .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
                   .sign(key, digest))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                            serialization.NoEncryption())
    return (pem + certificate.public_bytes(serialization.Encoding.PEM)).decode()


class SecretsTest(unittest.TestCase):
    def test_memory_and_files(self):
        with FaultyServer() as server:
            passphrase = server.folder / "passphrase"
            passphrase.write_text(PASSPHRASE + "\n")
            passphrase.chmod(0o600)
            server.kill()
            sealed = server.folder / "sealed"
            subprocess.run([server.program, "init", "--data", str(sealed), "--passphrase-file", str(passphrase),
                            "--root-passphrase-file", str(passphrase), "--https-address", "127.0.0.1:0",
                            "--http-address", "127.0.0.1:0"], check=True, capture_output=True, timeout=60)
            server.data = sealed
            server.token = (sealed / "root-token").read_text().strip()
            server.root_ca = str(sealed / "root-ca.pem")
            server.serve()
            history = History()
            with Client(server) as client:
                self.assertIn(client.call("POST", "/v1/pki/roles/web",
                                          {"allow_any_name": True, "key_type": "ec", "ttl": "24h"})[0], (200, 204))
                for _ in range(5):
                    self.assertEqual(history.issue(client), 200)
            self.look(server)

    def test_brought_keys(self):
        elliptic = ec.generate_private_key(ec.SECP256R1())
        edwards = ed25519.Ed25519PrivateKey.generate()
        keys = {"P-256": authority_of(elliptic, hashes.SHA256()), "Ed25519": authority_of(edwards, None)}
        with FaultyServer() as server:
            for kind, pem in keys.items():
                with self.subTest(kind):
                    self.bring_and_use(server, pem)
                    self.assertEqual(found_in(server.process.pid, pem.splitlines()[1].encode()), [])

    def bring_and_use(self, server, pem):
        """Makes a brought authority the default one, signs with it, and lets other requests pass through the buffers."""
        history = History()
        with Client(server) as client:
            status, answer = client.call("POST", "/v1/pki/issuers/import/bundle", {"pem_bundle": pem})
            self.assertEqual(status, 200, answer)
            issuer = answer["data"]["imported_issuers"][0]
            self.assertEqual(client.call("POST", "/v1/pki/config/issuers", {"default": issuer})[0], 200)
            for _ in range(20):
                self.assertEqual(history.issue(client), 200)

    def look(self, server):
        pid = server.process.pid
        # That the search finds what is there: a name that the server knows.
        self.assertTrue(found_in(pid, b"a.example.test"))
        self.assertEqual(found_in(pid, PASSPHRASE.encode()), [], "the passphrase is in memory")
        self.assertEqual(list(pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()), [],
                         "the server has children")
        limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
        self.assertRegex(limits, r"Max core file size +0 +0 ")
        secrets = {"passphrase": PASSPHRASE.encode(), "root token": server.token.encode()}
        files = [path for path in [*server.data.rglob("*"), server.folder / "server.log"] if path.is_file()]
        for path in files:
            for name, secret in secrets.items():
                if path.name != "root-token":
                    self.assertNotIn(secret, path.read_bytes(), f"the {name} is in {path}")
            self.assertNotIn(b"PRIVATE KEY", path.read_bytes(), str(path))


if __name__ == "__main__":
    unittest.main()
