/** The workbench as a user sees it: rows, icons, editors. Everything is done with mouse and keys. */

import type { Locator, Page } from "playwright-core";

/** How long something may take that takes a moment on a quiet machine. */
export const PATIENCE_MS = 60_000;

export type State = "passed" | "failed" | "unset" | "skipped" | "error";

export class Window {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE_MS);
  }

  async showTests(): Promise<void> {
    await this.page.locator('.activitybar [aria-label^="Testing"]').first().click();
    await this.page.locator(".test-explorer").waitFor();
  }

  /** The row of an item in the Test Explorer, by its label. */
  row(label: string): Locator {
    const name = this.page.locator(".label", { hasText: new RegExp(`^${label.replaceAll(/[[\].]/gu, String.raw`\$&`)}`, "u") });
    return this.page.locator(".test-explorer .monaco-list-row", { has: name }).first();
  }

  /** Opens an item, if it is closed. */
  async expand(label: string): Promise<void> {
    const row = this.row(label);
    await row.waitFor();
    if ((await row.getAttribute("aria-expanded")) === "false") await row.locator(".monaco-tl-twistie").click();
  }

  /**
   * Presses one of the buttons that a row shows under the mouse. A row that is drawn anew just then shows them again
   * only when the mouse moves, as a hand's does all the time: so the mouse leaves, and comes again.
   */
  async press(label: string, button: string): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      await this.page.mouse.move(0, 0);
      await this.row(label).hover();
      try {
        await this.row(label).locator(`.action-label[aria-label^="${button}"]`).first().click({ timeout: 2000 });
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
      }
    }
  }

  /** Waits until an item's icon says so. */
  async hasState(label: string, state: State): Promise<void> {
    await this.row(label).locator(`.computed-state.codicon-testing-${state}-icon`).waitFor();
  }

  async open(path: string): Promise<void> {
    await this.page.keyboard.press("Control+P");
    await this.page.locator(".quick-input-widget input").fill(path);
    const name = path.split("/").pop() ?? path;
    const exactly = new RegExp(`^${name.replace(".", String.raw`\.`)}$`, "u");
    await this.page.locator(".quick-input-list .monaco-list-row.focused .label-name", { hasText: exactly }).first().waitFor();
    await this.page.keyboard.press("Enter");
    await this.page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
    await this.editor().click();
  }

  editor(): Locator {
    return this.page.locator(".editor-group-container.active .monaco-editor .view-lines").first();
  }

  /** Puts the cursor after the first occurrence of a text, as the editor's search does. */
  async goTo(text: string): Promise<void> {
    await this.editor().click();
    await this.page.keyboard.press("Control+Home");
    await this.page.keyboard.press("Control+F");
    const search = this.page.locator(".find-widget.visible textarea").first();
    await search.fill(text);
    await this.page.locator(".find-widget.visible .matchesCount", { hasText: /1 of/u }).waitFor();
    await this.page.keyboard.press("Escape");
    await this.page.keyboard.press("ArrowRight");
  }

  /** Takes so many characters away before the cursor. */
  async erase(count: number): Promise<void> {
    for (let done = 0; done < count; done++) await this.page.keyboard.press("Backspace");
  }

  async command(name: string): Promise<void> {
    await this.page.keyboard.press("F1");
    await this.page.locator(".quick-input-widget input").fill(`>${name}`);
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: name }).first().waitFor();
    await this.page.keyboard.press("Enter");
  }
}
