import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Change, TestStore } from "../../src/tree/store.ts";
import type { Range, TestsReport } from "../../src/protocol.ts";
import { item } from "./fake.ts";
import { example } from "./page.ts";

function report(items: string[], scopes: string[] = [], removed: string[] = []): TestsReport {
  return { generation: 1, items: items.map((id) => item(id)), scopes, removed };
}

/** `+id` for what is new, `~id` for what changed, `>id` for what moved, `-id` for what is gone. */
function told(changes: Change[]): string[] {
  return changes.map((change) => {
    if (change.type === "removed") return `-${change.id}`;
    return `${change.type === "moved" ? ">" : change.isNew ? "+" : "~"}${change.item.id}`;
  });
}

describe("a report", () => {
  test("puts items in, and again in their place", () => {
    const store = new TestStore();
    assert.deepEqual(told(store.apply(report(["r", "r/a.py"]))), ["+r", "+r/a.py"]);
    assert.deepEqual(told(store.apply(report(["r/a.py"]))), ["~r/a.py"]);
    assert.deepEqual(store.children("r"), ["r/a.py"]);
  });

  test("takes out what a scope no longer lists, and all below", () => {
    const store = new TestStore();
    store.apply(report(["r", "r/a.py", "r/a.py/t", "r/b.py"]));
    assert.deepEqual(told(store.apply(report(["r/b.py"], ["r"]))), ["~r/b.py", "-r/a.py"]);
    assert.equal(store.get("r/a.py/t"), undefined);
    assert.equal(store.size, 2);
  });

  test("keeps the children of an item that is put again", () => {
    const store = new TestStore();
    store.apply(report(["r", "r/a.py", "r/a.py/t"], ["r/a.py"]));
    store.apply(report(["r/a.py"]));
    assert.deepEqual(store.children("r/a.py"), ["r/a.py/t"]);
    assert.ok(store.isListed("r/a.py"));
  });

  test("removes before it puts: an item may move", () => {
    const store = new TestStore();
    store.apply(report(["r", "r/a.py", "r/a.py/t"]));
    assert.deepEqual(told(store.apply(report(["r/a.py"], [], ["r/a.py"]))), ["-r/a.py", "+r/a.py"]);
    assert.deepEqual(store.children("r/a.py"), []);
  });

  test("may name what is not there: nothing happens", () => {
    const store = new TestStore();
    assert.deepEqual(store.apply(report([], ["nobody"], ["nowhere"])), []);
  });
});

describe("an edit", () => {
  const range = (from: number, to: number): Range => ({ start: { line: from, character: 4 }, end: { line: to, character: 9 } });
  const lines = (store: TestStore, id: string): (number | undefined)[] => {
    const found = store.get(id);
    return [found?.version, found?.range?.start.line, found?.range?.end.line, found?.nameRange?.start.line];
  };

  test("moves what is below the file, and grows what spans it", () => {
    const store = new TestStore();
    store.apply(report(["r", "r/a.py", "r/a.py/t", "r/a.py/u", "r/b.py", "r/b.py/t"]));
    for (const [id, from, to] of [["r/a.py/t", 3, 7], ["r/a.py/u", 9, 9], ["r/b.py/t", 9, 9]] as const) {
      store.apply({ ...report([]), items: [item(id, { range: range(from, to), nameRange: range(from, from) })] });
    }
    const moved = [{ id: "r/a.py", version: 5, fromLine: 5, lines: 2 }, { id: "r/a.py", version: 5, fromLine: 11, lines: -1 }];
    assert.deepEqual(told(store.apply({ ...report([]), moved })), [">r/a.py/t", ">r/a.py/u", ">r/a.py/u"]);
    assert.deepEqual(lines(store, "r/a.py/t"), [5, 3, 9, 3]);
    assert.deepEqual(lines(store, "r/a.py/u"), [5, 10, 10, 10]);
    assert.deepEqual(lines(store, "r/b.py/t"), [undefined, 9, 9, 9]);
  });

  test("that leaves a file broken makes all below it stale", () => {
    const store = new TestStore();
    store.apply(report(["r", "r/a.py", "r/a.py/t", "r/b.py"]));
    const broken = { ...report([]), items: [item("r/a.py", { stale: true })] };
    assert.deepEqual(told(store.apply(broken)), ["~r/a.py", "~r/a.py/t"]);
    assert.deepEqual(["r", "r/a.py", "r/a.py/t", "r/b.py"].filter((id) => store.isStale(id)), ["r/a.py", "r/a.py/t"]);
    assert.deepEqual(told(store.apply(broken)), ["~r/a.py"]);
    assert.deepEqual(told(store.apply(report(["r/a.py"]))), ["~r/a.py", "~r/a.py/t"]);
  });
});

describe("an item that comes before its parents", () => {
  test("is kept, and told when they have come", () => {
    const store = new TestStore();
    store.apply(report(["r"]));
    assert.deepEqual(told(store.apply(report(["r/d.dir/a.py", "r/d.dir/a.py/t"]))), []);
    assert.deepEqual(store.detached().map(({ id }) => id), ["r/d.dir/a.py"]);
    assert.deepEqual(told(store.apply(report(["r/d.dir"]))), ["+r/d.dir", "+r/d.dir/a.py", "+r/d.dir/a.py/t"]);
    assert.deepEqual(store.detached(), []);
  });

  test("goes with a scope that does not list it", () => {
    const store = new TestStore();
    store.apply(report(["r", "r/d.dir/a.py"]));
    store.apply(report(["r/d.dir", "r/d.dir/b.py"], ["r/d.dir"]));
    assert.equal(store.get("r/d.dir/a.py"), undefined);
  });
});

test("the page's examples apply", () => {
  const store = new TestStore();
  store.apply(example("discover-root-result") as TestsReport);
  store.apply(example("discover-file-result") as TestsReport);
  const file = "file:///home/me/shop//tests/test_cart.py";
  assert.deepEqual(store.children(`${file}::test_total`), [`${file}::test_total[two]`]);
  assert.ok(!store.isAttached(file), "the folder between was not asked for");
  store.apply((example("tests-changed") as { params: TestsReport }).params);
  assert.equal(store.generation, 2);
  const full = `${file}::TestCart::test_full`;
  const line = store.get(full)?.range?.start.line ?? 0;
  store.apply((example("tests-moved") as { params: TestsReport }).params);
  assert.equal(store.get(full)?.range?.start.line, line, "the class between was not told of: it is not below the file");
  assert.equal(store.get(`${file}::test_total[two]`)?.range?.start.line, 12);
  assert.deepEqual(store.filesAt("file:///home/me/shop/tests/test_cart.py"), [file]);
});

test("one edit in a tree of 10,000 tests tells of one item", () => {
  const store = new TestStore();
  const tests = Array.from({ length: 10_000 }, (_, index) => `r/f${index % 100}.py/t${index}`);
  const files = Array.from({ length: 100 }, (_, index) => `r/f${index}.py`);
  store.apply(report(["r", ...files, ...tests]));
  assert.deepEqual(told(store.apply(report(["r/f7.py/t7"]))), ["~r/f7.py/t7"]);
});
