import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { Api } from "../../src/extension.ts";
import { runner } from "./support/mocha.ts";
import { outcomes, type RecordedRun, recordRuns } from "./support/record.ts";
import { begin, ended } from "./support/run.ts";
import { eventually, extension, item, open } from "./support/workbench.ts";

const CART = "tests/test_cart.py";
const KINDS = "tests/test_kinds.py";

interface Stop {
  session: vscode.DebugSession;
  reason: string;
  threadId: number;
}

export const run = runner(() => {
  let api: Api;
  let runs: RecordedRun[];
  const stops: Stop[] = [];

  before(async () => {
    api = await extension();
    runs = recordRuns(api);
    await item(api, `${KINDS}/test_fails`);
    vscode.debug.registerDebugAdapterTrackerFactory("debugpy", {
      createDebugAdapterTracker: (session) => ({
        onDidSendMessage(message: { event?: string; body?: { reason: string; threadId: number } }) {
          if (message.event === "stopped" && message.body !== undefined) stops.push({ session, ...message.body });
        },
      }),
    });
  });

  beforeEach(() => stops.splice(0));

  it("stops at a breakpoint, where variables can be read, and goes on to the outcome", async () => {
    const { document } = await open(CART);
    const line = lineOf(document, "assert total(prices) == 60");
    const breakpoint = new vscode.SourceBreakpoint(new vscode.Location(document.uri, new vscode.Position(line, 0)));
    vscode.debug.addBreakpoints([breakpoint]);
    const count = runs.length;
    await begin(api, [`${CART}/test_total`], "debug");
    const stop = await eventually("a stop", () => stops[0]);
    assert.equal(stop.reason, "breakpoint");
    assert.deepEqual(await frame(stop), { name: "test_total", line: line + 1 });
    assert.equal(await evaluate(stop, "sum(prices)"), "60");
    vscode.debug.removeBreakpoints([breakpoint]);
    await stop.session.customRequest("continue", { threadId: stop.threadId });
    assert.equal(outcomes(await ended(runs, count)).get(`${CART}::test_total`), "passed");
    await eventually("the session is over", () => vscode.debug.activeDebugSession === undefined);
  });

  it("stops where an assertion fails", async () => {
    const { document } = await open(KINDS);
    const count = runs.length;
    await begin(api, [`${KINDS}/test_fails`], "debug");
    const stop = await eventually("a stop", () => stops[0]);
    assert.equal(stop.reason, "exception");
    assert.deepEqual(await frame(stop), { name: "test_fails", line: lineOf(document, "assert found ==") + 1 });
    await stop.session.customRequest("continue", { threadId: stop.threadId });
    assert.equal(outcomes(await ended(runs, count)).get(`${KINDS}::test_fails`), "failed");
    assert.equal(stops.length, 1, "it does not stop again as the process ends");
  });

  it("ends the run when the debugger is stopped", async () => {
    const count = runs.length;
    await begin(api, [`${KINDS}/test_fails`], "debug");
    const { session } = await eventually("a stop", () => stops[0]);
    await vscode.debug.stopDebugging(session);
    await ended(runs, count);
  });

  it("says so when there is no debugger, and offers to install it", async () => {
    const { showErrorMessage } = vscode.window;
    const said: unknown[][] = [];
    const all = Object.getOwnPropertyDescriptor(vscode.extensions, "all");
    assert.ok(all !== undefined);
    Object.assign(vscode.window, { showErrorMessage: (...words: unknown[]) => (said.push(words), Promise.resolve(undefined)) });
    Object.defineProperty(vscode.extensions, "all", { configurable: true, get: () => [] });
    const count = runs.length;
    try {
      await begin(api, [`${CART}/test_total`], "debug");
      await eventually("a message", () => said.length > 0);
    } finally {
      Object.defineProperty(vscode.extensions, "all", all);
      Object.assign(vscode.window, { showErrorMessage });
    }
    assert.match(String(said[0]?.[0]), /Python Debugger extension/u);
    assert.equal(said[0]?.[1], "Install Python Debugger");
    assert.equal(runs.length, count, "nothing was started");
  });
});

function lineOf(document: vscode.TextDocument, text: string): number {
  return document.getText().split("\n").findIndex((line) => line.includes(text));
}

interface Frames {
  stackFrames: { id: number; name: string; line: number }[];
}

async function frame({ session, threadId }: Stop): Promise<{ name: string; line: number } | undefined> {
  const { stackFrames } = (await session.customRequest("stackTrace", { threadId })) as Frames;
  const [top] = stackFrames;
  // The debugger marks the frame of an exception: "test_fails (Current frame)".
  return top && { name: top.name.replace(/ \(.*/u, ""), line: top.line };
}

async function evaluate({ session, threadId }: Stop, expression: string): Promise<string> {
  const { stackFrames } = (await session.customRequest("stackTrace", { threadId })) as Frames;
  const { result } = (await session.customRequest("evaluate", { expression, frameId: stackFrames[0]?.id })) as { result: string };
  return result;
}
