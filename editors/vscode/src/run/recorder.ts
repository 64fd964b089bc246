/**
 * One run, from the server's events to what the editor shows. No editor in here: it speaks to a `Sink`.
 */

import type { TestStore } from "../tree/store.ts";
import type { FileCoverage, Log, RunEnded, RunEvent, RunEventOf, RunEvents, TestItem, TestMessage } from "../protocol.ts";

/** What the editor can say of a run. Ids are of items that the store has. */
export interface Sink {
  add(item: TestItem): void;
  enqueued(id: string): void;
  started(id: string): void;
  passed(id: string, durationMs: number): void;
  skipped(id: string): void;
  failed(id: string, messages: readonly TestMessage[], durationMs: number): void;
  errored(id: string, messages: readonly TestMessage[], durationMs: number): void;
  output(text: string, id: string | undefined): void;
  coverage(files: readonly FileCoverage[]): void;
  end(): void;
}

/** How the last run of an item went; for the view "why did this test run so?". */
export interface LastResult {
  runId: string;
  outcome: RunEventOf<"finished">["outcome"];
  durationMs: number;
  worker: number | undefined;
  reason: string | undefined;
}

export class RunRecorder {
  readonly runId: string;
  readonly results = new Map<string, LastResult>();
  readonly #store: TestStore;
  readonly #sink: Sink;
  readonly #log: Log;
  readonly #open = new Set<string>();
  readonly #workers = new Map<string, number>();
  #next = 0;
  #ended = false;

  constructor(runId: string, store: TestStore, sink: Sink, log: Log) {
    this.runId = runId;
    this.#store = store;
    this.#sink = sink;
    this.#log = log;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** A batch of events. What names an unknown item is logged and ignored. */
  record({ seq, events }: RunEvents): void {
    if (this.#ended) {
      this.#log.warn(`${this.runId}: events after its end`);
      return;
    }
    if (seq !== this.#next) this.#log.warn(`${this.runId}: batch ${seq} came where ${this.#next} was due`);
    this.#next = seq + 1;
    for (const event of events) this.#event(event);
  }

  /** The run's end; whatever the reason, nothing stays spinning. */
  end(ended: RunEnded): void {
    if (this.#ended) return;
    for (const id of ended.lost) {
      if (this.#known(id)) this.#sink.errored(id, [LOST], 0);
    }
    if (ended.message !== undefined) this.#sink.output(`\n${ended.message}\n`, undefined);
    this.#finish();
  }

  /** The server is gone, or refused the run. */
  abort(why: string): void {
    if (this.#ended) return;
    this.#sink.output(`\n${why}\n`, undefined);
    this.#finish();
  }

  #finish(): void {
    this.#ended = true;
    this.#sink.end();
  }

  #event(event: RunEvent): void {
    switch (event.type) {
      case "enqueued":
        for (const id of event.itemIds) this.#enqueued(id);
        break;
      case "itemAdded":
        this.#sink.add(event.item);
        break;
      case "started":
        if (!this.#known(event.itemId)) break;
        this.#workers.set(event.itemId, event.worker);
        this.#sink.started(event.itemId);
        break;
      case "finished":
        if (this.#known(event.itemId)) this.#finished(event);
        break;
      case "output":
        this.#sink.output(event.text, event.itemId);
        break;
      case "warning":
        // The stream `report` has them in its summary; here they go to the test that they came from.
        if (event.itemId !== undefined) this.#sink.output(`warning: ${event.text}\n`, event.itemId);
        break;
      case "coverage":
        this.#sink.coverage(event.files);
        break;
      default:
        // `phase`, and what later versions of the protocol may add.
        break;
    }
  }

  #enqueued(id: string): void {
    if (!this.#known(id)) return;
    this.#open.add(id);
    this.#sink.enqueued(id);
  }

  #finished(event: RunEventOf<"finished">): void {
    const { itemId, outcome, durationMs, messages, reason } = event;
    this.#open.delete(itemId);
    this.results.set(itemId, { runId: this.runId, outcome, durationMs, worker: this.#workers.get(itemId), reason });
    if (reason !== undefined && reason !== "") this.#sink.output(`${outcome}: ${reason}\n`, itemId);
    switch (outcome) {
      case "passed":
      case "xpassed":
        this.#sink.passed(itemId, durationMs);
        break;
      case "failed":
        this.#sink.failed(itemId, said(messages), durationMs);
        break;
      case "error":
        this.#sink.errored(itemId, said(messages), durationMs);
        break;
      case "skipped":
        this.#skipped(itemId);
        break;
      // An expected failure is neither a pass nor a fail, and shown as what was not counted.
      case "xfailed":
        this.#sink.skipped(itemId);
        break;
      default:
        this.#log.warn(`${this.runId}: unknown outcome ${outcome}`);
    }
  }

  /** A file that is skipped as a whole takes its tests with it; they get no event of their own. */
  #skipped(id: string): void {
    for (const item of this.#store.subtree(id)) {
      if (item.id === id || this.#open.delete(item.id)) this.#sink.skipped(item.id);
    }
  }

  #known(id: string): boolean {
    const known = this.#store.get(id) !== undefined;
    if (!known) this.#log.warn(`${this.runId}: ${id} is unknown`);
    return known;
  }
}

const LOST = plainMessage("fastest lost this test: it should have run, and has no outcome.");

/** A failure without a message would look like none. */
function said(messages: readonly TestMessage[]): readonly TestMessage[] {
  return messages.length > 0 ? messages : [plainMessage("failed without a message")];
}

function plainMessage(message: string): TestMessage {
  return { phase: "call", message, text: "", frames: [] };
}
