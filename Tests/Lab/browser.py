"""A real Chromium, driven by lines of JSON: `{"do": "open", "url": …}` and so on, an answer to each.

Runs on a host of the lab, so that the page is opened from where a person would open it.
"""
import base64
import json
import sys
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait


class Browser:
    def __init__(self, profile: str, scripts: bool) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     "--disable-background-networking", "--disable-component-update", "--no-first-run",
                     f"--user-data-dir={profile}", "--window-size=1280,900"):
            options.add_argument(word)
        if not scripts:
            options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))

    def open(self, url: str) -> str:
        self.driver.get(url)
        return self.driver.title

    def wait(self, css: str, text: str = "", seconds: float = 15) -> str:
        """Until an element is there whose text has this in it."""
        def found(driver: webdriver.Chrome) -> str | None:
            for element in driver.find_elements(By.CSS_SELECTOR, css):
                try:
                    if text in element.text:
                        return element.text or css
                except StaleElementReferenceException:  # it was replaced while it was looked at
                    return None
            return None
        return WebDriverWait(self.driver, seconds, 0.1).until(found, f"{css} with {text!r}")

    def click(self, css: str) -> None:
        try:
            self.driver.find_element(By.CSS_SELECTOR, css).click()
        except StaleElementReferenceException:  # the page was fresh in between; a person would not notice
            self.driver.find_element(By.CSS_SELECTOR, css).click()

    def type(self, css: str, text: str) -> None:
        self.driver.find_element(By.CSS_SELECTOR, css).send_keys(text)

    def press(self, keys: list[str]) -> str:
        """Keys to whoever has the focus; says who has it then."""
        from selenium.webdriver.common.action_chains import ActionChains
        from selenium.webdriver.common.keys import Keys
        chain = ActionChains(self.driver)
        for key in keys:
            chain.send_keys(getattr(Keys, key, key))
        chain.perform()
        return self.run("const e = document.activeElement; return e.getAttribute('aria-label') || e.id || e.tagName")

    def run(self, script: str) -> object:
        return self.driver.execute_script(script)

    def size(self, width: int, height: int) -> None:
        # A window of Chromium's own is never narrower than 500.
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})

    def dark(self, is_dark: bool) -> None:
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}]})

    def shot(self, path: str, height: float = 0) -> None:
        """The page down to this height, or all of it, as a PNG."""
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": height or size["height"], "scale": 1}
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {
            "format": "png", "captureBeyondViewport": True, "clip": clip})
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(base64.b64decode(shot["data"]))

    def complaints(self) -> list[str]:
        return [f"{entry['level']}: {entry['message']}" for entry in self.driver.get_log("browser")
                if entry["level"] in ("SEVERE", "WARNING")]

    def axe(self, path: str) -> list[str]:
        """What axe-core finds serious or critical."""
        self.driver.execute_script(Path(path).read_text())
        found = self.driver.execute_async_script("axe.run().then(arguments[arguments.length - 1])")
        return [f"{violation['id']}: {node['html']}" for violation in found["violations"]
                if violation["impact"] in ("serious", "critical") for node in violation["nodes"]]


def main() -> None:
    browser = Browser(sys.argv[1], scripts="--no-scripts" not in sys.argv)
    print(json.dumps({"result": "ready"}), flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        try:
            answer = {"result": getattr(browser, command.pop("do"))(**command)}
        except Exception as error:  # told to the test, which fails by it
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
    browser.driver.quit()


main()
