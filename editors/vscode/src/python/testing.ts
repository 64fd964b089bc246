/**
 * Peace with the Python extension's own testing: where it is on, it would show every test a second time.
 * The user decides once; until then Fastest shows nothing, so that no test is ever there twice unasked.
 */

import * as vscode from "vscode";
import { settings } from "../server/settings.ts";

const THEIRS = ["pytestEnabled", "unittestEnabled"] as const;
const REPLACE = "Use Fastest Here";
const LEAVE = "Keep Python's";
const BOTH = "Show Both";

/** Whether this workspace's tests are to be shown; asks where the setting says so, and remembers the answer. */
export async function mayShowTests(): Promise<boolean> {
  if (!isTheirsOn()) return true;
  switch (settings().pythonTesting) {
    case "both":
      return true;
    case "leave":
      return false;
    case "replace":
      await turnTheirsOff();
      return true;
    case "ask":
      return await ask();
  }
}

/** Whether the Python extension is there and shows tests itself, in any folder. */
export function isTheirsOn(): boolean {
  if (vscode.extensions.getExtension("ms-python.python") === undefined) return false;
  const folders = vscode.workspace.workspaceFolders ?? [];
  return folders.some(({ uri }) => {
    const section = vscode.workspace.getConfiguration("python.testing", uri);
    return THEIRS.some((name) => section.get<boolean>(name, false));
  });
}

async function ask(): Promise<boolean> {
  const question = "The Python extension's own testing is on in this workspace, and would show every test a second time. Who should show them?";
  const answer = await vscode.window.showInformationMessage(question, REPLACE, LEAVE, BOTH);
  const ours = vscode.workspace.getConfiguration("fastest");
  const remember = async (value: string): Promise<void> => await ours.update("pythonTesting", value, vscode.ConfigurationTarget.Workspace);
  if (answer === REPLACE) await turnTheirsOff();
  if (answer === LEAVE) await remember("leave");
  if (answer === BOTH) await remember("both");
  return answer === REPLACE || answer === BOTH;
}

async function turnTheirsOff(): Promise<void> {
  for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
    const section = vscode.workspace.getConfiguration("python.testing", uri);
    for (const name of THEIRS) {
      if (section.get<boolean>(name, false)) await section.update(name, false, vscode.ConfigurationTarget.WorkspaceFolder);
    }
  }
}
