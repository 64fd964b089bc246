/** A folder whose authors the user does not trust at first: its tests are shown, and run only once it is trusted. */

import type { Locator } from "playwright-core";
import type { Steps } from "./steps.ts";
import type { Window } from "./window.ts";

export const TRUST_STEPS: Steps = {
  "a folder that is not trusted shows its tests": async (window) => {
    await window.page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor();
    await window.showTests();
    await window.expand("tests");
    await window.expand("test_cart.py");
    await window.row("test_total").waitFor();
  },

  "to run one asks for trust, without which nothing runs": async (window, shoot) => {
    await window.press("test_total", "Run Test");
    await dialog(window).waitFor();
    await shoot("trust");
    await dialog(window).locator(".monaco-button", { hasText: "Cancel" }).click();
    await dialog(window).waitFor({ state: "detached" });
    await window.hasState("test_total", "unset");
  },

  "once it is trusted it runs": async (window) => {
    await window.press("test_total", "Run Test");
    await dialog(window).locator(".monaco-button", { hasText: "Trust Folder & Continue" }).click();
    await window.hasState("test_total", "passed");
  },
};

function dialog({ page }: Window): Locator {
  return page.locator(".monaco-dialog-box", { hasText: "Do you trust the authors" });
}
