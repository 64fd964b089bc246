import assert from "node:assert/strict";
import { test } from "node:test";
import { LiveRun } from "../../src/run/live.ts";
import type { RunRecorder } from "../../src/run/recorder.ts";
import type { RunEnded, RunEvents } from "../../src/protocol.ts";

/** A recorder that only writes down. */
function recorder(told: string[]): RunRecorder {
  const fake = { record: ({ seq }: RunEvents) => told.push(`batch ${seq}`), end: () => told.push("end"), abort: (why: string) => told.push(why) };
  return fake as unknown as RunRecorder;
}

const batch = (seq: number): RunEvents => ({ runId: "r", seq, events: [] });
const ENDED = { runId: "r" } as RunEnded;

test("events wait until the tests are there, and keep their order", async () => {
  const told: string[] = [];
  let ready = (): void => undefined;
  const live = new LiveRun(recorder(told), new Promise((resolve) => (ready = resolve)));
  live.record(batch(0));
  live.end(ENDED);
  await Promise.resolve();
  assert.deepEqual(told, []);
  ready();
  await live.done;
  assert.deepEqual(told, ["batch 0", "end"]);
});

test("tests that cannot be loaded do not keep a run from ending", async () => {
  const told: string[] = [];
  const live = new LiveRun(recorder(told), Promise.reject(new Error("no")));
  live.end(ENDED);
  await live.done;
  assert.deepEqual(told, ["end"]);
});

test("an aborted run ends at once", async () => {
  const told: string[] = [];
  const live = new LiveRun(recorder(told), new Promise(() => undefined));
  live.record(batch(0));
  live.abort("gone");
  await live.done;
  assert.deepEqual(told, ["gone"]);
});
