#!/usr/bin/env python3
"""Backup and restore with the real program: under load, killed in the middle, and the node that comes back."""

import http.client
import json
import os
import pathlib
import shutil
import signal
import ssl
import subprocess
import threading
import unittest
import urllib.error
import urllib.request

from chancery_server import ChanceryServer, Judge

BAO = os.environ.get("BAO_BIN")
CLIENTS = 4


class Connection:
    """Speaks the Vault API with the root token."""

    def __init__(self, server):
        host = server.https.removeprefix("https://")
        self.http = http.client.HTTPSConnection(
            host, timeout=60, context=ssl.create_default_context(cafile=server.root_ca))
        self.token = server.token

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.http.close()

    def call(self, method, path, body=None):
        self.http.request(method, path, json.dumps(body) if body is not None else None,
                          {"X-Vault-Token": self.token, "Authorization": "Bearer " + self.token})
        answer = self.http.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content.startswith(b"{") else content


class Load:
    """Clients that issue and revoke until stop(); `seen` and `revoked` hold what was acknowledged."""

    def __init__(self, server):
        self.server, self.stopping = server, threading.Event()
        self.seen, self.revoked, self.certificates = [], [], {}
        self.some = threading.Semaphore(0)
        self.threads = [threading.Thread(target=self.run) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def run(self):
        try:
            with Connection(self.server) as connection:
                while not self.stopping.is_set():
                    self.issue_and_sometimes_revoke(connection)
        except (OSError, http.client.HTTPException):
            pass  # the server was killed: nothing was acknowledged

    def issue_and_sometimes_revoke(self, connection):
        status, answer = connection.call("POST", "/v1/pki/issue/web", {"common_name": "a.example.test"})
        if status != 200:
            return
        serial = answer["data"]["serial_number"]
        self.certificates[serial] = answer["data"]["certificate"]
        self.seen.append(serial)
        if len(self.seen) % 5 == 0:
            status, _ = connection.call("POST", "/v1/pki/revoke", {"serial_number": serial})
            if status == 200:
                self.revoked.append(serial)
        self.some.release()

    def wait_for(self, count):
        for _ in range(count):
            if not self.some.acquire(timeout=60):
                raise AssertionError("the clients get nothing")

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


class Restored(ChanceryServer):
    """The server of a restored directory."""

    def __init__(self, data, token):
        super().__init__()
        self.data, self.token = data, token
        self.root_ca = str(data / "root-ca.pem")


class BackupTest(unittest.TestCase):
    def setUp(self):
        self.server = ChanceryServer().start()
        self.addCleanup(self.server.stop)
        self.work = self.server.folder
        self.passphrase = self.work / "backup.pass"
        self.passphrase.write_text("correct horse battery staple\n")
        self.secret = ("--passphrase-file", str(self.passphrase))
        self.backups = self.work / "backups"
        role = {"allowed_domains": ["example.test"], "allow_subdomains": True, "key_type": "ec", "ttl": "24h"}
        self.assertEqual(self.connect(self.server).call("POST", "/v1/pki/roles/web", role)[0], 200)

    def connect(self, server):
        connection = Connection(server)
        self.addCleanup(connection.http.close)
        return connection

    def command(self, server, *arguments):
        environment = {"PATH": os.environ["PATH"], "CHANCERY_ADDR": server.https,
                       "CHANCERY_CACERT": server.root_ca, "CHANCERY_TOKEN": server.token}
        return {"args": [server.program, *map(str, arguments)], "env": environment,
                "stdin": subprocess.DEVNULL}

    def chancery(self, *arguments, status=0, server=None):
        done = subprocess.run(**self.command(server or self.server, *arguments), timeout=120,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout if status == 0 else done.stderr

    def backup(self, *options):
        return json.loads(self.chancery("backup", "--to", self.backups, *self.secret, "-o", "json", *options))

    def verify(self, *options):
        return json.loads(self.chancery("verify-backup", self.backups, *self.secret, "-o", "json", *options))

    def restore(self, name, *options):
        data = self.work / name
        told = json.loads(self.chancery("restore", "--from", self.backups, "--data", data, *self.secret,
                                        "-o", "json", *options))
        # The key of a file seal is in no backup.
        self.assertFalse((data / "server/keys/root.key").exists())
        shutil.copy(self.server.data / "server/keys/root.key", data / "server/keys/root.key")
        restored = Restored(data, self.server.token)
        self.addCleanup(restored.stop)
        restored.serve()
        return restored, told

    def kill(self):
        self.server.process.send_signal(signal.SIGKILL)
        self.server.process.wait()

    def names(self):
        return sorted(path.name for path in self.backups.iterdir() if path.suffix == ".backup")

    def crl_number(self, server):
        judge = Judge(server)
        der = judge.file("crl.der", server.fetch("/v1/pki/crl"))
        text = judge.run("crl", "-inform", "DER", "-in", der, "-noout", "-crlnumber")
        return int(text.split("=")[1], 16)

    def ready(self, server):
        try:
            return 200, server.fetch("/readyz")
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def test_node_that_comes_back(self):
        load = Load(self.server)
        self.addCleanup(load.stop)
        load.wait_for(60)
        before_full = list(load.seen)
        full = self.backup()
        self.assertEqual((full["kind"], full["number"], full["first"]), ("full", 1, 0))
        load.wait_for(60)
        before, revoked = list(load.seen), list(load.revoked)
        incremental = self.backup()
        self.assertEqual((incremental["kind"], incremental["first"]), ("incremental", full["end"]))
        load.wait_for(20)
        load.stop()
        old_number = self.crl_number(self.server)
        told = self.verify()
        self.assertEqual(told["log_rows"], incremental["end"])
        self.assertGreaterEqual(told["certificates"], len(before))
        self.assertLess(self.verify("--until", "1")["certificates"], told["certificates"])
        self.kill()

        restored, told = self.restore("restored")
        client = self.connect(restored)
        for serial in before_full + before:
            status, _ = client.call("GET", f"/v1/pki/cert/{serial}")
            self.assertEqual(status, 200, serial)
        self.refuses_to_sign(restored, client)
        judge = Judge(restored)
        self.assertEqual(judge.ocsp(load.certificates[revoked[0]]), "revoked")
        unrevoked = next(serial for serial in before if serial not in load.revoked)
        self.assertEqual(judge.ocsp(load.certificates[unrevoked]), "good")
        # What was lost can be revoked again before anything is signed.
        self.assertEqual(client.call("POST", "/v1/pki/revoke", {"serial_number": unrevoked})[0], 200)

        self.chancery("restore", "confirm", status=1, server=restored)
        self.chancery("restore", "confirm", "--old-node-is-gone", server=restored)
        self.assertEqual(self.ready(restored)[0], 200)
        self.assertGreater(self.crl_number(restored), old_number + 2**40)
        listed = {serial.replace(":", "") for serial in judge.crl_serials()}
        for serial in [*revoked, unrevoked]:
            self.assertIn(serial.replace(":", ""), listed)
        self.issues_new_serials(restored, client, set(load.seen))
        # The confirmation outlives the process, and the new history begins a chain of its own.
        restored.process.terminate()
        restored.process.wait(30)
        restored.serve()
        self.assertEqual(self.ready(restored)[0], 200)
        again = json.loads(self.chancery("backup", "--to", self.backups, *self.secret, "-o", "json",
                                         server=restored))
        self.assertEqual(again["kind"], "full")
        self.assertNotEqual(again["store_id"], full["store_id"])

    def refuses_to_sign(self, restored, client):
        status, answer = client.call("POST", "/v1/pki/issue/web", {"common_name": "a.example.test"})
        self.assertEqual(status, 503)
        self.assertIn("chancery restore confirm", answer["errors"][0])
        self.assertEqual(client.call("GET", "/v1/pki/crl")[0], 503)
        self.assertEqual(client.call("GET", "/v1/pki/issuer/root/crl/der")[0], 200)
        status, why = self.ready(restored)
        self.assertEqual(status, 503)
        self.assertIn(b"restore confirm", why)

    def issues_new_serials(self, restored, client, seen):
        for _ in range(20):
            status, answer = client.call("POST", "/v1/pki/issue/web", {"common_name": "b.example.test"})
            self.assertEqual(status, 200)
            self.assertNotIn(answer["data"]["serial_number"], seen)
        if BAO:
            done = subprocess.run(
                [BAO, "write", "-format=json", "pki/issue/web", "common_name=c.example.test"], timeout=60,
                env={"PATH": os.environ["PATH"], "HOME": str(self.work), "BAO_ADDR": restored.https,
                     "BAO_CACERT": restored.root_ca, "BAO_TOKEN": restored.token},
                stdin=subprocess.DEVNULL, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotIn(json.loads(done.stdout)["data"]["serial_number"], seen)

    def test_killed_in_the_middle(self):
        load = Load(self.server)
        self.addCleanup(load.stop)
        load.wait_for(40)
        self.backup()
        for attempt in range(6):
            making = subprocess.Popen(**self.command(self.server, "backup", "--to", self.backups, "--full",
                                                     *self.secret),
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            load.wait_for(2 + 3 * attempt)  # a little later each time
            making.kill()
            making.wait()
            self.verify()  # whatever there is, is whole
        making = subprocess.Popen(**self.command(self.server, "backup", "--to", self.backups, *self.secret),
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        load.wait_for(5)
        before = self.names()
        self.kill()
        self.assertIn(making.wait(60), (0, 1, 5))
        load.stop()
        self.assertGreaterEqual(len(self.names()), len(before))
        told = self.verify()
        restored, _ = self.restore("restored")
        status, answer = self.connect(restored).call("GET", "/api/v1/restore")
        self.assertEqual((status, answer["state"], answer["log_rows"]), (200, "unconfirmed", told["log_rows"]))
        # The next backup clears away what was left.
        self.chancery("backup", "--to", self.backups, *self.secret, server=restored)
        self.assertFalse([path for path in self.backups.iterdir() if path.name.startswith(".partial")])

    def test_bad_backups(self):
        for _ in range(3):
            self.backup()
        first, middle, last = [self.backups / name for name in self.names()]
        wrong = self.work / "wrong.pass"
        wrong.write_text("another passphrase\n")
        for verb in (("verify-backup", self.backups), ("restore", "--from", self.backups, "--report"),
                     ("backup", "--to", self.backups)):
            self.assertIn("wrong passphrase", self.chancery(*verb, "--passphrase-file", wrong, status=4))
        self.assertIn("not empty", self.chancery("restore", "--from", self.backups, "--data", self.server.data,
                                                 *self.secret, status=1))
        report = self.chancery("restore", "--from", self.backups, "--report", *self.secret)
        self.assertIn("newest certificate in it: 01:", report)

        whole = last.read_bytes()
        for position in (len(whole) // 2, len(whole) - 1):
            spoilt = bytearray(whole)
            spoilt[position] ^= 1
            last.write_bytes(spoilt)
            self.assertIn("damaged or cut off", self.chancery("verify-backup", self.backups, *self.secret,
                                                              status=1))
        last.write_bytes(whole[:-100])
        self.chancery("verify-backup", self.backups, *self.secret, status=1)
        made = self.backup()  # continues the newest that is whole
        self.assertEqual((made["kind"], made["number"]), ("incremental", 4))
        self.verify()
        middle.unlink()
        self.assertIn("missing", self.chancery("verify-backup", self.backups, *self.secret, status=1))
        self.verify("--until", "1")
        self.assertEqual(self.backup()["kind"], "incremental")  # of the first, which is whole

    def test_key_file(self):
        key = self.work / "backup.key"
        key.write_bytes(os.urandom(32))
        self.assertIn("chmod 600", self.chancery("backup", "--to", self.backups, "--key-file", key, status=1))
        key.chmod(0o600)
        self.chancery("backup", "--to", self.backups, "--key-file", key)
        self.chancery("verify-backup", self.backups, "--key-file", key)
        self.assertIn("by a key file", self.chancery("verify-backup", self.backups, *self.secret, status=1))

    def test_nothing_secret_is_streamed(self):
        request = urllib.request.Request(self.server.https + "/api/v1/backup",
                                         headers={"Authorization": "Bearer " + self.server.token})
        context = ssl.create_default_context(cafile=self.server.root_ca)
        with urllib.request.urlopen(request, context=context, timeout=60) as answer:
            stream = answer.read()
        keys = pathlib.Path(self.server.data / "server/keys")
        self.assertIn((keys / "seal.pem").read_bytes(), stream)
        self.assertNotIn((keys / "root.key").read_bytes(), stream)
        self.assertNotIn(self.server.token.encode(), stream)
        self.assertNotIn(b"PRIVATE KEY", stream)
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(self.server.https + "/api/v1/backup", context=context, timeout=60)
        self.assertEqual(refused.exception.code, 401)


if __name__ == "__main__":
    unittest.main()
