"""Logins with client certificates by curl: over intermediates that the client sends, against CRLs, and with OCSP.

Certificates, CRLs and the OCSP responder are openssl's; everything is on loopback, which the configuration allows.
"""

import http.server
import json
import pathlib
import re
import ssl
import subprocess
import threading
import unittest
import urllib.error
import urllib.request

from chancery_server import OPENSSL, ChanceryServer, free_port, wait_until

OCSP_PORT = free_port()
GOOD, REVOKED = "10", "11"  # serial numbers in hex
CA = "basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"
LEAF = (f"keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n"
        f"authorityInfoAccess=OCSP;URI:http://127.0.0.1:{OCSP_PORT}/\n")

server = folder = None


def setUpModule():
    global server, folder
    server = ChanceryServer()
    unittest.addModuleCleanup(server.stop)
    server.init()
    config = server.data / "chancery.yaml"
    text, replaced = re.subn(r"(?m)^  allow:.*$", '  allow: ["127.0.0.1/32"]', config.read_text())
    assert replaced == 1
    config.write_text(text)
    server.serve()
    folder = pathlib.Path(server.folder) / "clients"
    folder.mkdir()
    make_certificates()


def openssl(*arguments):
    done = subprocess.run([OPENSSL, *arguments], cwd=folder, capture_output=True, text=True, timeout=60,
                          stdin=subprocess.DEVNULL)
    if done.returncode:
        raise AssertionError(f"openssl {' '.join(arguments)}: {done.stderr}")
    return done.stdout


def read(name):
    return (folder / name).read_text()


def make_certificates():
    """A root, an intermediate, leaves "good" and "revoked", and a CRL of each authority."""
    for name in ("root", "middle", "good", "revoked"):
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                "-keyout", f"{name}.key", "-out", f"{name}.csr")
    (folder / "ca.ext").write_text(CA)
    (folder / "leaf.ext").write_text(LEAF)
    openssl("x509", "-req", "-in", "root.csr", "-signkey", "root.key", "-days", "3", "-extfile", "ca.ext", "-out",
            "root.pem")
    for name, issuer, extensions, serial in (("middle", "root", "ca.ext", "01"), ("good", "middle", "leaf.ext", GOOD),
                                             ("revoked", "middle", "leaf.ext", REVOKED)):
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key", "-days", "2",
                "-set_serial", f"0x{serial}", "-extfile", extensions, "-out", f"{name}.pem")
        (folder / f"{name}-chain.pem").write_text(read(f"{name}.pem") + read("middle.pem"))
    (folder / "crl.cnf").write_text("[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=crlnumber\n"
                                    "default_md=sha256\ndefault_crl_days=1\n")
    (folder / "crlnumber").write_text("01\n")
    (folder / "index.txt").write_text(f"V\t300101000000Z\t\t{GOOD}\tunknown\t/CN=good\n"
                                      f"R\t300101000000Z\t260101000000Z\t{REVOKED}\tunknown\t/CN=revoked\n")
    openssl("ca", "-config", "crl.cnf", "-gencrl", "-keyfile", "middle.key", "-cert", "middle.pem", "-out",
            "middle.crl")


class CertificateLogins(unittest.TestCase):
    def setUp(self):
        self.api("POST", "sys/auth/cert", {"type": "cert"})
        self.addCleanup(self.api, "DELETE", "sys/auth/cert")

    @staticmethod
    def api(method, path, body=None):
        request = urllib.request.Request(f"{server.https}/v1/{path}", json.dumps(body or {}).encode(), method=method,
                                         headers={"X-Vault-Token": server.token})
        context = ssl.create_default_context(cafile=server.root_ca)
        with urllib.request.urlopen(request, context=context, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def role(self, certificate, **fields):
        self.api("POST", "auth/cert/certs/ops", {"certificate": read(certificate), **fields})

    @staticmethod
    def login(certificate, key):
        """What the server answers whoever shows a certificate, and what curl sends along with it."""
        done = subprocess.run(["curl", "-sS", "--cacert", server.root_ca, "--cert", str(folder / certificate), "--key",
                               str(folder / key), "-X", "POST", "-d", "{}", f"{server.https}/v1/auth/cert/login"],
                              capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        if done.returncode:
            raise AssertionError(done.stderr)
        return json.loads(done.stdout)

    def let_in(self, name, chain=True):
        answer = self.login(f"{name}-chain.pem" if chain else f"{name}.pem", f"{name}.key")
        return "auth" in answer and bool(answer["auth"]["client_token"])

    def test_intermediates(self):
        self.role("root.pem")
        self.assertTrue(self.let_in("good"))
        self.assertFalse(self.let_in("good", chain=False))
        self.role("middle.pem")
        self.assertTrue(self.let_in("good", chain=False))

    def test_a_list_that_was_sent(self):
        self.role("root.pem")
        self.assertTrue(self.let_in("revoked"))
        self.api("POST", "auth/cert/crls/middle", {"crl": read("middle.crl")})
        self.assertFalse(self.let_in("revoked"))
        self.assertTrue(self.let_in("good"))
        self.assertEqual(list(self.api("GET", "auth/cert/crls/middle")["data"]["serials"]), [str(int(REVOKED, 16))])
        self.api("DELETE", "auth/cert/crls/middle")
        self.assertTrue(self.let_in("revoked"))

    def test_a_list_that_is_fetched(self):
        body = (folder / "middle.crl").read_bytes()

        class Page(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        web = http.server.HTTPServer(("127.0.0.1", 0), Page)
        self.addCleanup(web.server_close)
        self.addCleanup(web.shutdown)
        threading.Thread(target=web.serve_forever).start()
        url = f"http://127.0.0.1:{web.server_port}/middle.crl"
        self.role("root.pem")
        self.api("POST", "auth/cert/crls/middle", {"url": url})
        self.assertFalse(self.let_in("revoked"))
        self.assertEqual(self.api("GET", "auth/cert/crls/middle")["data"]["cdp"]["url"], url)
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.api("POST", "auth/cert/crls/other", {"url": f"http://169.254.169.254/"})
        self.assertIn("no address that this server connects to", refused.exception.read().decode())

    def test_ocsp(self):
        self.role("root.pem", ocsp_enabled=True)
        self.assertFalse(self.let_in("good"), "nobody answers yet")
        self.role("root.pem", ocsp_enabled=True, ocsp_fail_open=True)
        self.assertTrue(self.let_in("good"))
        responder = subprocess.Popen([OPENSSL, "ocsp", "-port", str(OCSP_PORT), "-index", "index.txt", "-CA",
                                      "middle.pem", "-rsigner", "middle.pem", "-rkey", "middle.key"], cwd=folder,
                                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(responder.wait, 30)
        self.addCleanup(responder.terminate)
        self.role("root.pem", ocsp_enabled=True, ocsp_fail_open=False)
        wait_until(lambda: self.let_in("good"))
        self.assertFalse(self.let_in("revoked"))
        self.role("root.pem", ocsp_enabled=True, ocsp_fail_open=True)
        self.assertFalse(self.let_in("revoked"))


if __name__ == "__main__":
    unittest.main()
