/** "Why did this test run so?": a document with the exact command, directory, environment and reasons. */

import * as vscode from "vscode";
import { account } from "./account.ts";
import type { Server, Status } from "../protocol.ts";
import type { Runs } from "../run/runs.ts";
import type { TestStore } from "../tree/store.ts";

const SCHEME = "fastest-why";

export class WhyView implements vscode.TextDocumentContentProvider {
  readonly #server: Server;
  readonly #store: TestStore;
  readonly #runs: Runs;
  readonly #status: () => Status | undefined;

  constructor(server: Server, store: TestStore, runs: Runs, status: () => Status | undefined) {
    this.#server = server;
    this.#store = store;
    this.#runs = runs;
    this.#status = status;
  }

  register(): vscode.Disposable {
    return vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  }

  /** Shows the account of one item. */
  async show(id: string): Promise<void> {
    const label = this.#store.get(id)?.label ?? "test";
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${label}.md`, query: id, fragment: Date.now().toString() });
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
  }

  async provideTextDocumentContent({ query: id }: vscode.Uri): Promise<string> {
    const item = this.#store.get(id);
    if (item === undefined) return "This test is gone.";
    const last = this.#runs.last(id);
    const extraArgs = last?.params?.extraArgs;
    const command = await this.#server.request("fastest/resolveRun", { include: [id], ...(extraArgs !== undefined && { extraArgs }) });
    const root = this.#status()?.roots.find((known) => known.id === this.#rootOf(id));
    return account({ item, isStale: this.#store.isStale(id), command, last, root });
  }

  #rootOf(id: string): string | undefined {
    let item = this.#store.get(id);
    while (item?.parent != null) item = this.#store.get(item.parent);
    return item?.id;
  }
}
