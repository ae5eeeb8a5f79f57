"""A real browser for the stories: Chromium by playwright, dressed as WeChat on a phone.

``launch`` finds the browser (``$CHROMIUM``, else Debian's on PATH). A :class:`Phone` opens pages in one of three looks
(normal, large type, dark) and one of three widths, collects what went wrong inside the page, runs axe, and measures
what the eye cannot: sideways scrolling and touch targets.
"""

import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

WIDTHS = (320, 375, 414)
LOOKS = ("normal", "large", "dark")
TOUCH_TARGET_PX = {"normal": 44, "large": 60, "dark": 44}
WECHAT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Mobile/15E148 MicroMessenger/8.0.50(0x1800323d) NetType/4G Language/zh_CN"
)
ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--font-render-hinting=none",
    "--lang=zh-CN",
]
SCREENSHOTS = Path("var") / "screenshots"
PATIENCE_MS = 60_000
"""How long anything is waited for: what comes costs nothing of it, and a busy machine may take long."""
expect.set_options(timeout=PATIENCE_MS)


class NoBrowser(Exception):
    """No Chromium here, or it does not start; the text says what was tried."""


def find_browser() -> str:
    """The path of a Chromium; raises :class:`NoBrowser`."""
    named = os.environ.get("CHROMIUM")
    if named:
        found = shutil.which(named)
        if found is None:
            raise NoBrowser(f"$CHROMIUM names {named}, which is not a program")
        return found
    for name in ("chromium-headless-shell", "chromium", "google-chrome"):
        found = shutil.which(name)
        if found is not None:
            return found
    raise NoBrowser("no browser: set $CHROMIUM, or install chromium-headless-shell (sh dev test does it as root)")


@contextmanager
def launch(*extra_arguments: str) -> Iterator[Browser]:
    """A running browser, closed at the end; raises :class:`NoBrowser`."""
    path = find_browser()
    try:
        playwright: Playwright = sync_playwright().start()
    except Exception as error:
        raise NoBrowser(f"playwright's driver does not start (libatomic1 missing?): {error}") from error
    try:
        try:
            browser = playwright.chromium.launch(
                executable_path=path,
                headless=True,
                chromium_sandbox=False,
                args=[*ARGUMENTS, *extra_arguments],
            )
        except Exception as error:
            raise NoBrowser(f"{path} does not start: {error}") from error
        try:
            yield browser
        finally:
            browser.close()
    finally:
        playwright.stop()


class Phone:
    """One visitor: a browser context with its own cookies, its pages and its complaints.

    ``complaints`` gathers uncaught errors and refusals by the content security policy; a test with any fails.
    """

    def __init__(
        self,
        browser: Browser,
        base_url: str,
        *,
        width: int = 375,
        look: str = "normal",
        javascript: bool = True,
        in_wechat: bool = True,
        **options: Any,
    ) -> None:
        if look not in LOOKS:
            raise ValueError(f"a look is one of {LOOKS}")
        self.base_url = base_url
        self.look = look
        self.complaints: list[str] = []
        self.context: BrowserContext = browser.new_context(
            base_url=base_url,
            viewport={"width": width, "height": 812},
            device_scale_factor=2,
            is_mobile=True,
            has_touch=True,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            user_agent=WECHAT if in_wechat else WECHAT.replace(" MicroMessenger/8.0.50(0x1800323d)", ""),
            color_scheme="dark" if look == "dark" else "light",
            java_script_enabled=javascript,
            **options,
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.on("page", self._listen)
        if look == "large":
            use_large_type(self.context, base_url)
        self.page: Page = self.context.new_page()

    def _listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda message: (
                self.complaints.append(f"{page.url}: {message.text}")
                if "Content Security Policy" in message.text or "violates the following" in message.text
                else None
            ),
        )

    def belongs_to(self, openid: str) -> "Phone":
        """From now on the sandbox takes this phone's WeChat for that persona's, without asking (silent sign-in).

        ``""`` makes it ask again. Cookies are shared by the ports of a host, so the product's address will do.
        """
        if openid:
            self.context.add_cookies([{"name": "sandbox_persona", "value": openid, "url": self.base_url}])
        else:
            self.context.clear_cookies(name="sandbox_persona")
        return self

    def go(self, path: str) -> Page:
        """Opens a page of the product (a path) or any address, and gives it when it is loaded."""
        self.page.goto(path)
        return self.page

    def close(self) -> None:
        """Ends the visit."""
        self.context.close()


