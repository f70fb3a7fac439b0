#!/usr/bin/env python3
"""A bit of a store's files is another one: the start or the check says so, or nothing of what the store tells has
changed. CRL entries are a matter of the unit tests (storage/sqlite: derived files)."""

import os
import pathlib
import shutil
import tempfile
import unittest

from disk_model import SECTOR, seeded
from fault_server import DEEP, SCRATCH, Client, FaultyServer, History, judge_stores

SAMPLES = 3000 if DEEP else 40  # changed places in each file
AT_ONCE = 50
CERTIFICATES = 40
# Not data: space kept back, and the number of the process that has the store.
NO_DATA = {"reserve", "lock"}


def flip(content, at, chance):
    content[at] ^= 1 << chance.randrange(8)


def lose_sector(content, at, chance):
    start = at - at % SECTOR
    content[start:start + SECTOR] = bytes(len(content[start:start + SECTOR]))


class DamageTest(unittest.TestCase):
    def test_damage_is_found(self):
        self.chance, seed = seeded()
        self.judged = self.found = 0
        with FaultyServer() as server:
            history = History()
            with Client(server) as client:
                for number in range(CERTIFICATES):
                    self.assertEqual(history.issue(client), 200)
                    if number % 4 == 0:
                        self.assertEqual(history.revoke(client, history.not_revoked()), 200)
            server.fetch("/v1/pki/crl")
            server.process.terminate()
            server.process.wait(30)
            self.damage_each_file(server.store, seed)
        self.assertGreater(self.judged, 100)
        self.assertGreater(self.found, 20)
        print(f"{self.judged} damaged stores: {self.found} found out, the others tell the same as before")

    def damage_each_file(self, store, seed):
        with tempfile.TemporaryDirectory(prefix="chancery-damage-", dir=SCRATCH) as folder:
            whole = pathlib.Path(folder) / "whole"
            shutil.copytree(store, whole, ignore=lambda _, names: NO_DATA.intersection(names))
            files = [path for path in whole.rglob("*") if path.is_file() and path.stat().st_size]
            base = pathlib.Path(folder) / "base"
            shutil.copytree(whole, base)
            self.truth = judge_stores([base])[str(base)]
            self.assertEqual((self.truth.problems, self.truth.error), ([], None))
            self.assertGreaterEqual(len(self.truth.certificates), CERTIFICATES)
            for path in files:
                for harm in (flip, lose_sector):
                    self.damage(whole, path.relative_to(whole), harm, seed)

    def damage(self, whole, name, harm, seed):
        size = os.path.getsize(whole / name)
        places = self.chance.sample(range(size), min(size, SAMPLES if harm is flip else SAMPLES // 5))
        for first in range(0, len(places), AT_ONCE):
            copies = {}
            for at in places[first:first + AT_ONCE]:
                copy = whole.parent / f"{name.name}-{harm.__name__}-{at}"
                shutil.copytree(whole, copy)
                content = bytearray((copy / name).read_bytes())
                harm(content, at, self.chance)
                (copy / name).write_bytes(content)
                copies[copy] = f"{name}, {harm.__name__} at {at} of {size}, seed {seed}"
            self.judge(copies)

    def judge(self, copies):
        told = judge_stores(copies)
        for copy, what in copies.items():
            one = told[str(copy)]
            self.judged += 1
            if one.error or one.problems:
                self.found += 1
            else:
                self.assertEqual(one.certificates, self.truth.certificates, what)
                self.assertEqual(one.revoked, self.truth.revoked, what)
            shutil.rmtree(copy)


if __name__ == "__main__":
    unittest.main()
