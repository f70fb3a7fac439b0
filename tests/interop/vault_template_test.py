"""consul-template with pki templates: certificates in files, replaced before they expire."""

import json
import os
import pathlib
import signal
import ssl
import subprocess
import unittest
import urllib.request

from chancery_server import ChanceryServer, Judge, wait_for_rotations

CONSUL_TEMPLATE = os.environ.get("CONSUL_TEMPLATE_BIN")
if not CONSUL_TEMPLATE:
    raise unittest.SkipTest("consul-template is absent (CONSUL_TEMPLATE_BIN)")

ROTATIONS = 2

server = judge = None


def setUpModule():
    global server, judge
    server = ChanceryServer()
    unittest.addModuleCleanup(server.stop)
    server.start()
    judge = Judge(server)


class Templates(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(server.folder) / self._testMethodName
        self.folder.mkdir()
        self.chancery("policy", "write", "template", "-", stdin='path "pki/issue/short" { capabilities = ["update"] }')
        self.put("/api/v1/roles/short", {"allow_any_name": True, "key_type": "ec", "max_ttl": "1h"})
        self.token = self.chancery("token", "create", "--policy", "template", "--ttl", "1h", "--output", "json",
                                   field="token")

    @staticmethod
    def put(path, body):
        request = urllib.request.Request(server.https + path, json.dumps(body).encode(), method="PUT",
                                         headers={"Authorization": f"Bearer {server.token}"})
        context = ssl.create_default_context(cafile=server.root_ca)
        with urllib.request.urlopen(request, context=context, timeout=30) as answer:
            return json.load(answer)

    @staticmethod
    def chancery(*arguments, stdin="", field=None):
        environment = {**os.environ, "CHANCERY_ADDR": server.https, "CHANCERY_CACERT": server.root_ca,
                       "CHANCERY_TOKEN": server.token}
        done = subprocess.run([server.program, *arguments], env=environment, input=stdin, capture_output=True,
                              text=True, timeout=60)
        if done.returncode:
            raise AssertionError(f"chancery {' '.join(arguments)}: {done.stdout}{done.stderr}")
        if field is None:
            return done.stdout
        return json.loads(done.stdout)[field]

    def run_template(self, contents, out, *options):
        configuration = self.folder / "template.hcl"
        configuration.write_text(f'''
vault {{
  address = "{server.https}"
  renew_token = false
  ssl {{
    ca_cert = "{server.root_ca}"
  }}
}}
template {{
  contents = <<EOT
{contents}
EOT
  destination = "{out}"
}}
''')
        log = open(self.folder / "log", "wb")
        self.addCleanup(log.close)
        return subprocess.Popen([CONSUL_TEMPLATE, f"-config={configuration}", *options], stdin=subprocess.DEVNULL,
                                stdout=log, stderr=subprocess.STDOUT,
                                env={**os.environ, "VAULT_TOKEN": self.token, "HOME": str(self.folder)})

    def test_a_certificate_is_replaced_before_it_expires(self):
        out = self.folder / "certificate.pem"
        process = self.run_template('{{ with pkiCert "pki/issue/short" "common_name=node.example.com" "ttl=8s" }}'
                                    "{{ .Cert }}{{ .CA }}{{ end }}", out)
        self.addCleanup(process.wait, 30)
        self.addCleanup(process.send_signal, signal.SIGINT)  # it takes no other as an end
        seen = wait_for_rotations(process, out, self.folder / "log", ROTATIONS)
        for text in seen:
            self.assertIn("node.example.com", judge.x509(text, "-subject"))

    def test_once(self):
        out = self.folder / "once.pem"
        process = self.run_template('{{ with secret "pki/issue/short" "common_name=one.example.com" "ttl=30m" }}'
                                    "{{ .Data.certificate }}\n{{ .Data.issuing_ca }}\n{{ .Data.private_key }}{{ end }}",
                                    out, "-once")
        self.assertEqual(process.wait(120), 0, (self.folder / "log").read_text())
        text = out.read_text()
        self.assertIn("PRIVATE KEY", text)
        judge.verify(text.split("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----\n")

    def test_a_token_that_may_not_is_told_so(self):
        self.chancery("policy", "write", "template", "-", stdin='path "pki/issue/other" { capabilities = ["update"] }')
        out = self.folder / "never.pem"
        process = self.run_template('{{ with pkiCert "pki/issue/short" "common_name=two.example.com" }}{{ .Cert }}'
                                    "{{ end }}", out, "-once", "-vault-retry-attempts=1")
        self.assertNotEqual(process.wait(120), 0)
        self.assertIn("permission denied", (self.folder / "log").read_text())
        self.assertFalse(out.exists())


if __name__ == "__main__":
    unittest.main()
