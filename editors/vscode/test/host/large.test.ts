import assert from "node:assert/strict";
import type { Api } from "../../src/extension.ts";
import { runner } from "./support/mocha.ts";
import { recordRuns } from "./support/record.ts";
import { runAt } from "./support/run.ts";
import { eventually, extension, item, open, replace, shown } from "./support/workbench.ts";

/** 100 files of 75 functions and one with 25 cases; the folder, the files and the parametrized function are items too. */
const TESTS = 10_000;
const ITEMS = 1 + 100 * (1 + 76 + 25);

export const run = runner(() => {
  let api: Api;

  before(async () => {
    api = await extension();
  });

  it("shows 10,000 tests", async () => {
    const began = Date.now();
    await item(api, "tests");
    const first = Date.now() - began;
    await item(api, "tests/test_099.py/test_cases/24");
    console.log(`host: first items ${first} ms after the extension was active, all ${ITEMS} after ${Date.now() - began} ms`);
    await eventually("nothing is missing", () => shown(api.controller.items).size === ITEMS);
  });

  it("follows a keystroke among them by touching one item", async () => {
    const editor = await open("tests/test_050.py");
    const before = shown(api.controller.items);
    const began = Date.now();
    await replace(editor, "def test_7():", "def test_7x():");
    await item(api, "tests/test_050.py/test_7x");
    console.log(`host: a renamed test is on the screen ${Date.now() - began} ms after the edit began`);
    const after = shown(api.controller.items);
    const changed = [...after].filter(([path, found]) => before.get(path) !== found).map(([path]) => path);
    assert.deepEqual(changed, ["tests/test_050.py/test_7x"]);
  });

  it("runs them all", async () => {
    const began = Date.now();
    const { said } = await runAt(api, recordRuns(api), undefined);
    assert.equal(said.filter(({ state }) => state === "passed").length, TESTS);
    console.log(`host: ${TESTS} tests ran and were shown in ${Date.now() - began} ms`);
  });
});
