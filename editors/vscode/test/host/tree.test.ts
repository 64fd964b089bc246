import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as vscode from "vscode";
import type { Api } from "../../src/extension.ts";
import { runner } from "./support/mocha.ts";
import { eventually, extension, item, open, replace, shown } from "./support/workbench.ts";

const CART = "tests/test_cart.py";

export const run = runner(() => {
  let api: Api;

  before(async () => {
    api = await extension();
  });

  it("shows every test of a small workspace without being asked", async () => {
    await item(api, `${CART}/TestDescribe/test_full`);
    await item(api, "tests/test_kinds.py/test_error");
    const paths = [...shown(api.controller.items).keys()];
    assert.ok(!paths.includes("shop"), "a lone root is not shown");
    assert.ok(paths.includes(`${CART}/test_discount/half`), paths.join("\n"));
  });

  it("sorts in source order", async () => {
    const file = await item(api, CART);
    const inOrder = [...file.children].map(([, child]) => child).sort((a, b) => ((a.sortText ?? "") < (b.sortText ?? "") ? -1 : 1));
    assert.deepEqual(inOrder.map(({ label }) => label), ["test_total", "test_discount", "test_too_much", "TestDescribe"]);
  });

  it("puts each case at its own row", async () => {
    const { document } = await open(CART);
    for (const [label, row] of [["none", 'id="none"'], ["half", 'id="half"'], ["everything", 'id="everything"']] as const) {
      const range = (await item(api, `${CART}/test_discount/${label}`)).range;
      assert.ok(range !== undefined);
      assert.ok(document.lineAt(range.start.line).text.includes(row), `${label} at line ${range.start.line}`);
    }
  });

  it("puts the gutter mark at the name, below the decorators", async () => {
    const { document } = await open(CART);
    const { range } = await item(api, `${CART}/test_discount`);
    assert.ok(range !== undefined);
    assert.match(document.lineAt(range.start.line).text, /def test_discount/u);
  });

  it("makes tags of marks", async () => {
    const { tags } = await item(api, `${CART}/test_too_much`);
    assert.ok(tags.some(({ id }) => id === "slow"), tags.map(({ id }) => id).join());
  });

  it("shows a test when it is typed, before anything is saved, and touches no other", async () => {
    const editor = await open(CART);
    const before = shown(api.controller.items);
    await replace(editor, "class TestDescribe", "def test_typed():\n    pass\n\n\nclass TestDescribe");
    await item(api, `${CART}/test_typed`);
    assert.ok(editor.document.isDirty);
    for (const [path, known] of before) assert.equal(shown(api.controller.items).get(path), known, `${path} is the same item as before`);
  });

  it("moves ranges with the text", async () => {
    const editor = await open(CART);
    const old = (await item(api, `${CART}/TestDescribe`)).range?.start.line ?? 0;
    await replace(editor, "import pytest\n", "import pytest\n\n\n");
    await eventually("the class moved by two lines", () => shown(api.controller.items).get(`${CART}/TestDescribe`)?.range?.start.line === old + 2);
  });

  it("keeps what it knew of a file that does not parse just now, and says so", async () => {
    const editor = await open(CART);
    await replace(editor, "def test_too_much(prices):", "def test_too_much(prices");
    const full = await item(api, `${CART}/TestDescribe/test_full`);
    await replace(editor, "def test_too_much(prices", "def test_too_much(prices):");
    await eventually("everything is well again", () => shown(api.controller.items).get(`${CART}/test_too_much`)?.description === "");
    assert.equal(shown(api.controller.items).get(`${CART}/TestDescribe/test_full`), full);
  });

  it("takes a test out when its name goes", async () => {
    const editor = await open(CART);
    await replace(editor, "def test_typed", "def helper");
    await eventually("test_typed is gone", () => !shown(api.controller.items).has(`${CART}/test_typed`));
    await vscode.commands.executeCommand("workbench.action.files.revert");
  });

  it("follows files that come and go on disk", async () => {
    const { document } = await open(CART);
    const path = join(dirname(document.uri.fsPath), "test_new.py");
    writeFileSync(path, "def test_first(): pass\n");
    await item(api, "tests/test_new.py/test_first");
    rmSync(path);
    await eventually("test_new.py is gone", () => !shown(api.controller.items).has("tests/test_new.py"));
  });

  it("says of computed cases that running tells them, and why", async () => {
    const { description } = await item(api, "tests/test_kinds.py/test_computed");
    assert.ok(description !== undefined && description !== "");
  });
});
