import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RunRecorder, type Sink } from "../../src/run/recorder.ts";
import { TestStore } from "../../src/tree/store.ts";
import type { RunEnded, RunEvent, RunEvents, TestMessage, TestsReport } from "../../src/protocol.ts";
import { FakeLog, item } from "./fake.ts";
import { example } from "./page.ts";

/** Writes down what it is told: `passed t 3`. */
class FakeSink implements Sink {
  readonly told: string[] = [];
  readonly messages: TestMessage[] = [];
  readonly #store: TestStore;
  constructor(store: TestStore) {
    this.#store = store;
  }
  add(added: { id: string }): void {
    this.#store.add(item(added.id));
    this.told.push(`add ${added.id}`);
  }
  enqueued(id: string): void {
    this.told.push(`enqueued ${id}`);
  }
  started(id: string): void {
    this.told.push(`started ${id}`);
  }
  passed(id: string, ms: number): void {
    this.told.push(`passed ${id} ${ms}`);
  }
  skipped(id: string): void {
    this.told.push(`skipped ${id}`);
  }
  failed(id: string, messages: readonly TestMessage[], ms: number): void {
    this.messages.push(...messages);
    this.told.push(`failed ${id} ${ms}`);
  }
  errored(id: string, messages: readonly TestMessage[], ms: number): void {
    this.messages.push(...messages);
    this.told.push(`errored ${id} ${ms}`);
  }
  output(text: string, id?: string): void {
    this.told.push(`output ${id ?? "-"} ${JSON.stringify(text)}`);
  }
  coverage(files: readonly unknown[]): void {
    this.told.push(`coverage ${files.length}`);
  }
  end(): void {
    this.told.push("end");
  }
}

function recorder(...ids: string[]): { run: RunRecorder; sink: FakeSink; log: FakeLog; send: (...events: RunEvent[]) => void } {
  const store = new TestStore();
  store.apply({ generation: 1, items: ids.map((id) => item(id)), scopes: [], removed: [] });
  const sink = new FakeSink(store);
  const log = new FakeLog();
  const run = new RunRecorder("r1", store, sink, log);
  let seq = 0;
  return { run, sink, log, send: (...events) => run.record({ runId: "r1", seq: seq++, events }) };
}

function finished(itemId: string, outcome: "passed" | "failed" | "error" | "skipped" | "xfailed" | "xpassed", more: object = {}): RunEvent {
  return { type: "finished", itemId, outcome, phase: "call", durationMs: 3, messages: [], ...more };
}

const ENDED: RunEnded = {
  runId: "r1",
  outcome: "completed",
  durationMs: 1,
  counts: { passed: 0, failed: 0, error: 0, skipped: 0, xfailed: 0, xpassed: 0 },
  lost: [],
};

