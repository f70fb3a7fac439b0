#!/usr/bin/env python3
"""The stores that earlier versions wrote (tests/golden/stores) are read and continued by this one."""

import json
import pathlib
import shutil
import tarfile
import unittest

from fault_server import Client, FaultyServer, History, Judge, wait_until

STORES = pathlib.Path(__file__).resolve().parents[1] / "golden" / "stores"


class GoldenServer(FaultyServer):
    """A server over a data directory that another version made."""

    def unpack(self, archive):
        with tarfile.open(archive) as tar:
            tar.extractall(self.folder)
        # Whoever unpacks may have another umask; secrets are refused when others can read them.
        for path in [self.data, *self.data.rglob("*")]:
            path.chmod(0o700 if path.is_dir() else 0o600)
        self.data.joinpath("chancery.yaml").chmod(0o644)
        self.token = (self.data / "root-token").read_text().strip()
        self.root_ca = str(self.data / "root-ca.pem")


class GoldenStoreTest(unittest.TestCase):
    def test_stores_of_earlier_versions(self):
        archives = sorted(STORES.glob("*.tar.xz"))
        self.assertGreater(len(archives), 0)
        for archive in archives:
            with self.subTest(archive.name):
                server = GoldenServer()
                try:
                    server.unpack(archive)
                    self.live_on(server)
                finally:
                    server.stop()

    def live_on(self, server):
        expected = json.loads((server.data / "expected.json").read_text())
        history = History()
        history.issued, history.revoked = expected["issued"], set(expected["revoked"])
        history.verify_store(server.store)
        shutil.rmtree(server.store / "index")  # it can be made again
        server.serve()
        with Client(server) as client:  # reads say 503 until it is there
            wait_until(lambda: client.call("LIST", "/v1/pki/certs")[0] != 503)
        history.verify(server)
        judge = Judge(server)
        for serial, pem in history.issued.items():
            self.assertEqual(judge.ocsp(pem), "revoked" if serial in history.revoked else "good")
        with Client(server) as client:
            status, answer = client.call("LIST", "/v1/pki/certs")
            self.assertEqual(status, 200)
            self.assertLessEqual(set(history.issued), set(answer["data"]["keys"]))
            self.assertEqual(history.issue(client), 200)
            self.assertEqual(history.revoke(client, history.not_revoked()), 200)
        history.verify(server)
        crl = judge.run("crl", "-inform", "DER", "-in", judge.file("crl.der", server.fetch("/v1/pki/crl")), "-noout",
                        "-crlnumber")
        self.assertGreater(int(crl.strip().split("=")[1], 16), expected["crl_number"])
        server.kill()
        history.verify_store(server.store)


if __name__ == "__main__":
    unittest.main()
