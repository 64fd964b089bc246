/** The steps of the user's path, in their order: each goes on where the one before has stopped. */

import type { Window } from "./window.ts";

type Step = (window: Window, shoot: (picture: string) => Promise<void>) => Promise<void>;

/** By what a user would say of each. */
export type Steps = Record<string, Step>;

const NEW_TEST = ["", "", "def test_two_for_one():", "assert total([20, 20], discount=50) == 40"];

export const STEPS: Steps = {
  "the folder is open, and its tests are there": async (window, shoot) => {
    await window.showTests();
    await window.expand("tests");
    await window.expand("test_cart.py");
    await window.expand("test_discount");
    await window.expand("TestDescribe");
    await window.row("test_full").waitFor();
    await window.row("half").waitFor();
    await window.open("tests/test_cart.py");
    await window.page.locator(".glyph-margin-widgets .testing-run-glyph").first().waitFor();
    await shoot("explorer");
  },

  "a filter by mark shows what is marked": async ({ page }, shoot) => {
    const filter = page.locator(".testing-filter-wrapper .view-line").first();
    await filter.click();
    await page.keyboard.type("@fastest:slow");
    await page.locator(".test-explorer .monaco-list-row", { hasText: "test_total" }).waitFor({ state: "detached" });
    await page.locator(".test-explorer .monaco-list-row", { hasText: "test_too_much" }).waitFor();
    await shoot("filter");
    await page.keyboard.press("Control+A");
    await page.keyboard.press("Delete");
    await page.locator(".test-explorer .monaco-list-row", { hasText: "test_total" }).waitFor();
  },

  "a test is there when it is typed, not saved": async (window) => {
    await window.editor().click();
    await window.page.keyboard.press("Control+End");
    for (const line of NEW_TEST) {
      await window.page.keyboard.press("Enter");
      await window.page.keyboard.press("Home");
      await window.page.keyboard.press("Shift+Home");
      if (line.startsWith("assert")) await window.page.keyboard.press("Tab");
      await window.page.keyboard.insertText(line);
    }
    await window.row("test_two_for_one").waitFor();
    await window.page.locator(".tab.active.dirty", { hasText: "test_cart.py" }).waitFor();
    await window.page.locator(".test-explorer .monaco-list-row", { hasText: /stale|test_cart\.py.*cannot be collected/u }).first().waitFor({ state: "detached" });
  },

  "it runs without being saved, fails, and shows where and why": async (window, shoot) => {
    await window.press("test_two_for_one", "Run Test");
    await window.hasState("test_two_for_one", "failed");
    await window.command("View: Toggle Panel Visibility");
    await window.editor().click();
    await window.page.keyboard.press("Control+End");
    await window.page.locator(".editor-group-container.active .squiggly-error").first().waitFor();
    await window.page.locator(".test-error-content-widget").first().click();
    await window.page.locator(".zone-widget .monaco-diff-editor .line-delete, .zone-widget .monaco-diff-editor .char-delete").first().waitFor();
    await shoot("failure");
  },

  "it is mended and passes": async (window, shoot) => {
    await window.page.keyboard.press("Escape");
    await window.goTo("discount=50) == ");
    await window.page.keyboard.press("Shift+End");
    await window.page.keyboard.insertText("20");
    await window.press("test_two_for_one", "Run Test");
    await window.hasState("test_two_for_one", "passed");
    await window.page.locator(".editor-group-container.active .squiggly-error").first().waitFor({ state: "detached" });
    await shoot("passed");
  },

  "the debugger stops at a breakpoint": async (window, shoot) => {
    await window.goTo("assert total([20, 20]");
    await window.page.keyboard.press("F9");
    await window.page.locator(".codicon-debug-breakpoint").first().waitFor();
    await window.press("test_two_for_one", "Debug Test");
    await window.page.locator(".codicon-debug-stackframe").first().waitFor();
    await window.page.locator(".debug-toolbar").waitFor();
    await shoot("debug");
    await window.page.keyboard.press("F5");
    await window.page.locator(".debug-toolbar").waitFor({ state: "hidden" });
    await window.showTests();
    await window.hasState("test_two_for_one", "passed");
    await window.goTo("assert total([20, 20]");
    await window.page.keyboard.press("F9");
    await window.page.locator(".codicon-debug-breakpoint").first().waitFor({ state: "detached" });
  },

  "coverage is shown in the editor, of all tests and of one": async (window, shoot) => {
    await window.press("TestDescribe", "Run Test with Coverage");
    await window.page.locator(".pane-header", { hasText: "Test Coverage" }).waitFor();
    await window.open("shop/cart.py");
    await window.page.locator(".coverage-deco-gutter.coverage-deco-miss").first().waitFor();
    await window.page.locator(".coverage-deco-gutter.coverage-deco-hit").first().waitFor();
    await shoot("coverage");
    // What imports run, the heads of the functions, is nobody's, and this test calls one of them only.
    await window.command("Test: Filter Coverage by Test");
    await window.page.locator(".quick-input-list .monaco-list-row", { hasText: "test_empty" }).first().click();
    await window.page.locator(".coverage-deco-gutter.coverage-deco-miss").nth(4).waitFor();
    await shoot("coverage-of-one");
    await window.page.locator(".test-output-peek-tree .monaco-list-row", { hasText: "Close Test Coverage" }).first().click();
    await window.page.locator(".coverage-deco-gutter").first().waitFor({ state: "detached" });
  },

  "a saved change runs what it affects by itself": async (window, shoot) => {
    await window.press("test_cart.py", "Turn on Continuous Run");
    await window.open("shop/cart.py");
    await window.goTo("amount = sum(prices)");
    await window.page.keyboard.insertText(" + 1");
    await window.page.keyboard.press("Control+S");
    await window.hasState("test_total", "failed");
    await shoot("continuous");
    await window.goTo("amount = sum(prices) + 1");
    await window.erase(" + 1".length);
    await window.page.keyboard.press("Control+S");
    await window.hasState("test_total", "passed");
    await window.press("test_cart.py", "Turn off Continuous Run");
  },
};
