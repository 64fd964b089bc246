import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { Api } from "../../src/extension.ts";
import { runner } from "./support/mocha.ts";
import { last, messageText, outcomes, type RecordedRun, recordRuns } from "./support/record.ts";
import { begin, ended, runAt } from "./support/run.ts";
import { eventually, extension, item, open, replace, shown } from "./support/workbench.ts";

const CART = "tests/test_cart.py";
const KINDS = "tests/test_kinds.py";

export const run = runner(() => {
  let api: Api;
  let runs: RecordedRun[];

  before(async () => {
    api = await extension();
    runs = recordRuns(api);
    await item(api, `${KINDS}/test_error`);
  });

  afterEach(async () => {
    for (const document of vscode.workspace.textDocuments.filter(({ isDirty }) => isDirty)) {
      await vscode.window.showTextDocument(document);
      await vscode.commands.executeCommand("workbench.action.files.revert");
    }
  });

  it("runs everything, and one file that cannot be imported fails alone", async () => {
    const all = await runAt(api, runs, undefined);
    const states = outcomes(all);
    const expected = {
      [`${CART}::test_total`]: "passed",
      [`${CART}::test_discount[half]`]: "passed",
      [`${CART}::TestDescribe::test_full`]: "passed",
      [`${KINDS}::test_fails`]: "failed",
      [`${KINDS}::test_skipped`]: "skipped",
      [`${KINDS}::test_expected_failure`]: "skipped",
      [`${KINDS}::test_error`]: "errored",
      [`${KINDS}::test_prints`]: "passed",
      "tests/test_broken.py": "errored",
    };
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((node) => [node, states.get(node)])), expected);
    assert.match(text(all, "tests/test_broken.py"), /No module named 'shop.nowhere'/u);
  });

  it("shows states as they come, not at the end", () => {
    const said = runs.at(-1)?.said.map(({ state }) => state) ?? [];
    const firstEnd = said.findIndex((state) => state === "passed" || state === "failed");
    assert.ok(firstEnd < said.lastIndexOf("started"), "a test has ended before the last one started");
  });

  it("shows expected and actual, at the failing line, with frames", async () => {
    const failing = last(await runAt(api, runs, [`${KINDS}/test_fails`]), `${KINDS}::test_fails`);
    const message = failing?.messages[0];
    assert.ok(message?.expectedOutput?.includes("4") === true, message?.expectedOutput);
    assert.ok(message.actualOutput?.includes("3") === true, message.actualOutput);
    assert.ok(message.location !== undefined);
    const { document } = await open(KINDS);
    assert.match(document.lineAt(message.location.range.start.line).text, /assert found ==/u);
    assert.ok((failing?.durationMs ?? 0) > 0);
  });

  it("leads from a helper's assertion to the test", async () => {
    const message = last(await runAt(api, runs, [`${KINDS}/test_fails_in_helper`]), `${KINDS}::test_fails_in_helper`)?.messages[0];
    assert.ok(message !== undefined);
    assert.deepEqual(message.stackTrace?.map(({ label }) => label).slice(0, 2), ["helper", "test_fails_in_helper"]);
    assert.match(messageText(message), /too small/u);
  });

  it("shows each subtest, and fails the test of a failed one", async () => {
    const states = outcomes(await runAt(api, runs, [`${KINDS}/test_subtests`]));
    const test = await item(api, `${KINDS}/test_subtests`);
    const subtests = [...test.children].map(([, child]) => child);
    assert.equal(subtests.length, 3, subtests.map(({ label }) => label).join());
    assert.equal(states.get(`${KINDS}::test_subtests`), "failed");
  });

  it("finds computed cases by running them", async () => {
    const states = outcomes(await runAt(api, runs, [`${KINDS}/test_computed`]));
    await item(api, `${KINDS}/test_computed/8`);
    assert.deepEqual([7, 8, 9].map((number) => states.get(`${KINDS}::test_computed[${number}]`)), ["passed", "failed", "passed"]);
  });

  it("keeps each test's output with the test, colours too", async () => {
    const { outputOf } = await runAt(api, runs, [`${KINDS}/test_prints`]);
    assert.ok(outputOf.get(`${KINDS}::test_prints`)?.includes("\u001B[32mgreen\u001B[0m words\r\n") === true, JSON.stringify([...outputOf]));
  });

  it("runs one case, and leaves out what is excluded", async () => {
    const one = outcomes(await runAt(api, runs, [`${CART}/test_discount/half`]));
    assert.deepEqual([...one.keys()], [`${CART}::test_discount[half]`]);
    const without = outcomes(await runAt(api, runs, [CART], "run", { exclude: [`${CART}/TestDescribe`, `${CART}/test_discount/none`] }));
    assert.deepEqual([...without.keys()].sort(), [`${CART}::test_discount[everything]`, `${CART}::test_discount[half]`, `${CART}::test_too_much`, `${CART}::test_total`]);
  });

  it("runs unsaved documents as they are, tests and what they import", async () => {
    const editor = await open("shop/cart.py");
    await replace(editor, "amount = sum(prices)", "amount = sum(prices) + 1");
    const failing = last(await runAt(api, runs, [`${CART}/test_total`]), `${CART}::test_total`);
    assert.equal(failing?.state, "failed");
    assert.match(failing.messages.map(messageText).join(), /61/u);
    assert.ok(editor.document.isDirty);
    await vscode.commands.executeCommand("workbench.action.files.revert");
    assert.equal(last(await runAt(api, runs, [`${CART}/test_total`]), `${CART}::test_total`)?.state, "passed");
  });

  it("runs the test at the cursor, which was just typed", async () => {
    const editor = await open(CART);
    await replace(editor, "class TestDescribe", "def test_typed():\n    assert 1 + 1 == 2\n\n\nclass TestDescribe");
    const line = editor.document.getText().split("\n").findIndex((text) => text.includes("1 + 1"));
    editor.selection = new vscode.Selection(line, 4, line, 4);
    const count = runs.length;
    await vscode.commands.executeCommand("fastest.runAtCursor");
    assert.deepEqual([...outcomes(await ended(runs, count))], [[`${CART}::test_typed`, "passed"]]);
    await vscode.commands.executeCommand("workbench.action.files.revert");
  });

  it("runs the current file, and the tests that a module affects", async () => {
    await open(CART);
    let count = runs.length;
    await vscode.commands.executeCommand("fastest.runCurrentFile");
    assert.equal(outcomes(await ended(runs, count)).size, 7);
    await open("shop/cart.py");
    count = runs.length;
    await vscode.commands.executeCommand("fastest.runAffected");
    const affected = outcomes(await ended(runs, count));
    assert.ok(affected.has(`${CART}::test_total`));
    assert.ok(!affected.has(`${KINDS}::test_fails`));
  });

  it("reruns what failed", async () => {
    await runAt(api, runs, [KINDS]);
    const count = runs.length;
    await vscode.commands.executeCommand("fastest.rerunFailedTests");
    const again = outcomes(await ended(runs, count));
    assert.ok(again.has(`${KINDS}::test_fails`));
    assert.ok(!again.has(`${KINDS}::test_prints`));
  });

  it("passes arguments for one run", async () => {
    const ask = vscode.window.showInputBox;
    Object.assign(vscode.window, { showInputBox: () => Promise.resolve("-k 'total or empty'") });
    const count = runs.length;
    try {
      await vscode.commands.executeCommand("fastest.runWithArguments", await item(api, CART));
    } finally {
      Object.assign(vscode.window, { showInputBox: ask });
    }
    const finished = (await ended(runs, count)).said.filter(({ state }) => state === "passed");
    assert.equal(finished.length, 2);
  });

  it("cancels at once, and the next run is well", async () => {
    const editor = await open(CART);
    await replace(editor, "class TestDescribe", "def test_sleeps():\n    import time\n    time.sleep(50)\n\n\nclass TestDescribe");
    await item(api, `${CART}/test_sleeps`);
    const count = runs.length;
    const source = await begin(api, [`${CART}/test_sleeps`]);
    await eventually("it runs", () => runs[count]?.said.some(({ state }) => state === "started"));
    const cancelled = Date.now();
    source.cancel();
    await ended(runs, count);
    assert.ok(Date.now() - cancelled < 30_000, "it did not sleep to its end");
    await vscode.commands.executeCommand("workbench.action.files.revert");
    assert.equal(outcomes(await runAt(api, runs, [`${CART}/test_total`])).get(`${CART}::test_total`), "passed");
  });

  it("runs again in rounds when a file is saved, those tests that are affected", async () => {
    const source = new vscode.CancellationTokenSource();
    const profile = api.profile("run");
    assert.ok(profile !== undefined);
    const file = await item(api, CART);
    const count = runs.length;
    const lasting = profile.runHandler(new vscode.TestRunRequest([file], undefined, profile, true), source.token);
    await lasting;
    const editor = await open("shop/cart.py");
    await replace(editor, "amount = sum(prices)", "amount = sum(prices) + 1");
    await editor.document.save();
    const round = await ended(runs, count);
    assert.equal(outcomes(round).get(`${CART}::test_total`), "failed");
    assert.equal(round.request.continuous, true);
    source.cancel();
    await replace(editor, "amount = sum(prices) + 1", "amount = sum(prices)");
    await editor.document.save();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.equal(runs.length, count + 1, "no round after it was turned off");
  });

  it("tells why a test ran so", async () => {
    await runAt(api, runs, [`${CART}/test_discount/half`]);
    await vscode.commands.executeCommand("fastest.why", await item(api, `${CART}/test_discount/half`));
    const shownText = await eventually("the account", () => {
      const document = vscode.window.activeTextEditor?.document;
      return document?.uri.scheme === "fastest-why" && document.getText();
    });
    for (const part of ["test_discount[half]", "## Exact command", "## Working directory", ".venv", "pytest 9.2.0", "passed after"]) {
      assert.ok(shownText.includes(part), `${part} in\n${shownText}`);
    }
  });

  it("runs in a terminal, where its outcome is pytest's, and shows it here too", async () => {
    const count = runs.length;
    const codes: (number | undefined)[] = [];
    const listening = vscode.tasks.onDidEndTaskProcess(({ exitCode }) => codes.push(exitCode));
    await vscode.commands.executeCommand("fastest.runInTerminal", await item(api, KINDS));
    await vscode.commands.executeCommand("fastest.runInTerminal", await item(api, `${CART}/test_total`));
    await eventually("both have ended", () => codes.length === 2);
    listening.dispose();
    assert.deepEqual(codes.sort(), [0, 1]);
    const told = await eventually("both are shown", () => runs.length === count + 2 && runs.slice(count).every((run) => run.ended) && runs.slice(count));
    const states = new Map(told.flatMap((run) => [...outcomes(run)]));
    assert.deepEqual([`${CART}::test_total`, `${KINDS}::test_fails`].map((node) => states.get(node)), ["passed", "failed"]);
  });

  it("survives the death of the server: the run ends, the tests come back", async () => {
    const editor = await open(CART);
    await replace(editor, "class TestDescribe", "def test_sleeps():\n    import time\n    time.sleep(50)\n\n\nclass TestDescribe");
    await item(api, `${CART}/test_sleeps`);
    const count = runs.length;
    await begin(api, [`${CART}/test_sleeps`]);
    await eventually("it runs", () => runs[count]?.said.some(({ state }) => state === "started"));
    const pid = api.client.pid;
    assert.ok(pid !== undefined);
    process.kill(pid, "SIGKILL");
    await ended(runs, count);
    await eventually("another server is up", () => api.client.pid !== undefined && api.client.pid !== pid);
    await vscode.commands.executeCommand("workbench.action.files.revert");
    await item(api, `${CART}/test_total`);
    assert.equal(outcomes(await runAt(api, runs, [`${CART}/test_total`])).get(`${CART}::test_total`), "passed");
    assert.ok(shown(api.controller.items).has(`${KINDS}/test_error`));
  });
});

function text(run: RecordedRun, node: string): string {
  return last(run, node)?.messages.map(messageText).join("\n") ?? "";
}
