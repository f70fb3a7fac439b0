#!/usr/bin/env python3
"""Where secrets are while the server runs: the memory of the process is searched for their bytes.

A software key that signs is in memory in the clear: that is what a software key is, so it is not looked for there. A
token that a client has used may be left in memory that a request gave back; it must be in no file. The passphrase is
needed at the start only, and must be nowhere afterwards."""

import pathlib
import re
import subprocess
import unittest

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

    def look(self, server):
        pid = server.process.pid
        # That the search finds what is there: a name that the server knows.
        self.assertNotEqual(found_in(pid, b"a.example.test"), [])
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
