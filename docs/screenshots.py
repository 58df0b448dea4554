"""Takes the pictures of the README from ``reports/published``, with the Chromium on the path.

python docs/screenshots.py
"""

import io
import shutil
from pathlib import Path

import PIL.Image
from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).parent
PUBLISHED = HERE.parent / "reports" / "published"
IMAGES = HERE / "images"
DESKTOP, PHONE = (1280, 860), (390, 780)
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run")
SHOTS = {
    "report-desktop": ("report.html", "", DESKTOP, "light"),
    "report-samples": ("report.html", "#samples", DESKTOP, "light"),
    "report-dark": ("report.html", "#differences", DESKTOP, "dark"),
    "report-phone": ("report.html", "", PHONE, "light"),
    "leaderboard-desktop": ("leaderboard/index.html", "", DESKTOP, "light"),
    "leaderboard-dark": ("leaderboard/index.html", "#table", DESKTOP, "dark"),
    "leaderboard-phone": ("leaderboard/index.html", "", PHONE, "dark"),
}
"""Name -> page, place in it, size in pixels, colours."""


def shot(browser: Browser, name: str) -> None:
    """Take one picture."""
    page_name, place, (width, height), scheme = SHOTS[name]
    path = PUBLISHED / page_name
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, offline=True)
    page = context.new_page()
    page.goto(path.as_uri() + place)
    page.wait_for_timeout(300)
    picture = PIL.Image.open(io.BytesIO(page.screenshot()))
    picture.convert("RGB").save(IMAGES / f"{name}.webp", "WEBP", quality=88, method=6)
    context.close()


def main() -> None:
    """Take all pictures."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("screenshots need a Chromium on the path.")
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        for name in SHOTS:
            shot(browser, name)
        browser.close()


if __name__ == "__main__":
    main()
