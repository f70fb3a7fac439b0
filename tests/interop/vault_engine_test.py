"""Issuers and keys of a mount by bao, the command line of OpenBao, and by hvac; openssl judges."""

import json
import os
import pathlib
import subprocess
import unittest

import hvac

from chancery_server import OPENSSL, ChanceryServer

BAO = os.environ.get("BAO_BIN")
if not BAO:
    raise unittest.SkipTest("bao is absent (BAO_BIN)")

server = None


def setUpModule():
    global server
    server = ChanceryServer()
    unittest.addModuleCleanup(server.stop)
    server.start()
    bao("write", "pki/roles/web", "allow_any_name=true", "key_type=ec", "ttl=1h")


def bao(*arguments, **options):
    return server.bao(*arguments, **options)


def write(path, *fields, text_input=""):
    return json.loads(bao("write", "-format=json", path, *fields, text_input=text_input))["data"]


def file_of(name, text):
    path = pathlib.Path(server.folder) / name
    path.write_text(text.rstrip("\n") + "\n")
    return str(path)


def verify(leaf, root, *between):
    """openssl is the judge of a chain."""
    untrusted = [part for text in between for part in ("-untrusted", file_of(f"between-{len(text)}.pem", text))]
    done = subprocess.run([OPENSSL, "verify", "-x509_strict", "-CAfile", file_of("anchor.pem", root), *untrusted,
                           file_of("leaf.pem", leaf)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)


def hierarchy(name, key_type="ec"):
    """A root and an issuer below it: both answers."""
    root = write("pki/root/generate/internal", f"common_name={name} Root", f"issuer_name={name}-root",
                 f"key_type={key_type}", "ttl=700h")
    request = write("pki/intermediate/generate/internal", f"common_name={name} Issuing", f"key_type={key_type}")
    made = write(f"pki/issuer/{name}-root/sign-intermediate", f"common_name={name} Issuing", "ttl=600h",
                 "csr=" + request["csr"])
    imported = write("pki/intermediate/set-signed", "certificate=" + made["certificate"])
    issuer = imported["imported_issuers"][0]
    bao("write", f"pki/issuer/{issuer}", f"issuer_name={name}")
    return root, made


class CommandLine(unittest.TestCase):
    def test_a_hierarchy_of_every_kind_of_key(self):
        for key_type in ("ec", "rsa", "ed25519", "mldsa"):
            with self.subTest(key_type):
                name = "kind-" + key_type
                root, issuing = hierarchy(name, key_type)
                leaf = write(f"pki/issuer/{name}/issue/web", "common_name=a.example.com")
                self.assertEqual(leaf["ca_chain"], [issuing["certificate"], root["certificate"]])
                verify(leaf["certificate"], root["certificate"], issuing["certificate"])

    def test_pki_commands(self):
        # -type and the like are flags of these commands; what they send is the engine's.
        bao("write", "pki/root/generate/internal", "common_name=Command Root", "issuer_name=command",
            "key_type=ec", "ttl=700h")
        bao("pki", "issue", "-type=internal", "-issuer_name=issued", "pki/issuer/command", "pki/",
            "common_name=Issued", "key_type=ec", "ttl=600h")
        self.assertIn("true", bao("pki", "verify-sign", "pki/issuer/command", "pki/issuer/issued"))
        bao("pki", "reissue", "-type=existing", "-issuer_name=reissued", "pki/issuer/command", "pki/issuer/issued",
            "pki/", "common_name=Issued")
        self.assertIn("reissued", bao("read", "pki/issuer/reissued"))
        children = bao("pki", "list-intermediates", "-use_names", "pki/issuer/command")
        self.assertIn("reissued", children)

    def test_issuers_are_patched_and_deleted(self):
        hierarchy("patched")
        bao("patch", "pki/issuer/patched", "leaf_not_after_behavior=truncate", "usage=read-only,issuing-certificates")
        read = json.loads(bao("read", "-format=json", "pki/issuer/patched"))["data"]
        self.assertEqual(read["usage"], "issuing-certificates,read-only")
        self.assertEqual(read["leaf_not_after_behavior"], "truncate")
        self.assertEqual(read["issuer_name"], "patched")
        self.assertIn("outlives", bao("patch", "pki/issuer/patched", "leaf_not_after_behavior=permit", status=2))
        bao("delete", "pki/issuer/patched")
        self.assertIn("unable to find PKI issuer", bao("read", "pki/issuer/patched", status=2))

    def test_keys(self):
        made = write("pki/keys/generate/exported", "key_name=cli", "key_type=ec")
        self.assertIn("PRIVATE KEY", made["private_key"])
        listed = json.loads(bao("list", "-format=json", "pki/keys"))
        self.assertIn(made["key_id"], listed)
        bao("write", "pki/key/cli", "key_name=renamed")
        bao("delete", "pki/key/renamed")
        self.assertIn("unable to find PKI key", bao("read", "pki/key/renamed", status=2))

    def test_bundle_from_outside(self):
        folder = pathlib.Path(server.folder)
        subprocess.run([OPENSSL, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "out.key",
                        "-out", folder / "out.pem", "-subj", "/CN=Outside", "-days", "9", "-addext",
                        "keyUsage=critical,keyCertSign,cRLSign"], check=True, capture_output=True)
        (folder / "both.pem").write_text((folder / "out.key").read_text() + (folder / "out.pem").read_text())
        imported = write("pki/issuers/import/bundle", f"pem_bundle=@{folder}/both.pem")
        issuer = imported["imported_issuers"][0]
        self.assertEqual(imported["mapping"], {issuer: imported["imported_keys"][0]})
        leaf = write(f"pki/issuer/{issuer}/issue/web", "common_name=a.example.com")
        verify(leaf["certificate"], (folder / "out.pem").read_text())
        self.assertIn(issuer, write("pki/config/ca", f"pem_bundle=@{folder}/both.pem")["existing_issuers"])

    def test_revoked_issuer_is_on_its_parents_crl(self):
        _, issuing = hierarchy("revoked")
        bao("write", "-f", "pki/issuer/revoked/revoke")
        crl = json.loads(bao("read", "-format=json", "pki/issuer/revoked-root/crl"))["data"]["crl"]
        text = subprocess.run([OPENSSL, "crl", "-noout", "-text"], input=crl, capture_output=True, text=True,
                              check=True).stdout
        self.assertIn(issuing["serial_number"].replace(":", "").upper(), text)
        self.assertIn("requested usage", bao("write", "pki/issuer/revoked/issue/web", "common_name=a.b", status=2))


class Library(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # The issuer that every server begins with has no room for another below it.
        bao("write", "pki/root/generate/internal", "common_name=Base", "issuer_name=base", "key_type=ec", "ttl=760h")
        bao("write", "pki/config/issuers", "default=base")

    def setUp(self):
        self.pki = hvac.Client(url=server.https, token=server.token, verify=server.root_ca).secrets.pki

    def test_issuers_and_roots(self):
        root = self.pki.generate_root("internal", "Lib Root",
                                      {"issuer_name": "lib", "key_type": "ec", "ttl": "500h"})["data"]
        self.assertEqual(self.pki.read_issuer("lib")["data"]["issuer_id"], root["issuer_id"])
        self.assertIn(root["issuer_id"], self.pki.list_issuers()["data"]["keys"])
        self.pki.update_issuer("lib", {"issuer_name": "lib2"})
        request = self.pki.generate_intermediate("internal", "Lib Issuing", {"key_type": "ec"})["data"]
        made = self.pki.sign_intermediate(request["csr"], "Lib Issuing")["data"]
        self.assertIn("BEGIN CERTIFICATE", made["certificate"])
        self.assertEqual(len(self.pki.set_signed_intermediate(made["certificate"])["data"]["imported_issuers"]), 1)
        self.pki.delete_issuer("lib2")
        with self.assertRaises(hvac.exceptions.InvalidPath):
            self.pki.read_issuer("lib2")

    def test_urls_and_verbatim(self):
        self.pki.set_urls({"issuing_certificates": ["http://ca.example/ca"]})
        self.assertEqual(self.pki.read_urls()["data"]["issuing_certificates"], ["http://ca.example/ca"])
        request = self.pki.generate_intermediate("internal", "verbatim.example.com", {"key_type": "ec"})["data"]
        made = self.pki.sign_verbatim(request["csr"], extra_params={"ttl": "1h"})["data"]
        self.assertIn("BEGIN CERTIFICATE", made["certificate"])

    def test_ca_information(self):
        folder = pathlib.Path(server.folder)
        subprocess.run([OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", folder / "lib.key", "-out", folder / "lib.pem", "-subj", "/CN=Lib", "-days", "9"],
                       check=True, capture_output=True)
        bundle = (folder / "lib.key").read_text() + (folder / "lib.pem").read_text()
        self.assertEqual(len(self.pki.submit_ca_information(bundle)["data"]["imported_issuers"]), 1)
        self_issued = self.pki.sign_self_issued((folder / "lib.pem").read_text())["data"]
        self.assertIn("BEGIN CERTIFICATE", self_issued["certificate"])
        with self.assertRaises(hvac.exceptions.InvalidRequest):
            self.pki.submit_ca_information("nonsense")


if __name__ == "__main__":
    unittest.main()
