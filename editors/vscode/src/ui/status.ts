/** The item in the status bar: how many tests, what goes on, what is wrong. */

import * as vscode from "vscode";
import { statusLook } from "./statusLook.ts";
import type { Status } from "../protocol.ts";

export class StatusItem implements vscode.Disposable {
  readonly #item: vscode.StatusBarItem;
  #status: Status | undefined;
  #problem: string | undefined;
  #runs = 0;

  constructor(command: string) {
    this.#item = vscode.window.createStatusBarItem("fastest.status", vscode.StatusBarAlignment.Left, 10);
    this.#item.name = "Fastest Tests";
    this.#item.command = command;
    this.#render();
    this.#item.show();
  }

  /** What the server said last. */
  get status(): Status | undefined {
    return this.#status;
  }

  told(status: Status): void {
    this.#status = status;
    this.#problem = undefined;
    this.#render();
  }

  /** There is no server, or no tests are shown, and why. */
  without(problem: string): void {
    this.#status = undefined;
    this.#problem = problem;
    this.#render();
  }

  running(runs: number): void {
    this.#runs = runs;
    this.#render();
  }

  dispose(): void {
    this.#item.dispose();
  }

  #render(): void {
    const { text, tooltip, isError } = statusLook(this.#status, this.#problem, this.#runs);
    this.#item.text = text;
    this.#item.tooltip = new vscode.MarkdownString(tooltip);
    this.#item.backgroundColor = isError ? new vscode.ThemeColor("statusBarItem.errorBackground") : undefined;
  }
}
