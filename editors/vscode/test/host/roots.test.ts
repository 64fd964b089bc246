import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { Api } from "../../src/extension.ts";
import { runner } from "./support/mocha.ts";
import { outcomes, type RecordedRun, recordRuns } from "./support/record.ts";
import { runAt } from "./support/run.ts";
import { eventually, extension, item, shown } from "./support/workbench.ts";

export const run = runner(() => {
  let api: Api;
  let runs: RecordedRun[];

  before(async () => {
    api = await extension();
    runs = recordRuns(api);
  });

  it("shows each folder of the workspace as a root", async () => {
    await item(api, "one/tests/test_same.py/test_name");
    await item(api, "two/tests/test_same.py/test_name");
  });

  it("runs files and conftests of the same names apart, in one run", async () => {
    const all = await runAt(api, runs, undefined);
    assert.deepEqual(all.said.filter(({ state }) => state === "passed").length, 2, JSON.stringify([...outcomes(all)]));
  });

  it("follows folders that are taken out: the last one left needs no root", async () => {
    assert.ok(vscode.workspace.updateWorkspaceFolders(1, 1));
    await eventually("the second root is gone", () => shown(api.controller.items).has("tests/test_same.py/test_name"));
  });
});
