#!/usr/bin/env python3
"""The packages that scripts/package makes, unpacked, and the program run from there."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from chancery_server import ChanceryServer

REPO = pathlib.Path(__file__).resolve().parents[2]


class PackageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        program = os.environ.get("CHANCERY_BIN")
        if not program:
            raise unittest.SkipTest("CHANCERY_BIN is not set")
        folder = tempfile.TemporaryDirectory(prefix="chancery-package-")
        cls.addClassCleanup(folder.cleanup)
        cls.out = pathlib.Path(folder.name)
        build = pathlib.Path(program).resolve().parents[1]
        cls.run_(str(REPO / "scripts/package"), "--build", str(build), "--out", str(cls.out))
        cls.deb, = cls.out.glob("*.deb")
        cls.tarball, = cls.out.glob("*.tar.gz")

    @staticmethod
    def run_(*command, **options):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, **options)
        if done.returncode != 0:
            raise AssertionError(f"{command}: status {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def serves(self, program):
        """A program that finds its libraries makes a PKI and answers."""
        runpath = [line for line in self.run_("readelf", "-d", str(program)).splitlines() if "RUNPATH" in line]
        self.assertEqual(len(runpath), 1)
        self.assertIn("[$ORIGIN/../lib/chancery]", runpath[0])
        server = ChanceryServer()
        self.addCleanup(server.stop)
        server.program = str(program)
        server.start()
        self.assertIn(b"alive", server.fetch("/healthz"))
        libraries = {line.split()[-1] for line in
                     pathlib.Path(f"/proc/{server.process.pid}/maps").read_text().splitlines() if "libcrypto" in line}
        own = program.parents[1] / "lib/chancery/libcrypto.so.3"
        if own.exists():
            self.assertEqual(libraries, {str(own)})

    def test_the_checksums_hold(self):
        self.assertIn("OK", self.run_("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=self.out))

    def test_the_debian_package(self):
        root = self.out / "root"
        self.run_("dpkg-deb", "-x", str(self.deb), str(root))
        self.assertTrue((root / "usr/lib/systemd/system/chancery.service").exists())
        self.assertEqual(self.run_("dpkg-deb", "--info", str(self.deb), "conffiles"), "/etc/default/chancery\n")
        depends = self.run_("dpkg-deb", "--field", str(self.deb), "Depends")
        for package in ("adduser", "libc6", "libsqlite3-0"):
            self.assertIn(package, depends)
        for line in self.run_("dpkg-deb", "--contents", str(self.deb)).splitlines():
            self.assertIn("root/root", line)
            self.assertNotIn("w", line.split()[0][4:])
        for page in ("man/man1/chancery.1.gz", "bash-completion/completions/chancery", "zsh/vendor-completions/_chancery",
                     "fish/vendor_completions.d/chancery.fish"):
            self.assertGreater((root / "usr/share" / page).stat().st_size, 100, page)
        for script in ("postinst", "prerm", "postrm"):
            self.run_("sh", "-n", "-c", self.run_("dpkg-deb", "--info", str(self.deb), script))
        self.serves(root / "usr/bin/chancery")

    def test_the_container_file(self):
        """What a linter would say; there is no builder here."""
        text = (REPO / "packaging/Containerfile").read_text().replace("\\\n", " ")
        steps = [line.split(None, 1) for line in text.splitlines() if line and not line.startswith("#")]
        known = {"FROM", "ENV", "WORKDIR", "COPY", "RUN", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "ENTRYPOINT", "CMD"}
        self.assertEqual({step for step, _ in steps} - known, set())
        for step, rest in steps:
            if step == "FROM":
                self.assertRegex(rest, r"^[a-z]+:[a-z0-9.-]*[0-9][a-z0-9.-]*( AS [a-z]+)?$", "a base needs a version")
            if step in ("ENTRYPOINT", "CMD", "VOLUME"):
                self.assertIsInstance(json.loads(rest), list)
        last = steps[max(i for i, (step, _) in enumerate(steps) if step == "FROM"):]
        self.assertIn(["USER", "chancery"], last)
        install = next(rest for step, rest in last if step == "RUN")
        self.assertIn("--no-install-recommends", install)
        self.assertIn("rm -rf /tmp/*.deb /var/lib/apt/lists/*", install)

    def test_the_tarball(self):
        self.run_("tar", "-xzf", str(self.tarball), "-C", str(self.out))
        folder = self.out / self.tarball.name.removesuffix(".tar.gz")
        self.serves(folder / "bin/chancery")


if __name__ == "__main__":
    unittest.main()
