/**
 * The debugger is that of the Python Debugger extension, through its debug type `debugpy`: the server's process
 * listens, the editor attaches. Nothing here starts Python. Where a test fails, the server's process stops as for
 * an exception that nobody catches: the box "Uncaught Exceptions" says whether it does.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import type { DebugConfiguration } from "../protocol.ts";

const TYPE = "debugpy";
const EXTENSION = "ms-python.debugpy";

/** Whether some extension can debug Python. */
export function hasDebugger(): boolean {
  return vscode.extensions.all.some(({ packageJSON }) => debuggerTypes(packageJSON).includes(TYPE));
}

/** Says that the debugger is missing, and offers to install it. */
export async function offerDebugger(): Promise<void> {
  const install = "Install Python Debugger";
  const why = "Debugging tests needs the Python Debugger extension (ms-python.debugpy), which is not installed or is disabled.";
  const answer = await vscode.window.showErrorMessage(why, install);
  if (answer === install) await vscode.commands.executeCommand("workbench.extensions.installExtension", EXTENSION);
}

/** The debugpy that the extension brings along, for projects that have none. */
export function debugpyPath(): string | undefined {
  const extension = vscode.extensions.getExtension(EXTENSION);
  const libraries = extension && join(extension.extensionPath, "bundled", "libs");
  return libraries !== undefined && existsSync(join(libraries, "debugpy")) ? libraries : undefined;
}

/** Attaches to the run's process; `stop` ends the run when the session ends, or never comes about. */
export async function attachDebugger(
  configuration: DebugConfiguration,
  run: vscode.TestRun,
  runId: string,
  uri: string | undefined,
  stop: (force: boolean) => void,
): Promise<void> {
  const marked = { ...configuration, fastestRunId: runId };
  const ended = vscode.debug.onDidTerminateDebugSession((session) => {
    if (session.configuration["fastestRunId"] !== runId || session.parentSession !== undefined) return;
    ended.dispose();
    stop(false);
  });
  const folder = uri === undefined ? undefined : vscode.workspace.getWorkspaceFolder(vscode.Uri.parse(uri, true));
  const started = await vscode.debug.startDebugging(folder, marked, { testRun: run });
  if (started) return;
  ended.dispose();
  stop(true);
}

function debuggerTypes(manifest: unknown): unknown[] {
  const { contributes } = manifest as { contributes?: { debuggers?: { type?: unknown }[] } };
  return (contributes?.debuggers ?? []).map(({ type }) => type);
}
