/** Which tests are asked for, and when: at the start, for documents that are open, for what is expanded. */

import * as vscode from "vscode";
import type { Log, TestsReport } from "../protocol.ts";
import type { Discovery } from "./discovery.ts";
import type { TestStore } from "./store.ts";
import type { TestView } from "./view.ts";

export class Documents implements vscode.Disposable {
  readonly #discovery: Discovery;
  readonly #store: TestStore;
  readonly #view: TestView;
  readonly #log: Log;
  readonly #subscription: vscode.Disposable;
  #isUp = false;

  constructor(discovery: Discovery, store: TestStore, view: TestView, log: Log) {
    this.#discovery = discovery;
    this.#store = store;
    this.#view = view;
    this.#log = log;
    this.#subscription = vscode.workspace.onDidOpenTextDocument((document) => this.#opened(document));
  }

  /** The server is up: what is there. Small workspaces are loaded whole, once the first level is on the screen. */
  async start(preloadLimit: number): Promise<void> {
    this.#isUp = true;
    try {
      await this.#discovery.start();
      for (const document of vscode.workspace.textDocuments) this.#opened(document);
      await this.#discovery.preload(preloadLimit);
    } catch (error) {
      this.#log.warn(`failed to discover tests: ${String(error)}`);
    }
  }

  /** The server is gone, and what it knew. */
  stop(): void {
    this.#isUp = false;
    this.#view.apply(this.#store.clear());
  }

  /** Everything anew. */
  async refresh(preloadLimit: number): Promise<void> {
    await this.start(preloadLimit);
  }

  async resolve(id: string | undefined): Promise<void> {
    if (this.#isUp && id !== undefined) await this.#discovery.resolve(id);
  }

  changed(report: TestsReport): void {
    this.#quietly(this.#discovery.changed(report));
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  #opened({ uri, languageId }: vscode.TextDocument): void {
    if (!this.#isUp || languageId !== "python" || uri.scheme !== "file") return;
    this.#quietly(this.#discovery.document(uri.toString()));
  }

  #quietly(asked: Promise<void>): void {
    asked.catch((error: unknown) => this.#log.warn(`failed to ask for tests: ${String(error)}`));
  }
}
