#!/usr/bin/env python3
"""The configuration file read anew, by SIGHUP and by the API, while clients are at work."""

import json
import os
import signal
import ssl
import subprocess
import threading
import unittest
import urllib.error
import urllib.request

from chancery_server import ChanceryServer, wait_until


class Reloading(unittest.TestCase):
    def setUp(self):
        self.server = ChanceryServer()
        self.addCleanup(self.server.stop)
        self.server.start()
        self.config = self.server.data / "chancery.yaml"
        self.context = ssl.create_default_context(cafile=self.server.root_ca)

    def call(self, path, method="GET", body=None):
        request = urllib.request.Request(self.server.https + path, body, method=method,
                                         headers={"Authorization": "Bearer " + self.server.token})
        with urllib.request.urlopen(request, context=self.context, timeout=30) as answer:
            return answer.read()

    def reload(self):
        return json.loads(self.call("/api/v1/reload", "POST", b"{}"))["changed"]

    def refused_reload(self):
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.reload()
        return json.loads(refused.exception.read())

    def edit(self, before, after):
        text = self.config.read_text()
        self.assertIn(before, text)
        self.config.write_text(text.replace(before, after))

    def metric(self, series):
        for line in self.call("/metrics").decode().splitlines():
            if line.startswith(series + " "):
                return float(line.split()[-1])
        return 0.0

    def reloads(self, result):
        return self.metric(f'chancery_reloads_total{{result="{result}"}}')

    def hang_up(self, result):
        """Sends SIGHUP and waits until it was dealt with."""
        before = self.reloads(result)
        self.server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.reloads(result) == before + 1)

    def names(self):
        """The names in the certificate that a new connection is shown."""
        host, port = self.server.https.removeprefix("https://").split(":")
        text = subprocess.run([os.environ.get("OPENSSL_BIN") or "openssl", "s_client", "-connect", f"{host}:{port}"],
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=True).stdout
        pem = text[text.index(b"-----BEGIN"):text.index(b"-----END")] + b"-----END CERTIFICATE-----\n"
        return subprocess.run([os.environ.get("OPENSSL_BIN") or "openssl", "x509", "-noout", "-ext", "subjectAltName"],
                              input=pem, capture_output=True, timeout=30, check=True).stdout.decode()

    def test_nothing_changed(self):
        self.assertEqual(self.reload(), [])

    def test_names_give_a_new_certificate(self):
        self.assertNotIn("ca.example.test", self.names())
        self.edit('names: ["localhost"', 'names: ["ca.example.test", "localhost"')
        self.hang_up("done")
        self.assertIn("ca.example.test", self.names())
        self.assertEqual(self.metric("chancery_tls_certificate_installed_total"), 2)

    def test_the_access_log_and_limits_change(self):
        log = self.server.folder / "access.log"
        self.edit('access: "off"', f'access: "{log}"')
        self.edit("max_body_bytes: 1048576", "max_body_bytes: 2048")
        self.edit("level: info", "level: warning")
        self.assertEqual(self.reload(), ["log.level", "log.access", "limits.max_body_bytes"])
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.call("/api/v1/roles/web", "PUT", b'{"a":"' + b"x" * 3000 + b'"}')
        self.assertEqual(refused.exception.code, 413)
        wait_until(lambda: '"status":413' in log.read_text())
        # Rotation: the old file is let go of, whoever asks.
        log.rename(self.server.folder / "access.log.1")
        self.assertEqual(self.reload(), [])
        wait_until(log.exists)
        self.edit(f'access: "{log}"', 'access: "off"')
        self.assertEqual(self.reload(), ["log.access"])

    def test_what_needs_a_restart_refuses_the_whole_reload(self):
        self.edit("reactors: 0", "reactors: 2")
        self.edit("store: sqlite", "store: memory")
        self.edit('names: ["localhost"', 'names: ["ca.example.test", "localhost"')
        problem = self.refused_reload()
        self.assertEqual((problem["status"], problem["code"]), (422, "unsupported"))
        self.assertTrue(problem["detail"].endswith("need a restart: store, threads.reactors"), problem)
        self.assertNotIn("ca.example.test", self.names())
        self.hang_up("refused")
        self.assertNotIn("ca.example.test", self.names())

    def test_a_file_that_makes_no_sense_changes_nothing(self):
        self.edit("level: info", "levle: warning")
        problem = self.refused_reload()
        self.assertEqual((problem["status"], problem["key"]), (400, "log.levle"))
        self.config.unlink()
        self.assertEqual(self.refused_reload()["status"], 503)
        self.assertEqual(json.loads(self.call("/readyz"))["status"], "ready")

    def test_a_part_that_fails_leaves_the_others_alone(self):
        self.edit('access: "off"', f'access: "{self.server.folder}/absent/access.log"')
        self.edit('names: ["localhost"', 'names: ["ca.example.test", "localhost"')
        self.assertEqual(self.refused_reload()["status"], 503)
        self.assertNotIn("ca.example.test", self.names())

    def test_nobody_reloads_without_a_token(self):
        self.server.token = "chs.wrong"
        self.assertEqual(self.refused_reload()["status"], 401)

    def test_the_command_line(self):
        environment = {"CHANCERY_ADDR": self.server.https, "CHANCERY_CACERT": self.server.root_ca,
                       "CHANCERY_TOKEN_FILE": str(self.server.data / "root-token")}
        self.edit("stop_grace: 30s", "stop_grace: 20s") if "stop_grace: 30s" in self.config.read_text() else \
            self.edit("stop_grace: 0h0m30s", "stop_grace: 20s")
        done = subprocess.run([self.server.program, "reload"], env=environment, check=True, capture_output=True,
                              text=True, timeout=30)
        self.assertEqual(done.stdout, "Reloaded. Changed: limits.stop_grace\n")

    def test_no_request_is_lost_under_load(self):
        log = self.server.folder / "access.log"
        answered, trouble, enough = [0], [], threading.Event()

        def work():
            while not enough.is_set():
                try:
                    self.call("/api/v1/status")
                    answered[0] += 1
                except OSError as error:
                    trouble.append(error)

        workers = [threading.Thread(target=work) for _ in range(4)]
        for worker in workers:
            worker.start()
        try:
            for i in range(20):
                self.config.write_text(self.with_settings(i, log))
                self.hang_up("done")
                seen = answered[0]
                wait_until(lambda: answered[0] > seen or trouble)
        finally:
            enough.set()
            for worker in workers:
                worker.join()
        self.assertEqual(trouble, [])
        self.assertGreaterEqual(answered[0], 20)
        self.assertEqual(self.metric("chancery_tls_certificate_installed_total"), 1 + 20)

    def with_settings(self, i, log):
        out = []
        for line in self.config.read_text().splitlines():
            key = line.strip().split(":")[0]
            indent = line[:len(line) - len(line.lstrip())]
            if key == "names":
                line = f'{indent}names: ["localhost", "127.0.0.1", "n{i}.example.test"]'
            elif key == "access":
                line = f'{indent}access: "{log if i % 2 else "off"}"'
            elif key == "max_connections":
                line = f"{indent}max_connections: {1000 + i}"
            out.append(line)
        return "\n".join(out) + "\n"


if __name__ == "__main__":
    unittest.main()
