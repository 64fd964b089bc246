/** The language client: starts the server, hands it settings, and passes on what it says. */

import { type ChildProcess, spawn } from "node:child_process";
import { statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter } from "node:path";
import * as vscode from "vscode";
import { type ClientCapabilities, LanguageClient, type LanguageClientOptions, type StaticFeature, State } from "vscode-languageclient/node";
import { type Found, findBinary, misfit } from "./binary.ts";
import { serverSettings, settings } from "./settings.ts";
import type { FastestClientCapabilities, Notifications, Requests, Server } from "../protocol.ts";

/** What the server says by itself, and that it came or went. */
export interface Listener {
  notified: { [M in keyof Notifications]: (params: Notifications[M]) => void };
  up(): void;
  down(why: string): void;
}

/** The commands of code lenses that this extension carries out itself. */
export const CLIENT_COMMANDS = ["fastest.client.run", "fastest.client.debug", "fastest.client.showOutput"];

export class ServerClient implements Server, vscode.Disposable {
  readonly #output: vscode.LogOutputChannel;
  readonly #extensionPath: string;
  readonly #interpreter: (scope: vscode.Uri | undefined) => Promise<string | undefined>;
  readonly #listener: Listener;
  #client: LanguageClient | undefined;
  #process: ChildProcess | undefined;
  /** Every change of settings that was noticed has been told when this is. */
  #told: Promise<void> = Promise.resolve();

  constructor(
    context: vscode.ExtensionContext,
    output: vscode.LogOutputChannel,
    interpreter: (scope: vscode.Uri | undefined) => Promise<string | undefined>,
    listener: Listener,
  ) {
    this.#extensionPath = context.extensionPath;
    this.#output = output;
    this.#interpreter = interpreter;
    this.#listener = listener;
  }

  /** The process of the server, if one runs. */
  get pid(): number | undefined {
    return this.#process?.exitCode === null && this.#process.signalCode === null ? this.#process.pid : undefined;
  }

  get isRunning(): boolean {
    return this.#client?.isRunning() === true;
  }

  /** Starts the server; says what is wrong where that fails. Resolves when it is up. */
  async start(): Promise<void> {
    const found = this.#find();
    if ("problem" in found) {
      this.#fail(found.problem);
      return;
    }
    this.#output.info(`starting ${found.path} (found by ${found.from})`);
    const client = new LanguageClient("fastest", "Fastest", () => this.#spawn(found.path), this.#options());
    this.#client = client;
    client.registerFeature(capabilities());
    this.#listen(client);
    try {
      await client.start();
    } catch (error) {
      this.#fail(`failed to start ${found.path}: ${String(error)}`);
      return;
    }
    const problem = client.initializeResult && misfit(client.initializeResult, found.path);
    if (problem === undefined) return;
    await this.stop();
    this.#fail(problem);
  }

  async stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client?.needsStop() === true) await client.stop();
    await client?.dispose();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Behind every change of settings that was noticed before: a run is that of the settings and the trust of now. */
  async request<M extends keyof Requests>(method: M, params: Requests[M][0]): Promise<Requests[M][1]> {
    await this.#told;
    return await this.#running().sendRequest<Requests[M][1]>(method, params);
  }

  /** One of the server's commands. */
  async command(command: string, argument?: unknown): Promise<unknown> {
    await this.#told;
    const params = { command, ...(argument !== undefined && { arguments: [argument] }) };
    return await this.#running().sendRequest("workspace/executeCommand", params);
  }

  /** Settings, trust or the chosen interpreter have changed: the server asks again. */
  async configurationChanged(): Promise<void> {
    const tell = async (): Promise<void> => await this.#tellConfiguration();
    this.#told = this.#told.then(tell, tell);
    await this.#told;
  }

  async #tellConfiguration(): Promise<void> {
    if (!this.isRunning) return;
    const interpreter = await this.#interpreter(undefined);
    const params = { settings: { fastest: serverSettings(undefined, interpreter) } };
    await this.#running().sendNotification("workspace/didChangeConfiguration", params);
  }

  dispose(): void {
    void this.stop();
  }

  /** One process of the server; again whenever the client wants another, because the last one has died. */
  async #spawn(path: string): Promise<ChildProcess> {
    const started = spawn(path, ["--stdio"], { cwd: homedir(), stdio: ["pipe", "pipe", "pipe"] });
    await new Promise<void>((resolve, reject) => {
      started.once("spawn", resolve);
      started.once("error", reject);
    });
    this.#process = started;
    return started;
  }

  #running(): LanguageClient {
    if (this.#client?.isRunning() !== true) throw new Error("The Fastest server is not running.");
    return this.#client;
  }

  #find(): Found {
    const places = {
      setting: settings().serverPath,
      extension: this.#extensionPath,
      path: process.env["PATH"] ?? "",
      delimiter,
      windows: process.platform === "win32",
    };
    return findBinary(places, (path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
  }

  #fail(why: string): void {
    this.#output.error(why);
    this.#listener.down(why);
    void vscode.window.showErrorMessage(why, "Open Settings", "Show Log").then((answer) => {
      if (answer === "Open Settings") void vscode.commands.executeCommand("workbench.action.openSettings", "fastest.server.path");
      if (answer === "Show Log") this.#output.show();
    });
  }

  #options(): LanguageClientOptions {
    return {
      documentSelector: [
        { scheme: "file", language: "python" },
        { scheme: "file", pattern: "**/{pytest.ini,.pytest.ini,pytest.toml,.pytest.toml,pyproject.toml,tox.ini,setup.cfg}" },
      ],
      outputChannel: this.#output,
      initializationOptions: serverSettings(undefined, undefined),
      middleware: { workspace: { configuration: async ({ items }) => await Promise.all(items.map((item) => this.#configuration(item))) } },
    };
  }

  async #configuration({ scopeUri, section }: { scopeUri?: string; section?: string }): Promise<unknown> {
    const scope = scopeUri === undefined ? undefined : vscode.Uri.parse(scopeUri, true);
    if (section !== "fastest") return vscode.workspace.getConfiguration(section, scope);
    return serverSettings(scope, await this.#interpreter(scope));
  }

  #listen(client: LanguageClient): void {
    for (const [method, handler] of Object.entries(this.#listener.notified)) client.onNotification(method, handler);
    client.onDidChangeState(({ oldState, newState }) => {
      if (newState === State.Running) this.#listener.up();
      else if (oldState === State.Running) this.#listener.down("The Fastest server has stopped.");
    });
  }
}

/** Says in `initialize` that this client shows tests and runs. */
function capabilities(): StaticFeature {
  const ours: FastestClientCapabilities = { testItems: 2, testRuns: 1, clientCommands: CLIENT_COMMANDS };
  return {
    fillClientCapabilities(all: ClientCapabilities) {
      all.experimental = { ...(all.experimental as object | undefined), fastest: ours };
    },
    initialize: () => undefined,
    getState: () => ({ kind: "static" }),
    clear: () => undefined,
  };
}
