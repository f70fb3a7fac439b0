#!/usr/bin/env python3
"""dns-account-01 and dns-persist-01, which no client can do yet: by hand, over certbot's library."""

import base64
import hashlib
import unittest

from acme_world import ZONE, AcmeTest, openssl, wait_until

try:
    import josepy
    from acme import client, crypto_util, messages
    from cryptography.hazmat.primitives.asymmetric import ec
except ImportError:
    josepy = None


class DraftsTest(AcmeTest):
    @classmethod
    def setUpClass(cls):
        if josepy is None:
            raise unittest.SkipTest("certbot of PyPI is not installed")
        super().setUpClass()
        cls.drafts_url = cls.world.directory("drafts", "--challenge", "dns-account-01", "--challenge",
                                             "dns-persist-01", "--caa-identity", "ca.test")

    def setUp(self):
        super().setUp()
        key = josepy.JWKEC(key=ec.generate_private_key(ec.SECP256R1()))
        net = client.ClientNetwork(key, alg=josepy.ES256, verify_ssl=self.world.root_ca)
        directory = messages.Directory.from_json(net.get(self.drafts_url).json())
        self.acme = client.ClientV2(directory, net)
        self.account = self.acme.new_account(
            messages.NewRegistration.from_data(email=f"ops@{ZONE}", terms_of_service_agreed=True)).uri
        self.thumbprint = josepy.b64encode(key.thumbprint()).decode()

    def order(self, *names):
        key = openssl("ecparam", "-genkey", "-name", "prime256v1", "-noout").encode()
        return self.acme.new_order(crypto_util.make_csr(key, list(names)))

    def challenge(self, authorization, kind):
        """One of an authorisation's challenges as the server wrote it."""
        shown = self.read(authorization.uri)
        return next(one for one in shown["challenges"] if one["type"] == kind)

    def read(self, url):
        return self.acme._post(url, None).json()

    def begin(self, challenge):
        self.acme._post(challenge["url"], _Payload())

    def finish(self, order, *names):
        chain = self.acme.poll_and_finalize(order).fullchain_pem
        self.check_chain(chain, *names)

    def digest(self, token):
        wanted = f"{token}.{self.thumbprint}".encode()
        return base64.urlsafe_b64encode(hashlib.sha256(wanted).digest()).rstrip(b"=").decode()

    def label(self):
        return "_" + base64.b32encode(hashlib.sha256(self.account.encode()).digest()[:10]).decode().lower()

    def test_dns_account_01(self):
        order = self.order(f"a.{ZONE}", f"*.a.{ZONE}")
        for authorization in order.authorizations:
            challenge = self.challenge(authorization, "dns-account-01")
            self.world.dns.add(f"{self.label()}._acme-challenge.a.{ZONE}", self.digest(challenge["token"]))
            self.begin(challenge)
        self.finish(order, f"a.{ZONE}", f"*.a.{ZONE}")

    def test_dns_persist_01(self):
        record = f"ca.test\\; accounturi={self.account}\\; policy=wildcard"
        self.world.dns.add(f"_validation-persist.wild.{ZONE}", record)
        for _ in range(2):  # the record stays
            order = self.order(f"wild.{ZONE}", f"*.wild.{ZONE}")
            for authorization in order.authorizations:
                challenge = self.challenge(authorization, "dns-persist-01")
                self.assertEqual(challenge["issuer-domain-names"], ["ca.test"])
                self.assertEqual(challenge["accounturi"], self.account)
                self.begin(challenge)
            self.finish(order, f"wild.{ZONE}", f"*.wild.{ZONE}")

    def test_dns_persist_01_for_another_account(self):
        self.world.dns.add(f"_validation-persist.b.{ZONE}", f"ca.test\\; accounturi={self.account}0")
        order = self.order(f"b.{ZONE}")
        challenge = self.challenge(order.authorizations[0], "dns-persist-01")
        self.begin(challenge)
        wait_until(lambda: "error" in self.read(challenge["url"]), patience=60)
        self.assertIn("another account", self.read(challenge["url"])["error"]["detail"])


if josepy:
    class _Payload(josepy.JSONObjectWithFields):
        """The empty object that says: look now."""

        def __bool__(self):  # the library sends nothing at all for what is false
            return True

del AcmeTest

if __name__ == "__main__":
    unittest.main()