describe("a run", () => {
  test("is shown live, test by test", () => {
    const { sink, send, run, log } = recorder("r", "r/a.py", "r/a.py/t");
    send({ type: "enqueued", itemIds: ["r/a.py/t"] });
    send({ type: "started", itemId: "r/a.py/t", worker: 1 }, finished("r/a.py/t", "passed"));
    run.end(ENDED);
    assert.deepEqual(sink.told, ["enqueued r/a.py/t", "started r/a.py/t", "passed r/a.py/t 3", "end"]);
    assert.equal(run.results.get("r/a.py/t")?.worker, 1);
    assert.deepEqual(log.warnings, []);
  });

  test("has each of pytest's outcomes in the editor's words", () => {
    const { sink, send } = recorder("r", "r/t");
    for (const outcome of ["passed", "failed", "error", "skipped", "xfailed", "xpassed"] as const) send(finished("r/t", outcome));
    assert.deepEqual(sink.told, ["passed r/t 3", "failed r/t 3", "errored r/t 3", "skipped r/t", "skipped r/t", "passed r/t 3"]);
  });

  test("tells why a test was skipped", () => {
    const { sink, send } = recorder("r", "r/t");
    send(finished("r/t", "skipped", { reason: "no network" }));
    assert.deepEqual(sink.told, ['output r/t "skipped: no network\\n"', "skipped r/t"]);
  });

  test("puts found cases and subtests in the tree first", () => {
    const { sink, send, log } = recorder("r", "r/t");
    send({ type: "itemAdded", item: item("r/t/sub") }, finished("r/t/sub", "failed"), finished("r/t", "failed"));
    assert.deepEqual(sink.told, ["add r/t/sub", "failed r/t/sub 3", "failed r/t 3"]);
    assert.deepEqual(log.warnings, []);
  });

  test("skips the tests of a file that is skipped as a whole", () => {
    const { sink, send } = recorder("r", "r/a.py", "r/a.py/t", "r/a.py/u");
    send({ type: "enqueued", itemIds: ["r/a.py/t"] }, finished("r/a.py", "skipped", { phase: "collect" }));
    assert.deepEqual(sink.told, ["enqueued r/a.py/t", "skipped r/a.py", "skipped r/a.py/t"]);
  });

  test("shows a file that cannot be collected at the file, and does not touch the others", () => {
    const { sink, send } = recorder("r", "r/a.py", "r/a.py/t", "r/b.py", "r/b.py/t");
    const messages: TestMessage[] = [{ phase: "collect", message: "ImportError: no module named x", text: "", frames: [] }];
    send(finished("r/a.py", "error", { phase: "collect", messages }), finished("r/b.py/t", "passed"));
    assert.deepEqual(sink.told, ["errored r/a.py 3", "passed r/b.py/t 3"]);
    assert.deepEqual(sink.messages, messages);
  });
});

describe("what should not happen", () => {
  test("unknown items are logged and ignored", () => {
    const { sink, send, log } = recorder("r");
    send({ type: "started", itemId: "nobody", worker: 0 }, finished("nobody", "passed"), { type: "enqueued", itemIds: ["nobody"] });
    assert.deepEqual(sink.told, []);
    assert.equal(log.warnings.length, 3);
  });

  test("unknown events are ignored", () => {
    const { sink, send } = recorder("r");
    send({ type: "fireworks" } as unknown as RunEvent);
    assert.deepEqual(sink.told, []);
  });

  test("a lost test is an error by name", () => {
    const { sink, run } = recorder("r", "r/t");
    run.end({ ...ENDED, lost: ["r/t"] });
    assert.deepEqual(sink.told, ["errored r/t 0", "end"]);
    assert.match(sink.messages[0]?.message ?? "", /lost this test/u);
  });

  test("a failure without a message still has one", () => {
    const { sink, send } = recorder("r", "r/t");
    send(finished("r/t", "failed"));
    assert.equal(sink.messages.length, 1);
  });

  test("a run ends once, and nothing comes after", () => {
    const { sink, run, send, log } = recorder("r", "r/t");
    run.abort("The Fastest server has stopped.");
    run.end(ENDED);
    run.abort("again");
    send(finished("r/t", "passed"));
    assert.deepEqual(sink.told, ['output - "\\nThe Fastest server has stopped.\\n"', "end"]);
    assert.equal(log.warnings.length, 1);
  });

  test("a gap between batches is logged", () => {
    const { run, log } = recorder("r");
    run.record({ runId: "r1", seq: 3, events: [] });
    assert.equal(log.warnings.length, 1);
  });
});

test("the page's example of a run", () => {
  const store = new TestStore();
  store.apply(example("discover-file-result") as TestsReport);
  const sink = new FakeSink(store);
  const log = new FakeLog();
  const run = new RunRecorder("r1", store, sink, log);
  run.record({ ...(example("run-events") as { params: RunEvents }).params, seq: 0 });
  run.end((example("run-ended") as { params: RunEnded }).params);
  const two = "file:///home/me/shop//tests/test_cart.py::test_total[two]";
  assert.deepEqual(sink.told, [`started ${two}`, `failed ${two} 0.91`, "end"]);
  assert.equal(sink.messages[0]?.expected, "4");
  assert.deepEqual(log.warnings, []);
});
