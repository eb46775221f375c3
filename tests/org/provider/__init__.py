"""A real OpenID provider (npm ``oidc-provider``), started for the tests as a process of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import requests

PASSWORD = "open sesame"
CLIENT = {"oidc_client_id": "learnhub", "oidc_client_secret": "between-the-two-of-us-and-nobody-else"}
NODE = str(Path(sys.executable).with_name("node"))
LABEL = "云岭通行证"


@contextmanager
def running_provider() -> Iterator[str]:
    """The issuer of a provider that answers until the block ends."""
    script = Path(__file__).with_name("server.mjs")
    process = subprocess.Popen([NODE, str(script)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, "the provider did not start: is node_modules/oidc-provider there (scripts/setup.sh test)?"
        yield json.loads(line)["issuer"]
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def visit(address: str, name: str, *, password: str = PASSWORD, browser: requests.Session | None = None) -> str:
    """Signs in at the provider as a person would, and returns the address to which it sends the browser back."""
    own = browser or requests.Session()
    try:
        for _hop in range(9):
            answer = own.get(address, allow_redirects=False, timeout=10)
            if answer.status_code == 200:
                form = re.search(r'action="([^"]+)"', answer.text)
                assert form is not None, answer.text
                told = {"name": name, "password": password, "go": "in"}
                answer = own.post(urljoin(address, form[1]), data=told, allow_redirects=False, timeout=10)
            assert answer.status_code in (302, 303), answer.text
            address = urljoin(address, answer.headers["Location"])
            if "/login/provider/back" in address:
                return address
        raise AssertionError("the provider leads in a circle")
    finally:
        if browser is None:
            own.close()
