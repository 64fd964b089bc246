/** Writes down what runs say to the editor: the editor itself tells no extension of results. */

import type * as vscode from "vscode";
import type { Api } from "../../../src/extension.ts";

type State = "enqueued" | "started" | "passed" | "failed" | "errored" | "skipped";

export interface Said {
  state: State;
  id: string;
  messages: readonly vscode.TestMessage[];
  durationMs: number | undefined;
}

export interface RecordedRun {
  request: vscode.TestRunRequest;
  run: vscode.TestRun;
  name: string | undefined;
  /** In the order in which it was said. */
  said: Said[];
  output: string;
  /** Output by the id of the test that it was attributed to. */
  outputOf: Map<string, string>;
  coverage: vscode.FileCoverage[];
  ended: boolean;
}

/** From now on, all runs of the controller, oldest first. */
export function recordRuns({ controller }: Api): RecordedRun[] {
  const runs: RecordedRun[] = [];
  const create = controller.createTestRun.bind(controller);
  controller.createTestRun = (request, name, persist) => {
    const run = create(request, name, persist);
    const recorded: RecordedRun = { request, run, name, said: [], output: "", outputOf: new Map(), coverage: [], ended: false };
    runs.push(recorded);
    return spied(run, recorded);
  };
  return runs;
}

/** The last thing said of each test, by the end of its id after `//`. */
export function outcomes({ said }: RecordedRun): Map<string, State> {
  return new Map(said.map(({ id, state }) => [nodeId(id), state]));
}

/** What was said of a test last. */
export function last({ said }: RecordedRun, node: string): Said | undefined {
  return said.findLast(({ id }) => nodeId(id) === node);
}

/** A message's words. */
export function messageText({ message }: vscode.TestMessage): string {
  return typeof message === "string" ? message : message.value;
}

function nodeId(id: string): string {
  return id.slice(id.lastIndexOf("//") + 2);
}

function spied(run: vscode.TestRun, recorded: RecordedRun): vscode.TestRun {
  const say = (state: State, id: string, messages: readonly vscode.TestMessage[] = [], durationMs?: number): void => {
    recorded.said.push({ state, id, messages, durationMs });
  };
  const listed = (messages: vscode.TestMessage | readonly vscode.TestMessage[]): readonly vscode.TestMessage[] => {
    return Array.isArray(messages) ? (messages as readonly vscode.TestMessage[]) : [messages as vscode.TestMessage];
  };
  const spy: Partial<vscode.TestRun> = {
    enqueued: (test) => (say("enqueued", test.id), run.enqueued(test)),
    started: (test) => (say("started", test.id), run.started(test)),
    passed: (test, ms) => (say("passed", test.id, [], ms), run.passed(test, ms)),
    skipped: (test) => (say("skipped", test.id), run.skipped(test)),
    failed: (test, messages, ms) => (say("failed", test.id, listed(messages), ms), run.failed(test, messages, ms)),
    errored: (test, messages, ms) => (say("errored", test.id, listed(messages), ms), run.errored(test, messages, ms)),
    appendOutput: (text, location, test) => {
      recorded.output += text;
      if (test !== undefined) recorded.outputOf.set(nodeId(test.id), (recorded.outputOf.get(nodeId(test.id)) ?? "") + text);
      run.appendOutput(text, location, test);
    },
    addCoverage: (file) => (recorded.coverage.push(file), run.addCoverage(file)),
    end: () => ((recorded.ended = true), run.end()),
  };
  return new Proxy(run, { get: (target, name) => Reflect.get(name in spy ? spy : target, name) as unknown });
}
