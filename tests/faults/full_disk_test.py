#!/usr/bin/env python3
"""A full disk: no certificate that is not recorded, revocations go on, and so does everything once there is space."""

import errno
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from chancery_server import ChanceryServer, Judge  # noqa: E402
from kill_test import Connection  # noqa: E402

SIZE = 64 * 1024 * 1024
EARLY = 50  # certificates from before the disk is full


class SmallDisk:
    """A file system of its own: ext4 in a file, or tmpfs where there are no loop devices. As root only."""

    def __enter__(self):
        if os.geteuid() != 0:
            raise unittest.SkipTest("mounting a file system needs root")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="chancery-disk-"))
        self.path = self.folder / "disk"
        self.path.mkdir()
        image = self.folder / "image"
        with open(image, "wb") as file:
            file.truncate(SIZE)
        if not self.run(["mkfs.ext4", "-q", "-m", "0", image], ["mount", "-o", "loop", image, self.path]):
            if not self.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", self.path]):
                shutil.rmtree(self.folder)
                raise unittest.SkipTest("nothing can be mounted here")
        return self

    @staticmethod
    def run(*commands):
        return all(shutil.which(command[0]) and subprocess.run(command, capture_output=True).returncode == 0
                   for command in commands)

    def __exit__(self, *_):
        subprocess.run(["umount", self.path], check=True)
        shutil.rmtree(self.folder)

    def fill(self):
        with open(self.path / "filler", "wb", buffering=0) as file:
            for size in (1 << 20, 4096, 512):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
            os.fsync(file.fileno())

    def make_space(self):
        (self.path / "filler").unlink()


class FullDiskTest(unittest.TestCase):
    def issue(self, connection):
        data = connection.call("POST", "/v1/pki/issue/web", {"common_name": "a.example.test"})["data"]
        self.issued.append((data["serial_number"], data["certificate"]))

    def issue_until_refused(self, connection):
        """What is refused must say why; what is not refused counts as issued."""
        for _ in range(20_000):
            try:
                self.issue(connection)
            except AssertionError as refusal:
                return str(refusal)
        return self.fail("the disk is full and certificates are still issued")

    def test_full_disk(self):
        self.issued = []
        with SmallDisk() as disk:
            before, tempfile.tempdir = tempfile.tempdir, str(disk.path)
            try:
                with ChanceryServer() as server:
                    self.live_through_it(disk, server)
            finally:
                tempfile.tempdir = before

    def live_through_it(self, disk, server):
        with Connection(server) as connection:
            connection.call("POST", "/v1/pki/roles/web", {"allow_any_name": True, "key_type": "ec", "ttl": "24h"})
            for _ in range(EARLY):
                self.issue(connection)
            disk.fill()
            refusal = self.issue_until_refused(connection)
            self.assertRegex(refusal, r": 50[37] .*no space")

            revoked = [serial for serial, _ in self.issued[:EARLY]]
            for serial in revoked:
                connection.call("POST", "/v1/pki/revoke", {"serial_number": serial})
            judge = Judge(server)
            self.assertEqual(set(revoked) - {with_colons(serial) for serial in judge.crl_serials()}, set())

            disk.make_space()
            self.wait_until_it_issues(connection)
            self.assertEqual(judge.ocsp(self.issued[0][1]), "revoked")
            self.assertEqual(judge.ocsp(self.issued[-1][1]), "good")

        server.process.kill()
        server.process.wait()
        server.serve()
        with Connection(server) as connection:
            for serial, certificate in self.issued:
                stored = connection.call("GET", f"/v1/pki/cert/{serial}")["data"]["certificate"]
                self.assertEqual(stored.strip(), certificate.strip())
        missing = set(revoked) - {with_colons(serial) for serial in Judge(server).crl_serials()}
        self.assertEqual(missing, set())

    def wait_until_it_issues(self, connection):
        for _ in range(300):
            try:
                return self.issue(connection)
            except AssertionError:
                time.sleep(0.1)
        return self.fail("there is space again, and still nothing is issued")


def with_colons(serial):
    digits = serial.replace(":", "")
    digits = digits.zfill(len(digits) + len(digits) % 2)
    return ":".join(digits[i:i + 2] for i in range(0, len(digits), 2))


if __name__ == "__main__":
    unittest.main()
