"""bao, the command line of OpenBao, against the Vault API: write, read, list, delete, good and bad input."""

import json
import os
import subprocess
import unittest

from chancery_server import ChanceryServer, Judge

BAO = os.environ.get("BAO_BIN")
if not BAO:
    raise unittest.SkipTest("bao is absent (BAO_BIN)")

server = judge = None


def setUpModule():
    global server, judge
    server = ChanceryServer()
    unittest.addModuleCleanup(server.stop)
    server.start()
    judge = Judge(server)


def bao(*arguments, status=0, token=None, text_input=None):
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(("VAULT_", "BAO_"))}
    environment |= {"BAO_ADDR": server.https, "BAO_CACERT": server.root_ca,
                    "BAO_TOKEN": server.token if token is None else token,
                    "HOME": str(server.folder)}
    # Without an input bao must not wait for one.
    done = subprocess.run([BAO, *arguments], env=environment, capture_output=True, text=True,
                          timeout=60, input=text_input or "")
    if done.returncode != status:
        raise AssertionError(f"bao {' '.join(arguments)}: status {done.returncode}\n"
                             f"{done.stdout}{done.stderr}")
    return done.stdout if status == 0 else done.stdout + done.stderr


def bao_json(verb, *arguments, **named):
    return json.loads(bao(*verb.split(), "-format=json", *arguments, **named))


class Case(unittest.TestCase):
    def role(self, name="web", *fields):
        return bao_json("write", f"pki/roles/{name}", "allowed_domains=example.com",
                        "allow_subdomains=true", "key_type=ec", "max_ttl=72h", *fields)["data"]

    def issue(self, *fields):
        return bao_json("write", "pki/issue/web", "common_name=a.example.com", "ttl=1h",
                        *fields)["data"]


class System(Case):
    def test_status(self):
        status = bao_json("status")
        self.assertIs(status["initialized"], True)
        self.assertIs(status["sealed"], False)

    def test_token_and_mounts(self):
        self.assertEqual(bao_json("token lookup")["data"]["policies"], ["root"])
        self.assertEqual(bao_json("secrets list")["pki/"]["type"], "pki")


class Roles(Case):
    def test_life_of_a_role(self):
        made = self.role("life", "ttl=30m")
        read = bao_json("read", "pki/roles/life")["data"]
        self.assertEqual(made, read)
        self.assertEqual(read["ttl"], 1800)
        self.assertIn("life", bao_json("list", "pki/roles"))
        self.assertIn("Success! Data deleted", bao("delete", "pki/roles/life"))
        self.assertIn("No value found at pki/roles/life",
                      bao("read", "pki/roles/life", status=2))
        bao("delete", "pki/roles/life")

    def test_without_data(self):
        self.assertEqual(bao_json("write", "-f", "pki/roles/empty")["data"]["key_type"], "rsa")

    def test_pages(self):
        for name in ("page-1", "page-2", "page-3"):
            self.role(name)
        self.assertEqual(bao_json("list", "-after=page-1", "-limit=1", "pki/roles"), ["page-2"])

    def test_data_from_a_file_and_from_standard_input(self):
        path = judge.file("role.json", json.dumps({"allow_any_name": True, "key_type": "ec"}))
        self.assertIs(bao_json("write", "pki/roles/file", "@" + path)["data"]["allow_any_name"], True)
        read = bao_json("write", "pki/roles/stdin", "-", text_input='{"ttl": "1h"}')["data"]
        self.assertEqual(read["ttl"], 3600)

    def test_bad_fields(self):
        self.assertIn('"ttl"', bao("write", "pki/roles/bad", "ttl=soon", status=2))
        self.assertIn("unknown key type dsa", bao("write", "pki/roles/bad", "key_type=dsa", status=2))
        self.assertIn("unsupported path", bao("write", "pki/roles/-bad-", "ttl=1h", status=2))


class Certificates(Case):
    def setUp(self):
        self.role()

    def test_issue_read_list(self):
        data = self.issue("alt_names=b.example.com")
        judge.verify(data["certificate"])
        self.assertEqual(judge.key_of(data["private_key"]), judge.key_in(data["certificate"]))
        read = bao_json("read", "pki/cert/" + data["serial_number"])["data"]
        self.assertEqual(read["certificate"], data["certificate"])
        self.assertIn(data["serial_number"], bao_json("list", "pki/certs"))
        field = bao("read", "-field=certificate", "pki/cert/" + data["serial_number"])
        judge.verify(field)

    def test_sign_from_a_file(self):
        csr = judge.file("request.pem", judge.make_csr("s.example.com"))
        data = bao_json("write", "pki/sign/web", f"csr=@{csr}", "ttl=1h")["data"]
        judge.verify(data["certificate"])
        self.assertNotIn("private_key", data)

    def test_authorities(self):
        issuers = bao_json("list", "pki/issuers")
        self.assertEqual(len(issuers), 2)
        self.assertEqual(bao_json("read", "pki/issuer/default")["data"]["issuer_id"], issuers[0])
        pem = bao("read", "-format=raw", "pki/ca/pem")
        self.assertEqual(pem.strip().encode(), server.fetch("/v1/pki/ca/pem"))
        chain = bao_json("read", "pki/cert/ca_chain")["data"]["ca_chain"]
        self.assertEqual(chain.encode(), server.fetch("/v1/pki/ca_chain"))

    def test_revoke(self):
        data = self.issue()
        self.assertEqual(judge.ocsp(data["certificate"]), "good")
        judge.verify_with_crls(data["certificate"])
        serial = data["serial_number"]
        revoked = bao_json("write", "pki/revoke", f"serial_number={serial}")["data"]
        self.assertEqual(revoked["state"], "revoked")
        self.assertEqual(judge.ocsp(data["certificate"]), "revoked")
        self.assertIn(serial.replace(":", ""), judge.crl_serials())
        self.assertIn("certificate revoked", judge.verify_with_crls(data["certificate"], status=2))
        self.assertGreater(bao_json("read", "pki/cert/" + serial)["data"]["revocation_time"], 0)

    def test_refusals(self):
        for expected, arguments in (
                ("common name evil.org not allowed by this role",
                 ("write", "pki/issue/web", "common_name=evil.org")),
                ("unknown role: nobody", ("write", "pki/issue/nobody", "common_name=a.example.com")),
                ("the common_name field is required", ("write", "-f", "pki/issue/web")),
                ("csr contains no data", ("write", "pki/sign/web", "csr=junk")),
                ("certificate with serial 11:22 not found.",
                 ("write", "pki/revoke", "serial_number=11:22")),
                ("unsupported path", ("write", "pki/nope", "a=b")),
                ('no handler for route "nomount/x"', ("write", "nomount/x", "a=b")),
                ("unsupported operation", ("delete", "pki/issue/web")),
                ("No value found at pki/cert/11:22", ("read", "pki/cert/11:22")),
        ):
            with self.subTest(expected):
                self.assertIn(expected, bao(*arguments, status=2))

    def test_wrapping_is_refused(self):
        answer = bao("write", "-wrap-ttl=60", "pki/issue/web", "common_name=a.example.com", status=2)
        self.assertIn("response wrapping is not supported", answer)
        self.assertNotIn("PRIVATE KEY", answer)

    def test_wrong_token(self):
        self.assertIn("permission denied", bao("list", "pki/roles", token="chs.wrong", status=2))
        self.assertIn("permission denied", bao("read", "pki/nope", token="chs.wrong", status=2))


if __name__ == "__main__":
    unittest.main()
