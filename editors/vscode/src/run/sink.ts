/** A run as the editor's own `TestRun`. */

import type * as vscode from "vscode";
import { FileCoverageOfRun } from "../coverage/file.ts";
import { testMessage } from "./messages.ts";
import type { Discovery } from "../tree/discovery.ts";
import type { TestView } from "../tree/view.ts";
import type { FileCoverage, TestItem, TestMessage } from "../protocol.ts";
import type { Sink } from "./recorder.ts";

export class TestRunSink implements Sink {
  readonly #run: vscode.TestRun;
  readonly #runId: string;
  readonly #view: TestView;
  readonly #discovery: Discovery;

  constructor(run: vscode.TestRun, runId: string, view: TestView, discovery: Discovery) {
    this.#run = run;
    this.#runId = runId;
    this.#view = view;
    this.#discovery = discovery;
  }

  add(item: TestItem): void {
    this.#discovery.add(item);
  }

  enqueued(id: string): void {
    this.#with(id, (item) => this.#run.enqueued(item));
  }

  started(id: string): void {
    this.#with(id, (item) => this.#run.started(item));
  }

  passed(id: string, durationMs: number): void {
    this.#with(id, (item) => this.#run.passed(item, durationMs));
  }

  skipped(id: string): void {
    this.#with(id, (item) => this.#run.skipped(item));
  }

  failed(id: string, messages: readonly TestMessage[], durationMs: number): void {
    this.#with(id, (item) => this.#run.failed(item, messages.map(testMessage), durationMs));
  }

  errored(id: string, messages: readonly TestMessage[], durationMs: number): void {
    this.#with(id, (item) => this.#run.errored(item, messages.map(testMessage), durationMs));
  }

  /** The view of the output is a terminal: it wants carriage returns. */
  output(text: string, id: string | undefined): void {
    const item = id === undefined ? undefined : this.#view.item(id);
    this.#run.appendOutput(text.replaceAll(/\r?\n/gu, "\r\n"), undefined, item);
  }

  coverage(files: readonly FileCoverage[]): void {
    for (const file of files) this.#run.addCoverage(new FileCoverageOfRun(this.#runId, file, this.#tests(file)));
  }

  end(): void {
    this.#run.end();
  }

  #tests({ itemIds }: FileCoverage): vscode.TestItem[] {
    return (itemIds ?? []).map((id) => this.#view.item(id)).filter((item) => item !== undefined);
  }

  #with(id: string, then: (item: vscode.TestItem) => void): void {
    const item = this.#view.item(id);
    if (item !== undefined) then(item);
  }
}
