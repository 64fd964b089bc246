/** The small pure parts: looks, words, the binary, coverage. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { statements } from "../../src/coverage/details.ts";
import { splitArguments } from "../../src/run/words.ts";
import { findBinary, misfit, type Places } from "../../src/server/binary.ts";
import { look } from "../../src/tree/present.ts";
import { account, commandLine } from "../../src/ui/account.ts";
import { statusLook } from "../../src/ui/statusLook.ts";
import type { Range, RootStatus, Status } from "../../src/protocol.ts";
import { item } from "./fake.ts";

function range(from: number, to: number): Range {
  return { start: { line: from, character: 4 }, end: { line: to, character: 9 } };
}

describe("an item's look", () => {
  test("marks become tags to filter by", () => {
    assert.deepEqual(look(item("r/t", { tags: ["mark:slow", "mark:parametrize"] })).tags, ["slow", "parametrize"]);
  });

  test("the gutter mark stands at the name, not at the decorators", () => {
    const shown = look(item("r/t", { range: range(3, 9), nameRange: range(6, 6) })).range;
    assert.deepEqual(shown, { start: { line: 6, character: 0 }, end: range(3, 9).end });
  });

  test("a case stands at its own row", () => {
    assert.deepEqual(look(item("r/t/one", { kind: "case", range: range(4, 4) })).range, range(4, 4));
  });

  test("the description says what is not certain, and why", () => {
    assert.equal(look(item("r/t", { certainty: "runtime", reason: "cases are computed" })).description, "cases are computed");
    assert.equal(look(item("r/t", { description: "2 cases" }), true).description, "2 cases · stale");
    assert.equal(look(item("r/a.py", { stale: true }), true).description, "cannot be collected just now");
    assert.equal(look(item("r/t")).description, undefined);
  });

  test("an error has a link to its place", () => {
    const error = { message: "SyntaxError", range: range(4, 4) };
    assert.equal(look(item("r/a.py", { error })).error?.place, "file:///r/a.py#L5");
  });
});

describe("arguments as typed", () => {
  const cases: [string, string[] | undefined][] = [
    ["", []],
    ["  -x   -m slow ", ["-x", "-m", "slow"]],
    ["-m 'not slow' -k \"a or b\"", ["-m", "not slow", "-k", "a or b"]],
    [String.raw`a\ b "c\"d" --x='y z'w`, ["a b", 'c"d', "--x=y zw"]],
    ["''", [""]],
    ["-m 'not slow", undefined],
    ['"', undefined],
  ];
  for (const [text, words] of cases) test(JSON.stringify(text), () => assert.deepEqual(splitArguments(text), words));

  test("come back from a command line as they were", () => {
    const args = ["-k", "a b", "it's", "$HOME", "", "a\\b", "t.py::test[x-1]"];
    assert.deepEqual(splitArguments(commandLine({ program: "pytest", args })), ["pytest", ...args]);
  });
});

describe("the binary", () => {
  const places: Places = { setting: "", extension: "/ext", path: "/usr/bin:/opt/bin", delimiter: ":", windows: false };
  const find = (more: Partial<Places>, ...files: string[]): unknown => findBinary({ ...places, ...more }, (path) => files.includes(path));

  test("is the setting's, then the carried one, then that of PATH", () => {
    const all = ["/mine", "/ext/bin/fastest-lsp", "/opt/bin/fastest-lsp"];
    assert.deepEqual(find({ setting: "/mine" }, ...all), { path: "/mine", from: "setting" });
    assert.deepEqual(find({}, ...all), { path: "/ext/bin/fastest-lsp", from: "extension" });
    assert.deepEqual(find({}, "/opt/bin/fastest-lsp"), { path: "/opt/bin/fastest-lsp", from: "PATH" });
  });

  test("has .exe on Windows", () => {
    const windows = { windows: true, extension: "C:\\ext" };
    assert.deepEqual(find(windows, "C:\\ext\\bin\\fastest-lsp.exe"), { path: "C:\\ext\\bin\\fastest-lsp.exe", from: "extension" });
  });

  test("that is nowhere is said, a wrong setting too", () => {
    assert.match((find({}) as { problem: string }).problem, /was not found/u);
    assert.match((find({ setting: "/gone" }, "/ext/bin/fastest-lsp") as { problem: string }).problem, /\/gone/u);
  });

  test("must speak our protocol", () => {
    const capabilities = (fastest: unknown): { experimental: unknown } => ({ experimental: { fastest } });
    assert.equal(misfit({ capabilities: capabilities({ testItems: 2, testRuns: 1 }) }, "x"), undefined);
    assert.match(misfit({ capabilities: capabilities({ testItems: 1, testRuns: 1 }) }, "x") ?? "", /version 2/u);
    assert.match(misfit({ capabilities: {}, serverInfo: { name: "pylsp", version: "9" } }, "x") ?? "", /pylsp 9/u);
  });
});

describe("coverage of a file", () => {
  test("branches belong to the statement of their line", () => {
    const told = { statements: [{ range: range(2, 2), count: 1 }], branches: [{ line: 3, to: -1, taken: false }, { line: 3, to: 5, taken: true }], functions: [], itemIds: [] };
    const branches = [{ taken: false, label: "to the exit" }, { taken: true, label: "to line 5" }];
    assert.deepEqual(statements(told), [{ range: range(2, 2), count: 1, branches }]);
  });

  test("a branch without a statement stands alone", () => {
    const told = { statements: [], branches: [{ line: 3, to: 5, taken: true }, { line: 3, to: 6, taken: false }], functions: [], itemIds: [] };
    assert.equal(statements(told).length, 1);
    assert.equal(statements(told)[0]?.branches.length, 2);
  });
});

describe("the status bar", () => {
  const root: RootStatus = { id: "r", rootdir: "/r", python: "/v/bin/python", pythonVersion: "3.11", pytestVersion: "9.2.0", testCount: 7 };
  const status: Status = { health: "ok", quiescent: true, roots: [root] };

  test("counts the tests of all roots", () => {
    assert.equal(statusLook({ ...status, roots: [root, root] }, undefined, 0).text, "$(beaker) 14 tests");
    assert.equal(statusLook({ ...status, roots: [{ ...root, testCount: 1 }] }, undefined, 0).text, "$(beaker) 1 test");
  });

  test("spins while something goes on", () => {
    assert.match(statusLook(status, undefined, 1).text, /sync~spin/u);
    assert.match(statusLook({ ...status, quiescent: false }, undefined, 0).text, /sync~spin/u);
    assert.match(statusLook(undefined, undefined, 0).text, /sync~spin/u);
  });

  test("says what is wrong", () => {
    const bad = statusLook({ ...status, health: "error", message: "no pytest" }, undefined, 0);
    assert.ok(bad.isError);
    assert.match(bad.tooltip, /no pytest/u);
    assert.match(statusLook(undefined, "no server", 0).tooltip, /no server/u);
  });
});

test("why did this test run so? says the command, the place, the environment and the reasons", () => {
  const text = account({
    item: item("r/a.py/t", { tags: ["mark:slow"] }),
    isStale: false,
    command: { program: "/v/bin/fastest", args: ["-k", "a b"], cwd: "/r", env: { DEBUG: "1" }, itemIds: [], notes: ["python from .venv"] },
    last: { runId: "1", outcome: "failed", durationMs: 3.25, worker: 1, reason: undefined, origin: "explorer", params: { runId: "1", mode: "run", source: "buffer", extraArgs: ["-x"] } },
    root: { id: "r", rootdir: "/r", python: "/v/bin/python", pythonVersion: "3.11", pytestVersion: "9.2.0", configFile: "/r/pytest.ini", testCount: 1 },
  });
  for (const part of ["/v/bin/fastest -k 'a b'", "`/r`", "DEBUG=1", "python from .venv", "failed after 3.3 ms", "worker 1", "unsaved changes included", "`-x`", "pytest 9.2.0", "/r/pytest.ini", "`mark:slow`"]) {
    assert.ok(text.includes(part), `${part} in\n${text}`);
  }
});
