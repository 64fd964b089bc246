/**
 * Settings: those that the server has too (`docs/settings.schema.json`; a unit test compares), and ours.
 */

import * as vscode from "vscode";

/** The server's settings, with what only the editor knows filled in. */
export interface ServerSettings {
  interpreter: string | null;
  args: string[];
  cwd: string | null;
  env: Record<string, string>;
  workers: number | "auto";
  trusted: boolean;
  continuous: "off" | "save" | "edit";
  debounceMs: number;
  collectOnSave: boolean;
  codeLens: { enable: boolean; debug: boolean; result: boolean; cases: boolean };
  diagnostics: { failures: boolean; collection: boolean; rules: boolean; off: string[] };
  debugpyPath: string | null;
  watch: "auto" | "server" | "off";
}

/** Of the extension alone. */
export interface OwnSettings {
  serverPath: string;
  preloadLimit: number;
  runUnsaved: boolean;
  pythonTesting: PythonTesting;
}

/** What becomes of the Python extension's own testing where it is on. */
export type PythonTesting = "ask" | "replace" | "both" | "leave";

export function settings(): OwnSettings {
  const section = vscode.workspace.getConfiguration("fastest");
  return {
    serverPath: section.get("server.path", ""),
    preloadLimit: section.get("explorer.preloadLimit", 20_000),
    runUnsaved: section.get("runUnsaved", true),
    pythonTesting: section.get<PythonTesting>("pythonTesting", "ask"),
  };
}

/**
 * What the server is told for a folder (or for none). `interpreter` is the setting, else `selected`: what the
 * user has chosen in a Python extension. In a workspace that is not trusted nothing is run, whatever it says.
 */
export function serverSettings(scope: vscode.Uri | undefined, selected: string | undefined): ServerSettings {
  const section = vscode.workspace.getConfiguration("fastest", scope);
  return {
    interpreter: section.get<string | null>("interpreter", null) ?? selected ?? null,
    args: section.get("args", []),
    cwd: section.get<string | null>("cwd", null),
    env: section.get("env", {}),
    workers: section.get<number | "auto">("workers", "auto"),
    trusted: section.get<boolean>("trusted", true) && vscode.workspace.isTrusted,
    continuous: section.get<ServerSettings["continuous"]>("continuous", "off"),
    debounceMs: section.get("debounceMs", 300),
    collectOnSave: section.get("collectOnSave", true),
    codeLens: {
      enable: section.get("codeLens.enable", false),
      debug: section.get("codeLens.debug", true),
      result: section.get("codeLens.result", true),
      cases: section.get("codeLens.cases", true),
    },
    diagnostics: {
      failures: section.get("diagnostics.failures", true),
      collection: section.get("diagnostics.collection", true),
      rules: section.get("diagnostics.rules", true),
      off: section.get("diagnostics.off", []),
    },
    debugpyPath: section.get<string | null>("debugpyPath", null),
    watch: section.get<ServerSettings["watch"]>("watch", "auto"),
  };
}
