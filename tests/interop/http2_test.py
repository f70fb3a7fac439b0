"""Other people's HTTP clients against the server: curl, nghttp and h2load, over TLS and in the clear."""

import json
import re
import signal
import subprocess
import time
import unittest

from chancery_server import ChanceryServer


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)


class Http2(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = ChanceryServer()
        cls.addClassCleanup(cls.server.stop)
        cls.server.start()
        # Once more, with an access log.
        cls.log = cls.server.data / "access.log"
        cls.server.process.terminate()
        cls.server.process.wait(30)
        config = cls.server.data / "chancery.yaml"
        config.write_text(config.read_text().replace('access: "off"', 'access: "access.log"'))
        cls.server.serve()

    def curl(self, path, *options, base=None):
        return run("curl", "-sS", "--cacert", self.server.root_ca, "-o", "/dev/null",
                   "-w", "%{http_version} %{http_code} %{size_download}", *options,
                   (base or self.server.https) + path)

    def lines(self, wanted):
        """The access log once a line holds `wanted`."""
        for _ in range(500):
            lines = [json.loads(line) for line in self.log.read_text().splitlines()]
            if any(wanted.items() <= line.items() for line in lines):
                return lines
            time.sleep(0.02)
        self.fail(f"no line with {wanted} in {lines}")

    def test_curl_chooses_by_what_it_offers(self):
        self.assertTrue(self.curl("/healthz").stdout.startswith("2 200"))
        self.assertTrue(self.curl("/healthz", "--http1.1").stdout.startswith("1.1 200"))
        self.assertTrue(self.curl("/healthz", "--no-alpn").stdout.startswith("1.1 200"))
        clear = self.curl("/readyz", "--http2-prior-knowledge", base=self.server.http)
        self.assertTrue(clear.stdout.startswith("2 200"), clear)
        # An Upgrade header is an offer that a server may pass over (RFC 9110, 7.8).
        upgrade = self.curl("/readyz", "--http2", base=self.server.http)
        self.assertTrue(upgrade.stdout.startswith("1.1 200"), upgrade)

    def test_ranges_of_the_crl(self):
        whole = self.curl("/v1/pki/crl", base=self.server.http).stdout.split()
        part = self.curl("/v1/pki/crl", "-r", "0-9", base=self.server.http).stdout.split()
        self.assertEqual(whole[1], "200")
        self.assertEqual(part[1:], ["206", "10"])

    def test_nghttp_multiplexes(self):
        urls = [self.server.https + "/healthz"] * 20
        result = run("nghttp", "-v", "--no-verify-peer", "-n", *urls)
        self.assertEqual(result.returncode, 0, result)
        statuses = re.findall(r":status: (\d+)", result.stdout)
        self.assertEqual(set(statuses), {"200"}, result.stdout[-2000:])

    def test_h2load_with_and_without_h2(self):
        for option in ([], ["--h1"]):
            result = run("h2load", *option, "-n2000", "-c10", "-m10", self.server.https + "/healthz")
            self.assertIn("2000 succeeded, 0 failed, 0 errored", result.stdout, result)

    def test_access_log_names_the_principal_and_no_secret(self):
        path = "/v1/pki/roles/http2-test"
        token = f"X-Vault-Token: {self.server.token}"
        self.curl(path + "?token=" + self.server.token, "-H", token, "-d", "{}")
        written = self.lines({"route": "pki/roles/{name}", "protocol": "h2", "method": "POST"})
        text = self.log.read_text()
        self.assertNotIn(self.server.token, text)
        self.assertNotIn("http2-test", text)
        line = [one for one in written if one["route"] == "pki/roles/{name}"][0]
        self.assertTrue(line["principal"])
        self.assertEqual(line["tls"], "TLSv1.3")
        self.log.rename(self.log.with_suffix(".1"))
        self.server.process.send_signal(signal.SIGHUP)
        for _ in range(500):
            if self.log.exists():
                break
            time.sleep(0.02)
        self.curl("/readyz")
        self.lines({"route": "readyz", "protocol": "h2"})


if __name__ == "__main__":
    unittest.main()
