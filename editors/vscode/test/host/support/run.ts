/** Starts runs as a click does. */

import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { Api } from "../../../src/extension.ts";
import type { RecordedRun } from "./record.ts";
import { eventually, item } from "./workbench.ts";

type Mode = "run" | "debug" | "coverage";

/** Runs the items at these paths (all without any) and waits for the end; returns what was said. */
export async function runAt(api: Api, runs: RecordedRun[], paths: string[] | undefined, mode: Mode = "run", more: { exclude?: string[] } = {}): Promise<RecordedRun> {
  const count = runs.length;
  await begin(api, paths, mode, more);
  return await ended(runs, count);
}

/** Starts a run like `runAt`, and does not wait; the source cancels it. */
export async function begin(api: Api, paths: string[] | undefined, mode: Mode = "run", more: { exclude?: string[] } = {}): Promise<vscode.CancellationTokenSource> {
  const include = paths && (await Promise.all(paths.map((path) => item(api, path))));
  const exclude = more.exclude && (await Promise.all(more.exclude.map((path) => item(api, path))));
  const profile = api.profile(mode);
  assert.ok(profile !== undefined);
  const source = new vscode.CancellationTokenSource();
  void profile.runHandler(new vscode.TestRunRequest(include, exclude, profile), source.token);
  return source;
}

/** The run that came after so many others, once it has ended. */
export async function ended(runs: RecordedRun[], after: number): Promise<RecordedRun> {
  return await eventually("the run's end", () => {
    const run = runs[after];
    return run?.ended === true && run;
  });
}
