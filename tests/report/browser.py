# SPDX-License-Identifier: MIT
"""A real browser without a window, driven over a pipe with its own debugging protocol."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
ENVIRONMENT = "TREADGUARD_CHROMIUM"
ANSWER_S = 60.0
MISSING = (
    "no Chromium: `apt-get install chromium`, or set TREADGUARD_CHROMIUM to a Chromium or Chrome"
)


def program() -> str | None:
    """The browser to test with; None when this machine has none."""
    wanted = os.environ.get(ENVIRONMENT)
    if wanted:
        return wanted
    return next((found for found in map(shutil.which, NAMES) if found), None)


# The browser reads requests from descriptor 3 and answers on 4.
LAUNCH = """
import os, sys
read, write = (os.dup(int(number)) for number in sys.argv[1:3])
high = [os.dup2(read, 103), os.dup2(write, 104)]
os.dup2(high[0], 3), os.dup2(high[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Browser:
    """One page in a headless browser; use it in a `with`."""

    def __init__(self, folder: Path) -> None:
        command = program()
        if command is None:
            raise FileNotFoundError(MISSING)
        self._to_us, theirs_out = os.pipe()
        theirs_in, self._to_it = os.pipe()
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-c", LAUNCH, str(theirs_in), str(theirs_out), command),
                *("--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu"),
                *("--no-first-run", "--disable-extensions", "--disable-background-networking"),
                *(f"--user-data-dir={folder / 'profile'}", "--hide-scrollbars", "about:blank"),
            ],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._number = 0
        self._rest = b""
        self._session: str | None = None
        self.messages: list[dict[str, Any]] = []
        try:
            self._attach()
        except BaseException:
            self.close()
            raise

    def _attach(self) -> None:
        targets = self.ask("Target.getTargets")["targetInfos"]
        page = next(target for target in targets if target["type"] == "page")
        attached = self.ask("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.ask(f"{domain}.enable")

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the browser."""
        self._process.terminate()
        self._process.wait(ANSWER_S)
        os.close(self._to_us)
        os.close(self._to_it)

    # -- the protocol -------------------------------------------------------------------

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """One request and its result; AssertionError with the browser's words."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to_it, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer)
                result: dict[str, Any] = answer["result"]
                return result
            self.messages.append(answer)

    def _read(self) -> dict[str, Any]:
        deadline = time.monotonic() + ANSWER_S
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._to_us], [], [], deadline - time.monotonic())
            assert ready, "the browser does not answer"
            data = os.read(self._to_us, 1 << 16)
            assert data, "the browser has ended"
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\0")
        found: dict[str, Any] = json.loads(line)
        return found

    # -- what a person does -------------------------------------------------------------

    def window(self, width: int, height: int, mobile: bool = False, scale: float = 1) -> None:
        """The size of the page in CSS pixels."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=scale, mobile=mobile,
        )  # fmt: skip

    def media(self, media: str = "", scheme: str = "light") -> None:
        """Screen or print, light or dark."""
        # A page that is still scrolling is not where a click was aimed.
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.ask("Emulation.setEmulatedMedia", media=media, features=features)

    def open(self, path: Path) -> None:
        """Load a file and wait until it was drawn."""
        self.messages.clear()
        self.ask("Page.navigate", url=path.resolve().as_uri())
        until = time.monotonic() + ANSWER_S
        while not self.run("document.documentElement?.dataset.drawnMs"):
            assert time.monotonic() < until, f"{path} is not drawn: {self.complaints()}"

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression; AssertionError when it throws."""
        answer = self.ask("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def centre_of(self, selector: str) -> tuple[float, float]:
        """The middle of an element, scrolled into sight."""
        box = self.run(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({block: 'center', behavior: 'instant'});"
            " const r = e.getBoundingClientRect();"
            " return [r.x, r.y, r.width, r.height]; })()"
        )
        return box[0] + box[2] / 2, box[1] + box[3] / 2

    def mouse(self, kind: str, x: float, y: float, clicks: int = 0) -> None:
        """mouseMoved, mousePressed or mouseReleased."""
        self.ask(
            "Input.dispatchMouseEvent",
            type=kind, x=x, y=y, clickCount=clicks,
            button="left" if clicks else "none", buttons=1 if clicks else 0,
        )  # fmt: skip

    def click(self, selector: str) -> None:
        """Press and release in the middle of an element."""
        x, y = self.centre_of(selector)
        self.mouse("mouseMoved", x, y)
        self.mouse("mousePressed", x, y, 1)
        self.mouse("mouseReleased", x, y, 1)

    def key(self, key: str) -> None:
        """One key to the focused element."""
        self.ask("Input.dispatchKeyEvent", type="keyDown", key=key)
        self.ask("Input.dispatchKeyEvent", type="keyUp", key=key)

    def complaints(self) -> list[str]:
        """Errors and warnings on the console, and exceptions, since the page was opened."""
        self.run("0")  # whatever was on its way has arrived then
        found = []
        for message in self.messages:
            params = message.get("params", {})
            if message.get("method") == "Runtime.exceptionThrown":
                details = params["exceptionDetails"]
                found.append(details.get("exception", {}).get("description", details["text"]))
            elif message.get("method") == "Log.entryAdded":
                found.append(params["entry"]["text"])
            elif message.get("method") == "Runtime.consoleAPICalled":
                found.append(json.dumps(params["args"]))
        return found

    def addresses(self) -> list[str]:
        """Everything the page asked for."""
        return [
            message["params"]["request"]["url"]
            for message in self.messages
            if message.get("method") == "Network.requestWillBeSent"
        ]

    def picture(self, path: Path, whole: bool = True) -> None:
        """A PNG of the page."""
        answer = self.ask("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(answer["data"]))

    def pdf(self) -> bytes:
        """The page as it prints."""
        return base64.b64decode(self.ask("Page.printToPDF", preferCSSPageSize=True)["data"])
