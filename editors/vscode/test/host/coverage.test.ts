import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { Api } from "../../src/extension.ts";
import { runner } from "./support/mocha.ts";
import { type RecordedRun, recordRuns } from "./support/record.ts";
import { runAt } from "./support/run.ts";
import { extension, item, open, replace } from "./support/workbench.ts";

const CART = "tests/test_cart.py";

export const run = runner(() => {
  let api: Api;
  let runs: RecordedRun[];
  let covered: RecordedRun;

  before(async () => {
    api = await extension();
    runs = recordRuns(api);
    await item(api, `${CART}/test_total`);
    covered = await runAt(api, runs, [`${CART}/test_total`, `${CART}/TestDescribe/test_empty`], "coverage");
  });

  it("sums up each file", () => {
    const { statementCoverage, branchCoverage } = cart(covered);
    assert.ok(statementCoverage.covered > 0 && statementCoverage.covered < statementCoverage.total, JSON.stringify(statementCoverage));
    assert.ok(branchCoverage !== undefined && branchCoverage.covered < branchCoverage.total, JSON.stringify(branchCoverage));
  });

  it("counts functions", () => {
    const { declarationCoverage } = cart(covered);
    assert.deepEqual([declarationCoverage?.covered, declarationCoverage?.total], [2, 2]);
  });

  it("tells lines and branches when a file is looked at", async () => {
    const lines = await statementsOf(api, covered);
    assert.equal(lines.get("amount = sum(prices)")?.executed, 1);
    assert.equal(lines.get('raise ValueError("a discount is at most 100 percent")')?.executed, 0);
    const branches = lines.get("if discount > 100:")?.branches.map(({ executed }) => Boolean(executed));
    assert.deepEqual(branches?.sort(), [false, true]);
  });

  it("tells what one test ran", async () => {
    const tests = cart(covered).includesTests?.map(({ label }) => label).sort();
    assert.deepEqual(tests, ["test_empty", "test_total"]);
    const total = await statementsOf(api, covered, await item(api, `${CART}/test_total`));
    const empty = await statementsOf(api, covered, await item(api, `${CART}/TestDescribe/test_empty`));
    assert.ok(total.get("amount = sum(prices)")?.executed);
    assert.ok(!total.get('return "empty"')?.executed);
    assert.ok(empty.get('return "empty"')?.executed);
    assert.ok(!empty.get("amount = sum(prices)")?.executed);
  });

  it("measures an unsaved document as it stands", async () => {
    const editor = await open("shop/cart.py");
    await replace(editor, "    amount = sum(prices)", "    # Added,\n    # not saved.\n    amount = sum(\n        prices\n    )");
    const unsaved = await runAt(api, runs, [`${CART}/test_total`], "coverage");
    const lines = await statementsOf(api, unsaved);
    assert.equal(lines.get("amount = sum(")?.executed, 1);
    assert.equal(lines.get('raise ValueError("a discount is at most 100 percent")')?.executed, 0);
    assert.ok(editor.document.isDirty);
    await vscode.commands.executeCommand("workbench.action.files.revert");
  });
});

function cart({ coverage }: RecordedRun): vscode.FileCoverage {
  const found = coverage.find(({ uri }) => uri.path.endsWith("/shop/cart.py"));
  assert.ok(found !== undefined, coverage.map(({ uri }) => uri.path).join());
  return found;
}

/** Statements of cart.py by their text, all that ran or did not, or what one test ran. */
async function statementsOf(api: Api, run: RecordedRun, test?: vscode.TestItem): Promise<Map<string, vscode.StatementCoverage>> {
  const profile = api.profile("coverage");
  const { token } = new vscode.CancellationTokenSource();
  const told = test === undefined ? await profile?.loadDetailedCoverage?.(run.run, cart(run), token) : await profile?.loadDetailedCoverageForTest?.(run.run, cart(run), test, token);
  const { document } = await open("shop/cart.py");
  const statements = (told ?? []).filter((detail) => detail instanceof vscode.StatementCoverage);
  const line = ({ location }: vscode.StatementCoverage): number => (location instanceof vscode.Position ? location.line : location.start.line);
  return new Map(statements.map((statement) => [document.lineAt(line(statement)).text.trim(), statement]));
}
