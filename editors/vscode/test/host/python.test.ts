import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { Api } from "../../src/extension.ts";
import { runner } from "./support/mocha.ts";
import { outcomes, type RecordedRun, recordRuns } from "./support/record.ts";
import { begin, runAt } from "./support/run.ts";
import { eventually, extension, item, shown } from "./support/workbench.ts";

const TOTAL = "tests/test_cart.py/test_total";

export const run = runner(() => {
  let api: Api;
  let runs: RecordedRun[];

  before(async () => {
    api = await extension();
    runs = recordRuns(api);
    await item(api, TOTAL);
  });

  it("needs no setting: the environment of the project is found", async () => {
    const root = await eventually("an interpreter", () => api.status()?.roots.find(({ pytestVersion }) => pytestVersion !== undefined));
    assert.match(root.python ?? "", /\.venv/u);
    assert.equal(root.pytestVersion, "9.2.0");
  });

  for (const id of ["ms-python.python", "ms-python.vscode-python-envs"]) {
    it(`follows the interpreter that is chosen in ${id}`, async () => {
      const extension = vscode.extensions.getExtension<{ choose: (path: string | undefined) => void }>(id);
      assert.ok(extension !== undefined);
      const { choose } = await extension.activate();
      const found = api.status()?.roots[0]?.python;
      choose("/nowhere/bin/python");
      await eventually("the server has heard of it", () => api.status()?.roots[0]?.python !== found);
      choose(undefined);
      await eventually("the server finds its own again", () => api.status()?.roots[0]?.python === found);
      assert.equal(outcomes(await runAt(api, runs, [TOTAL])).get("tests/test_cart.py::test_total"), "passed");
    });
  }

  it("runs nothing where running is not trusted, says so, and still shows every test", async () => {
    const { showErrorMessage } = vscode.window;
    const said: string[] = [];
    Object.assign(vscode.window, { showErrorMessage: (text: string) => (said.push(text), Promise.resolve(undefined)) });
    const section = vscode.workspace.getConfiguration("fastest");
    try {
      await section.update("trusted", false, vscode.ConfigurationTarget.Workspace);
      await eventually("a refusal", () => {
        if (runs.every((run) => run.ended)) void begin(api, [TOTAL]);
        return said.length > 0;
      });
      assert.match(said[0] ?? "", /trust/iu);
      assert.ok(shown(api.controller.items).has(TOTAL));
    } finally {
      await section.update("trusted", undefined, vscode.ConfigurationTarget.Workspace);
      Object.assign(vscode.window, { showErrorMessage });
    }
  });

  describe("where the Python extension shows tests itself", () => {
    const theirs = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration("python.testing");
    const { showInformationMessage } = vscode.window;
    let answer: string | undefined;
    let asked = 0;

    before(() => {
      Object.assign(vscode.window, { showInformationMessage: () => ((asked += 1), Promise.resolve(answer)) });
    });

    after(() => Object.assign(vscode.window, { showInformationMessage }));

    it("keeps still until somebody has decided, so that no test is there twice", async () => {
      answer = undefined;
      await theirs().update("pytestEnabled", true, vscode.ConfigurationTarget.Workspace);
      await eventually("no test is shown", () => shown(api.controller.items).size === 0);
      assert.equal(asked, 1);
    });

    it("shows both when that is wanted", async () => {
      await vscode.workspace.getConfiguration("fastest").update("pythonTesting", "both", vscode.ConfigurationTarget.Workspace);
      await item(api, TOTAL);
    });

    it("leaves them to the Python extension for good", async () => {
      await vscode.workspace.getConfiguration("fastest").update("pythonTesting", "leave", vscode.ConfigurationTarget.Workspace);
      await eventually("no test is shown", () => shown(api.controller.items).size === 0);
    });

    it("turns the other one off", async () => {
      answer = "Use Fastest Here";
      await vscode.workspace.getConfiguration("fastest").update("pythonTesting", undefined, vscode.ConfigurationTarget.Workspace);
      await item(api, TOTAL);
      assert.equal(theirs().get("pytestEnabled"), false);
    });
  });
});
