/** Runs in a terminal: as a task, so that arguments are passed as they are and no shell takes them apart. */

import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import type { ResolveRunResult } from "../protocol.ts";

export async function runInTerminal({ program, args, cwd, env }: ResolveRunResult): Promise<void> {
  const execution = new vscode.ProcessExecution(program, args, { cwd, env });
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(cwd)) ?? vscode.TaskScope.Workspace;
  // An id of its own: the editor would ask what to do with another one of the same that still runs.
  const definition = { type: "fastest", id: randomUUID() };
  const task = new vscode.Task(definition, folder, "tests", "fastest", execution, []);
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, panel: vscode.TaskPanelKind.Shared, clear: true };
  await vscode.tasks.executeTask(task);
}
