/**
 * The interpreter that the user has chosen in the Python extension, or in Python Environments. Both are
 * optional: without them the server finds one itself.
 */

import * as vscode from "vscode";
import type { Log } from "../protocol.ts";

/** What is used of the Python extension's API (`@vscode/python-extension`). */
interface PythonApi {
  environments: {
    getActiveEnvironmentPath(scope?: vscode.Uri): { id: string; path: string };
    resolveEnvironment(path: { id: string; path: string }): Promise<{ executable: { uri?: vscode.Uri } } | undefined>;
    onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

/** What is used of the API of Python Environments (`ms-python.vscode-python-envs`). */
interface EnvironmentsApi {
  getEnvironment(scope: vscode.Uri | undefined): Promise<{ execInfo: { run: { executable: string } } } | undefined>;
  onDidChangeEnvironment: vscode.Event<unknown>;
}

/** The Python extension takes seconds to start in a large workspace; tests are there before that. */
const PATIENCE_MS = 300;

const PYTHON = "ms-python.python";
const ENVIRONMENTS = "ms-python.vscode-python-envs";

export class Interpreters implements vscode.Disposable {
  readonly #log: Log;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #watched = new Set<string>();
  readonly #subscriptions: { dispose(): unknown }[] = [this.#changed];
  /** Fires when another environment was chosen, or one of the extensions came. */
  readonly onDidChange = this.#changed.event;

  constructor(log: Log) {
    this.#log = log;
    this.#subscriptions.push(vscode.extensions.onDidChange(() => this.#changed.fire()));
  }

  /**
   * The path of the chosen interpreter for a folder; nothing if nobody has chosen, or nobody says so in time:
   * then `onDidChange` fires when the answer comes, and nothing has waited for a slow extension to start.
   */
  async selected(scope: vscode.Uri | undefined): Promise<string | undefined> {
    let isLate = false;
    const asked = this.#ask(scope).then((path) => {
      if (isLate && path !== undefined) this.#changed.fire();
      return path;
    });
    const patience = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), PATIENCE_MS));
    const first = await Promise.race([asked, patience]);
    isLate = true;
    return first;
  }

  async #ask(scope: vscode.Uri | undefined): Promise<string | undefined> {
    try {
      return (await this.#fromEnvironments(scope)) ?? (await this.#fromPython(scope));
    } catch (error) {
      this.#log.warn(`failed to ask for the chosen interpreter: ${String(error)}`);
      return undefined;
    }
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #fromEnvironments(scope: vscode.Uri | undefined): Promise<string | undefined> {
    const api = await this.#api<EnvironmentsApi>(ENVIRONMENTS, (found) => found.onDidChangeEnvironment);
    const environment = await api?.getEnvironment(scope);
    return environment?.execInfo.run.executable;
  }

  async #fromPython(scope: vscode.Uri | undefined): Promise<string | undefined> {
    const api = await this.#api<PythonApi>(PYTHON, ({ environments }) => environments.onDidChangeActiveEnvironmentPath);
    if (api === undefined) return undefined;
    const chosen = api.environments.getActiveEnvironmentPath(scope);
    const environment = await api.environments.resolveEnvironment(chosen);
    return environment?.executable.uri?.fsPath;
  }

  /** An extension's API, whose changes are followed from the first time on. */
  async #api<T>(id: string, changes: (api: T) => vscode.Event<unknown>): Promise<T | undefined> {
    const extension = vscode.extensions.getExtension<T>(id);
    if (extension === undefined) return undefined;
    const api = extension.isActive ? extension.exports : await extension.activate();
    if (!this.#watched.has(id)) {
      this.#watched.add(id);
      this.#subscriptions.push(changes(api)(() => this.#changed.fire()));
    }
    return api;
  }
}
