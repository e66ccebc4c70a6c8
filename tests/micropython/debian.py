# SPDX-License-Identifier: MIT
"""Unpack Debian's MicroPython beside the system, behind its own loader and libraries.

apt gets a root of its own under build/, with one source: the suite below on the machine's own
Debian mirror, or on TREADGUARD_DEBIAN_MIRROR. The system's packages and sources stay as they
were, and nothing here needs to be root.
"""

from __future__ import annotations

import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from tests.micropython.interpreter import find, installed, prefix_of

SUITE = "trixie"
APT = Path("/etc/apt")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


class NotAvailableError(Exception):
    """One sentence that says what to do."""


def os_release() -> dict[str, str]:
    """The fields of /etc/os-release; empty where there is none."""
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}


def apt_sources(folder: Path) -> list[tuple[str, list[str]]]:
    """(URI, suites) of every enabled binary source under `folder`, in either notation."""
    sources = []
    for path in [folder / "sources.list", *sorted(folder.glob("sources.list.d/*.list"))]:
        text = path.read_text("utf-8", "replace") if path.exists() else ""
        lines = re.findall(r"^\s*deb\s+(?:\[[^\]]*\]\s*)?(\S+)\s+(\S+)", text, re.MULTILINE)
        sources += [(uri, [suite]) for uri, suite in lines]
    for path in sorted(folder.glob("sources.list.d/*.sources")):
        for stanza in re.split(r"\n\s*\n", path.read_text("utf-8", "replace")):
            fields = dict(re.findall(r"^([\w-]+):[ \t]*(.*)$", stanza, re.MULTILINE))
            if fields.get("Enabled", "yes") != "no" and "deb" in fields.get("Types", "").split():
                suites = fields.get("Suites", "").split()
                sources += [(uri, suites) for uri in fields.get("URIs", "").split()]
    return sources


def mirror() -> str:
    """The Debian mirror to install from."""
    wanted = os.environ.get("TREADGUARD_DEBIAN_MIRROR")
    if wanted:
        return wanted
    release = os_release()
    suites = {SUITE, "stable", release.get("VERSION_CODENAME", "")}
    for uri, offered in apt_sources(APT) if release.get("ID") == "debian" else []:
        if suites.intersection(offered) and not uri.startswith("cdrom:"):
            return uri
    raise NotAvailableError(
        "this machine's apt sources name no Debian mirror; set TREADGUARD_DEBIAN_MIRROR to one "
        "(and apt-get install debian-archive-keyring), or TREADGUARD_MICROPYTHON to a "
        "MicroPython of 1.25 or later"
    )


def check_machine() -> None:
    """Refuse, with what to do instead, where Debian's packages cannot be used."""
    for tool in ("apt-get", "dpkg-deb") if platform.machine() == "x86_64" else ("",):
        if not shutil.which(tool):
            how = "brew install micropython" if sys.platform == "darwin" else "build its unix port"
            raise NotAvailableError(
                f"install MicroPython 1.25 or later ({how}) and put it on PATH, or set "
                "TREADGUARD_MICROPYTHON"
            )
    if mirror() and not KEYRING.exists():
        raise NotAvailableError("run `apt-get install debian-archive-keyring` first")


def apt_get(work: Path, architecture: str, *arguments: str) -> None:
    """Run apt-get on a root of its own under `work`."""
    options = {
        "Dir::Etc::SourceList": work / "debian.sources",
        "Dir::Etc::SourceParts": work / "none",
        "Dir::Etc::Preferences": work / "none.pref",
        "Dir::Etc::PreferencesParts": work / "none",
        "Dir::State": work / "state",
        "Dir::State::Status": work / "status",
        "Dir::Cache": work / "cache",
        "Dir::Cache::Archives": work / "debs",
        "APT::Architecture": architecture,
        "APT::Architectures": architecture,
        "APT::Sandbox::User": "root",  # _apt may not be able to write under build/
        "APT::Install-Recommends": "false",
        "Acquire::Languages": "none",
    }
    command = ["apt-get", "-q"]
    for name, value in options.items():
        command += ["-o", f"{name}={value}"]
    run = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
    said = [line for line in run.stderr.splitlines() + run.stdout.splitlines() if line[1:2] == ":"]
    # update ends with 0 and a warning when a mirror cannot be reached
    if run.returncode or not list(work.glob("state/lists/*_Packages*")):
        raise NotAvailableError("apt-get failed: " + " ".join(said[:3] or run.stderr.split("\n")))


def install(architecture: str) -> None:
    """Unpack Debian's micropython, and every library it depends on, into build/."""
    check_machine()
    prefix = prefix_of(architecture)
    work = prefix.with_name(prefix.name + ".new")
    shutil.rmtree(work, ignore_errors=True)
    for name in ("none", "state/lists/partial", "cache", "debs/partial", "root"):
        (work / name).mkdir(parents=True)
    (work / "status").touch()
    (work / "debian.sources").write_text(
        f"Types: deb\nURIs: {mirror()}\nSuites: {SUITE}\nComponents: main\n"
        f"Architectures: {architecture}\nSigned-By: {KEYRING}\n",
        "utf-8",
    )
    apt_get(work, architecture, "update")
    apt_get(work, architecture, "install", "--download-only", "--yes", "micropython")
    for package in sorted(work.glob("debs/*.deb")):
        subprocess.run(["dpkg-deb", "-x", str(package), str(work / "root")], check=True)
    shutil.rmtree(prefix, ignore_errors=True)
    prefix.mkdir(parents=True)
    (work / "root").rename(prefix / "root")
    shutil.rmtree(work)
    write_wrapper(architecture)
    find.cache_clear()


def write_wrapper(architecture: str) -> None:
    """A plain command, build/micropython/micropython, for people and other tools."""
    wrapper = prefix_of(architecture) / "micropython"
    wrapper.write_text(f'#!/bin/sh\nexec {shlex.join(installed(architecture))} "$@"\n', "utf-8")
    wrapper.chmod(0o755)
