"""Users of the Vault API that are programs: the health check of bao, bao agent with a template, cert-manager."""

import json
import os
import pathlib
import ssl
import subprocess
import unittest
import urllib.error
import urllib.request

from chancery_server import OPENSSL, ChanceryServer, wait_for_rotations, wait_until

BAO = os.environ.get("BAO_BIN")
if not BAO:
    raise unittest.SkipTest("bao is absent (BAO_BIN)")

ROTATIONS = 3

server = None


def setUpModule():
    global server
    server = ChanceryServer()
    unittest.addModuleCleanup(server.stop)
    server.start()


def openssl(*arguments, stdin=None):
    done = subprocess.run([OPENSSL, *arguments], input=stdin, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise AssertionError(f"openssl {' '.join(arguments)}: {done.stdout}{done.stderr}")
    return done.stdout


class HealthCheck(unittest.TestCase):
    # Settings that a mount of OpenBao's does not have at first either: it only tells of them.
    TOLD = {"allow_if_modified_since", "audit_visibility", "enable_auto_tidy"}
    NOT_YET = {"allow_acme_headers", "enable_acme_issuance"}  # these ask for a later version

    @classmethod
    def setUpClass(cls):
        cls.server = ChanceryServer()  # with what init makes and nothing else
        cls.addClassCleanup(cls.server.stop)
        cls.server.start()

    def check(self, mount):
        """The name of each check with what it found, the best left out."""
        done = subprocess.run([BAO, "pki", "health-check", "-format=json", mount], capture_output=True, text=True,
                              timeout=120, env={**os.environ, "BAO_ADDR": self.server.https,
                                                "BAO_CACERT": self.server.root_ca,
                                                "BAO_TOKEN": self.server.token, "HOME": str(self.server.folder)})
        self.assertTrue(done.stdout.startswith("{"), done.stdout + done.stderr)
        return {name: {one["status"] for one in results} - {"ok", "not_applicable"}
                for name, results in json.loads(done.stdout).items()}

    def tidy(self, mount):
        self.server.bao("write", "-f", f"{mount}/tidy", "tidy_revoked_certs=true")
        wait_until(lambda: self.server.bao("read", "-field=state", f"{mount}/tidy-status").strip() == "Finished")

    def test_nothing_is_wrong_with_what_init_makes(self):
        self.tidy("pki")
        found = self.check("pki")
        self.assertGreaterEqual(len(found), 12)
        self.assertEqual({name for name, worse in found.items() if worse} - self.NOT_YET, self.TOLD)
        self.assertEqual(set().union(*(found[name] for name in self.TOLD)), {"informational"})
        self.assertEqual(set().union(*(found[name] for name in self.NOT_YET)), {"invalid_version"})

    def test_nothing_is_told_of_a_mount_that_is_tuned(self):
        self.server.bao("secrets", "enable", "-path=tuned", "pki")
        self.server.bao("secrets", "tune", "-max-lease-ttl=87600h", "-passthrough-request-headers=If-Modified-Since",
                   "-allowed-response-headers=Last-Modified", "tuned")
        self.server.bao("write", "tuned/root/generate/internal", "common_name=Tuned", "key_type=ec", "ttl=87600h")
        self.server.bao("write", "tuned/config/auto-tidy", "enabled=true", "tidy_cert_store=true")
        self.tidy("tuned")
        told = {name for name, worse in self.check("tuned").items() if worse} - self.NOT_YET
        self.assertEqual(told, {"audit_visibility"})

    def test_what_is_wrong_is_told(self):
        self.server.bao("secrets", "enable", "-path=wrong", "pki")
        self.server.bao("write", "wrong/root/generate/internal", "common_name=Wrong", "key_type=ec", "ttl=100h")
        self.server.bao("write", "wrong/roles/any", "allow_any_name=true", "key_type=ec", "max_ttl=1h")
        self.server.bao("write", "wrong/issue/any", "common_name=a.example.com")
        found = self.check("wrong")
        self.assertEqual(found["ca_validity_period"], {"critical"})
        self.assertEqual(found["root_issued_leaves"], {"warning"})


class Agent(unittest.TestCase):
    """bao agent logs in by AppRole and keeps a certificate in a file."""

    def setUp(self):
        self.folder = pathlib.Path(server.folder) / "agent"
        self.folder.mkdir()
        server.bao("auth", "enable", "-path=agents", "approle")
        server.bao("policy", "write", "agent", "-",
                   text_input='path "pki/issue/short" {\n  capabilities = ["create", "update"]\n}\n')
        server.bao("write", "pki/roles/short", "allow_any_name=true", "key_type=ec", "max_ttl=1h")
        server.bao("write", "auth/agents/role/node", "token_policies=agent", "token_ttl=1h")
        for name, path in (("role-id", "role-id"), ("secret-id", "secret-id")):
            verb = ["read"] if name == "role-id" else ["write", "-f"]
            field = name.replace("-", "_")
            (self.folder / name).write_text(server.bao(*verb, f"-field={field}", f"auth/agents/role/node/{path}"))

    def configuration(self):
        out = self.folder / "certificate.pem"
        (self.folder / "agent.hcl").write_text(f'''
vault {{
  address = "{server.https}"
  ca_cert = "{server.root_ca}"
}}
auto_auth {{
  method "approle" {{
    mount_path = "auth/agents"
    config = {{
      role_id_file_path = "{self.folder}/role-id"
      secret_id_file_path = "{self.folder}/secret-id"
      remove_secret_id_file_after_reading = false
    }}
  }}
}}
template {{
  contents = <<EOT
{{{{ with pkiCert "pki/issue/short" "common_name=node.example.com" "ttl=8s" }}}}{{{{ .Cert }}}}{{{{ .CA }}}}{{{{ end }}}}
EOT
  destination = "{out}"
}}
''')
        return out

    def test_a_template_is_renewed(self):
        out = self.configuration()
        with open(self.folder / "log", "wb") as log:
            agent = subprocess.Popen([BAO, "agent", f"-config={self.folder}/agent.hcl"], stdin=subprocess.DEVNULL,
                                     stdout=log, stderr=subprocess.STDOUT,
                                     env={**os.environ, "HOME": str(self.folder)})
        self.addCleanup(agent.wait, 30)
        self.addCleanup(agent.terminate)
        seen = wait_for_rotations(agent, out, self.folder / "log", ROTATIONS)
        serials = {openssl("x509", "-noout", "-serial", stdin=text) for text in seen}
        self.assertEqual(len(serials), len(seen))
        for text in seen:
            self.assertIn("node.example.com", openssl("x509", "-noout", "-subject", stdin=text))


class CertManager(unittest.TestCase):
    """The requests of cert-manager's Vault issuer, in its order: health, login, one sign."""

    @classmethod
    def setUpClass(cls):
        server.bao("write", "pki/roles/cm", "allowed_domains=example.com", "allow_subdomains=true", "key_type=ec",
                   "max_ttl=2160h")
        server.bao("policy", "write", "cm", "-", text_input='path "pki/sign/cm" {\n  capabilities = ["update"]\n}\n')
        server.bao("auth", "enable", "-path=cm-approle", "approle")
        server.bao("write", "auth/cm-approle/role/cm", "token_policies=cm", "token_ttl=10m")
        cls.folder = pathlib.Path(server.folder)
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                str(cls.folder / "cm.key"), "-out", str(cls.folder / "cm.csr"), "-subj", "/CN=a.example.com")

    def send(self, method, path, body=None, token=None, client=None):
        context = ssl.create_default_context(cafile=server.root_ca)
        if client:
            context.load_cert_chain(*client)
        headers = {"X-Vault-Request": "true"} | ({"X-Vault-Token": token} if token else {})
        request = urllib.request.Request(server.https + path, method=method, headers=headers,
                                         data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=30, context=context) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def sign(self, token, **change):
        body = {"common_name": "a.example.com", "alt_names": "b.example.com,c.example.com", "ip_sans": "",
                "uri_sans": "", "ttl": "2160h0m0s", "csr": (self.folder / "cm.csr").read_text(),
                "exclude_cn_from_sans": "true"} | change
        return self.send("POST", "/v1/pki/sign/cm", body, token)

    def check_chain(self, data):
        """One chain that ends in one root, as its single-chain sorter wants it; PEM and nothing else."""
        self.assertEqual(set(data), {"ca_chain", "certificate", "expiration", "issuing_ca", "not_before",
                                     "serial_number"})
        several = [*data["ca_chain"], data["issuing_ca"], data["certificate"]]
        issuers = {}
        for pem in several:
            self.assertTrue(pem.startswith("-----BEGIN CERTIFICATE-----\n"))
            names = openssl("x509", "-noout", "-subject", "-issuer", "-nameopt", "RFC2253", stdin=pem).splitlines()
            issuers[names[0].removeprefix("subject=")] = names[1].removeprefix("issuer=")
        tops = [name for name, issuer in issuers.items() if issuer == name or issuer not in issuers]
        leaves = [name for name in issuers if name not in [i for n, i in issuers.items() if i != n]]
        self.assertEqual((len(tops), len(leaves)), (1, 1))

    def test_health_without_a_token(self):
        status, told = self.send("GET", "/v1/sys/health")
        self.assertEqual((status, told["initialized"], told["sealed"]), (200, True, False))

    def test_by_a_token(self):
        token = server.bao("token", "create", "-policy=cm", "-field=token").strip()
        status, answer = self.sign(token)
        self.assertEqual(status, 200, answer)
        self.check_chain(answer["data"])

    def test_by_approle_a_login_before_each_certificate(self):
        role = server.bao("read", "-field=role_id", "auth/cm-approle/role/cm/role-id").strip()
        secret = server.bao("write", "-f", "-field=secret_id", "auth/cm-approle/role/cm/secret-id").strip()
        for _ in range(2):
            status, login = self.send("POST", "/v1/auth/cm-approle/login", {"role_id": role, "secret_id": secret})
            self.assertEqual(status, 200, login)
            status, answer = self.sign(login["auth"]["client_token"])
            self.assertEqual(status, 200, answer)
            self.check_chain(answer["data"])

    def test_by_certificate(self):
        paths = [str(self.folder / name) for name in ("cm-client.pem", "cm-client.key")]
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                "/CN=cert-manager", "-addext", "extendedKeyUsage=clientAuth", "-out", paths[0], "-keyout", paths[1])
        server.bao("auth", "enable", "-path=cm-cert", "cert")
        server.bao("write", "auth/cm-cert/certs/cm", f"certificate=@{paths[0]}", "token_policies=cm")
        status, login = self.send("POST", "/v1/auth/cm-cert/login", {"name": "cm"}, client=paths)
        self.assertEqual(status, 200, login)
        self.assertEqual(self.sign(login["auth"]["client_token"])[0], 200)

    def test_refusals_are_the_clients_fault(self):
        token = server.bao("token", "create", "-policy=cm", "-field=token").strip()
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                str(self.folder / "evil.key"), "-out", str(self.folder / "evil.csr"), "-subj", "/CN=evil.org")
        for csr in ((self.folder / "evil.csr").read_text(), "x", ""):
            self.assertEqual(self.sign(token, csr=csr)[0], 400)
        self.assertEqual(self.sign("s.nobody")[0], 403)
        self.assertEqual(self.send("POST", "/v1/auth/cm-approle/login", {"role_id": "x", "secret_id": "y"})[0], 400)
        self.assertEqual(self.send("POST", "/v1/auth/absent/login", {"role": "x", "jwt": "y"})[0] // 100, 4)


if __name__ == "__main__":
    unittest.main()
