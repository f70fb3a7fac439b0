#!/usr/bin/env python3
"""What the program says of itself: completion in the shells themselves, man pages as man reads them."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

PROGRAM = os.environ.get("CHANCERY_BIN")


def run(*arguments, **options):
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, **options)
    if done.returncode != 0:
        raise AssertionError(f"{arguments}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def environment(**more):
    return {"PATH": str(pathlib.Path(PROGRAM).parent) + ":" + os.environ["PATH"], "TERM": "dumb",
            "LC_ALL": "C.UTF-8", "HOME": more.pop("home"), **more}


@unittest.skipUnless(PROGRAM, "CHANCERY_BIN is not set")
class SelfDescriptionTest(unittest.TestCase):
    def setUp(self):
        self.work = tempfile.mkdtemp(prefix="chancery-self-")
        self.addCleanup(shutil.rmtree, self.work, ignore_errors=True)

    def bash(self, *words):
        """What bash offers behind these words, the last of which may be unfinished."""
        quoted = " ".join(f"'{word}'" for word in words)
        return run("bash", "--norc", "-c", f"""
            source <(chancery completion bash)
            complete -p chancery >&2
            COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}
            _chancery
            printf '%s\\n' "${{COMPREPLY[@]}}" """, env=environment(home=self.work)).split()

    def test_bash(self):
        self.assertEqual(self.bash("chancery", "comp"), ["completion"])
        self.assertLessEqual({"issue", "list", "verify"}, set(self.bash("chancery", "cert", "")))
        self.assertEqual(self.bash("chancery", "cert", "list", "--name-s"), ["--name-suffix"])
        self.assertEqual(self.bash("chancery", "cert", "list", "--output", ""), ["text", "json", "yaml"])
        self.assertEqual(self.bash("chancery", "cert", "list", "--output", "=", "js"), ["json"])
        self.assertEqual(self.bash("chancery", "cert", "list", "--output", "="), ["text", "json", "yaml"])
        self.assertEqual(self.bash("chancery", "completion", ""), ["bash", "zsh", "fish"])
        # A value with a verb's name is no verb; a file name is for bash itself to complete.
        self.assertEqual(self.bash("chancery", "cert", "issue", "--role", "list", "--rol"), ["--role"])
        self.assertEqual(self.bash("chancery", "cert", "issue", "--csr", ""), [])

    def test_fish(self):
        if not shutil.which("fish"):
            self.skipTest("there is no fish")

        def offered(line):
            script = f"chancery completion fish | source; complete -C '{line}'"
            return [row.split("\t")[0] for row in
                    run("fish", "--no-config", "-c", script, env=environment(home=self.work)).splitlines()]
        self.assertEqual(offered("chancery comp"), ["completion"])
        self.assertIn("verify", offered("chancery cert "))
        self.assertEqual(sorted(offered("chancery cert list --output ")), ["json", "text", "yaml"])
        self.assertIn("--name-suffix", offered("chancery cert list --name"))

    def test_zsh(self):
        if not shutil.which("zsh"):
            self.skipTest("there is no zsh")
        # compadd is where all that zsh offers goes through; the real completion system is loaded around it.
        pathlib.Path(self.work, "try.zsh").write_text("""
            autoload -Uz compinit && compinit -u -d $HOME/dump
            source <(chancery completion zsh)
            [[ ${_comps[chancery]} == _chancery ]] || { print no compdef; exit 1 }
            compadd() { print -rl -- "$@" }
            _describe() { print -rl -- ${(P)2} }
            _files() { print files }
            words=("$@"); CURRENT=$#words; PREFIX=${words[-1]}
            _chancery""")

        def offered(*words):
            return run("zsh", "--no-rcs", str(pathlib.Path(self.work, "try.zsh")), *words,
                       env=environment(home=self.work)).splitlines()
        self.assertTrue(any(row.startswith("verify:") for row in offered("chancery", "cert", "")))
        self.assertEqual(offered("chancery", "cert", "list", "--output", ""), ["--", "text", "json", "yaml"])
        self.assertTrue(any(row.startswith("--name-suffix:") for row in offered("chancery", "cert", "list", "--n")))
        self.assertEqual(offered("chancery", "cert", "issue", "--csr", ""), ["files"])

    def test_man_pages(self):
        pages = pathlib.Path(self.work, "man")
        run(PROGRAM, "man", str(pages))
        names = {page.stem for page in pages.iterdir()}
        self.assertLessEqual({"chancery", "chancery-cert", "chancery-cert-issue", "chancery-serve"}, names)
        for page in sorted(pages.iterdir()):
            with self.subTest(page=page.stem):
                text = page.read_text()
                for section in ("NAME", "SYNOPSIS", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "FILES"):
                    self.assertIn(f".SH {section}\n", text)
                if shutil.which("groff"):
                    done = subprocess.run(["groff", "-ww", "-man", "-z", "-Tutf8", str(page)], capture_output=True,
                                          text=True, timeout=60)
                    self.assertEqual((done.returncode, done.stderr), (0, ""))
                if shutil.which("man"):
                    done = subprocess.run(["man", "--warnings", "-l", str(page)], capture_output=True, text=True,
                                          timeout=60, env=environment(home=self.work, MANWIDTH="80"))
                    self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_every_verb_is_explained_with_an_example(self):
        pages = pathlib.Path(self.work, "man")
        run(PROGRAM, "man", str(pages))
        for page in sorted(pages.iterdir()):
            text = page.read_text()
            if ".SH VERBS\n" not in text:
                self.assertIn(".SH EXAMPLES\n", text, page.stem)

    def test_the_environment_does_not_change_the_pages(self):
        plain, other = pathlib.Path(self.work, "plain"), pathlib.Path(self.work, "other")
        run(PROGRAM, "man", str(plain), env=environment(home=self.work))
        run(PROGRAM, "man", str(other), env=environment(home=self.work, CHANCERY_ADDR="https://elsewhere.test"))
        for page in plain.iterdir():
            self.assertEqual(page.read_text(), (other / page.name).read_text())


if __name__ == "__main__":
    unittest.main()
