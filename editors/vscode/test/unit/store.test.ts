import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Change, TestStore } from "../../src/tree/store.ts";
import type { TestsReport } from "../../src/protocol.ts";
import { item } from "./fake.ts";
import { example } from "./page.ts";

function report(items: string[], scopes: string[] = [], removed: string[] = []): TestsReport {
  return { generation: 1, items: items.map((id) => item(id)), scopes, removed };
}

/** `+id` for what is new, `~id` for what changed, `-id` for what is gone. */
function told(changes: Change[]): string[] {
  return changes.map((change) => (change.type === "removed" ? `-${change.id}` : `${change.isNew ? "+" : "~"}${change.item.id}`));
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
  assert.deepEqual(store.filesAt("file:///home/me/shop/tests/test_cart.py"), [file]);
});

test("one edit in a tree of 10,000 tests tells of one item", () => {
  const store = new TestStore();
  const tests = Array.from({ length: 10_000 }, (_, index) => `r/f${index % 100}.py/t${index}`);
  const files = Array.from({ length: 100 }, (_, index) => `r/f${index}.py`);
  store.apply(report(["r", ...files, ...tests]));
  assert.deepEqual(told(store.apply(report(["r/f7.py/t7"]))), ["~r/f7.py/t7"]);
});
