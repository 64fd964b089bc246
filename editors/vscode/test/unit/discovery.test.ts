import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Discovery } from "../../src/tree/discovery.ts";
import { type Change, TestStore } from "../../src/tree/store.ts";
import { FakeLog, FakeServer, item } from "./fake.ts";

const TREE = ["r", "r/d.dir", "r/d.dir/e.dir", "r/d.dir/e.dir/a.py", "r/d.dir/e.dir/a.py/t", "r/x.dir", "r/x.dir/b.py", "r/x.dir/b.py/t"];

function started(...ids: string[]): { server: FakeServer; store: TestStore; log: FakeLog; discovery: Discovery; shown: string[] } {
  const server = new FakeServer(...ids);
  const store = new TestStore();
  const log = new FakeLog();
  const shown: string[] = [];
  const tell = (changes: Change[]): void => {
    shown.push(...changes.map((change) => (change.type === "removed" ? `-${change.id}` : change.item.id)));
  };
  return { server, store, log, shown, discovery: new Discovery(server, store, log, tell) };
}

describe("discovery is lazy", () => {
  test("at the start it asks for roots and their children only", async () => {
    const { discovery, shown } = started(...TREE);
    await discovery.start();
    assert.deepEqual(shown, ["r", "r/d.dir", "r/x.dir"]);
  });

  test("a level is asked for once", async () => {
    const { discovery, server } = started(...TREE);
    await discovery.start();
    await discovery.resolve("r/x.dir");
    await discovery.resolve("r/x.dir");
    assert.equal(server.asked.filter(({ itemId }) => itemId === "r/x.dir").length, 1);
  });

  test("a document brings the way down to it, and nothing beside it", async () => {
    const { discovery, shown, store } = started(...TREE);
    await discovery.start();
    await discovery.document("file:///r/d/e/a.py");
    assert.ok(shown.includes("r/d.dir/e.dir/a.py/t"));
    assert.ok(store.isAttached("r/d.dir/e.dir/a.py"));
    assert.equal(store.get("r/x.dir/b.py"), undefined);
  });

  test("a document that is no test file brings nothing", async () => {
    const { discovery, store } = started(...TREE);
    await discovery.start();
    await discovery.document("file:///r/setup.py");
    assert.equal(store.size, 3);
  });

  test("what is run is loaded to the bottom, and then not asked for again", async () => {
    const { discovery, store, server } = started(...TREE);
    await discovery.start();
    await discovery.load(["r/x.dir"]);
    assert.ok(store.get("r/x.dir/b.py/t") !== undefined);
    const asked = server.asked.length;
    await discovery.load(["r/x.dir"]);
    assert.equal(server.asked.length, asked);
    await discovery.load(undefined);
    assert.equal(store.size, TREE.length);
  });

  test("small roots are preloaded, large ones are not", async () => {
    const { discovery, store, server } = started(...TREE);
    server.items = server.items.map((known) => (known.id === "r" ? item("r", { testCount: 2 }) : known));
    await discovery.start();
    assert.equal(await discovery.preload(1), 0);
    assert.equal(store.size, 3);
    assert.equal(await discovery.preload(2), 1);
    assert.equal(store.size, TREE.length);
  });
});

test("a new file of a preloaded root comes with its tests", async () => {
  const { discovery, server, store } = started(...TREE);
  await discovery.start();
  await discovery.preload(10);
  server.items.push(item("r/x.dir/new.py"), item("r/x.dir/new.py/t"));
  await discovery.changed({ generation: 2, items: [item("r/x.dir/new.py")], scopes: [], removed: [] });
  assert.ok(store.get("r/x.dir/new.py/t") !== undefined);
});

test("a root that is added to the workspace is resolved", async () => {
  const { discovery, server, store } = started("r", "r/a.py");
  await discovery.start();
  server.items.push(item("s"), item("s/b.py"));
  await discovery.changed({ generation: 2, items: [item("s")], scopes: [], removed: [] });
  assert.ok(store.get("s/b.py") !== undefined);
});

test("a new file in a folder that nobody expanded finds its place", async () => {
  const { discovery, store, log } = started(...TREE);
  await discovery.start();
  await discovery.changed({ generation: 2, items: [item("r/d.dir/e.dir/a.py")], scopes: [], removed: [] });
  assert.ok(store.isAttached("r/d.dir/e.dir/a.py"));
  assert.deepEqual(log.warnings, []);
});

test("an item that belongs nowhere is logged, and does not hang the tree", async () => {
  const { discovery, log } = started(...TREE);
  await discovery.start();
  await discovery.changed({ generation: 2, items: [item("elsewhere/d.dir/a.py")], scopes: [], removed: [] });
  assert.deepEqual(log.warnings, ["no way down to elsewhere/d.dir/a.py"]);
});