def use_large_type(context: BrowserContext, base_url: str) -> None:
    """Turns 大字 on the way the product keeps it: a cookie, so that the first paint is right."""
    context.add_cookies([{"name": "type", "value": "large", "url": base_url}])


AXE_RULES_OF_THE_LOOK = ("color-contrast", "scrollable-region-focusable", "target-size")
"""What can differ between two looks of one page; the other rules read its structure, which stays."""


def axe_violations(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What axe-core finds on the page now (``rules``: only by these), each as ``rule (impact): help: selectors``."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Path(AXE_FILE_PATH).read_text(encoding="utf-8"))
    options = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {}
    result = page.evaluate("(options) => axe.run(options)", options)
    return [
        f"{v['id']} ({v['impact']}): {v['help']}: " + ", ".join(str(n["target"][0]) for n in v["nodes"][:5])
        for v in result["violations"]
    ]


def sideways_overflow_px(page: Page) -> int:
    """By how many CSS pixels the page can be scrolled sideways; 0 is right."""
    return int(
        page.evaluate(
            "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"
            " - document.documentElement.clientWidth"
        )
    )


def small_targets(page: Page, least_px: int) -> list[str]:
    """Visible things to touch that are lower or narrower than ``least_px``, a line each.

    A link inside running text is left out (it is as high as its line), and so is a radio or check box whose label is
    large enough, for the label is what one touches.
    """
    found: list[str] = page.evaluate(
        """(least) => {
      const out = [];
      const seen = (el) => {
        const r = el.getBoundingClientRect();
        const s = getComputedStyle(el);
        return r.width > 1 && r.height > 1 && s.visibility !== 'hidden' && s.display !== 'none';
      };
      const tall = (el) => {
        const r = el.getBoundingClientRect();
        return r.height >= least - 0.5 && r.width >= least - 0.5;
      };
      const things = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=tab]';
      for (const el of document.querySelectorAll(things)) {
        if (!seen(el) || tall(el) || el.disabled) continue;
        if (el.tagName === 'A' && getComputedStyle(el).display === 'inline') continue;
        if (el.matches('input') && el.labels && Array.from(el.labels).some((l) => seen(l) && tall(l))) continue;
        const wrap = el.closest('label');
        if (wrap && tall(wrap)) continue;
        const r = el.getBoundingClientRect();
        const name = (el.innerText || el.getAttribute('aria-label') || el.name || '').trim().slice(0, 20);
        const size = `${Math.round(r.width)}x${Math.round(r.height)}`;
        out.push(`${el.tagName.toLowerCase()}.${el.className} "${name}" ${size}`);
      }
      return out;
    }""",
        least_px,
    )
    return found


def screenshot(page: Page, name: str) -> Path:
    """Keeps a picture of the whole page in var/screenshots and gives its path."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / (re.sub(r"[^\w.-]+", "_", name) + ".png")
    page.screenshot(path=str(path), full_page=True)
    return path


def assert_usable(phone: Phone) -> None:
    """The page as it stands: axe finds nothing, no sideways scrolling, every touch target is large enough."""
    page = phone.page
    problems = axe_violations(page)
    overflow = sideways_overflow_px(page)
    if overflow > 0:
        problems.append(f"the page scrolls sideways by {overflow} px")
    problems += [f"too small to touch: {line}" for line in small_targets(page, TOUCH_TARGET_PX[phone.look])]
    assert not problems, f"{page.url} ({phone.look}): " + "; ".join(problems)


def main() -> int:
    """Starts the browser once and says which it is: ``python -m tests.support.browser``; 1 when none starts."""
    try:
        with launch() as browser:
            browser.new_page().close()
            sys.stdout.write(f"{find_browser()} {browser.version}\n")
    except NoBrowser as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
