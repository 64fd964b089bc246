/** A run that goes on, and its events one after the other. No editor in here. */

import type { RunRecorder } from "./recorder.ts";
import type { RunEnded, RunEvents } from "../protocol.ts";

/**
 * Events may come while the tests that they speak of are still being loaded: they wait in a queue until
 * `ready` is there. After that nothing waits.
 */
export class LiveRun {
  readonly recorder: RunRecorder;
  /** Settles once the run has ended, however. */
  readonly done: Promise<void>;
  readonly #settle: () => void;
  #waiting: (() => void)[] | undefined = [];

  constructor(recorder: RunRecorder, ready: Promise<void>) {
    const { promise, resolve } = withResolvers();
    this.recorder = recorder;
    this.done = promise;
    this.#settle = resolve;
    // Even if loading failed: then events name unknown items, which is logged.
    void ready.then(() => this.#open(), () => this.#open());
  }

  record(events: RunEvents): void {
    this.#then(() => this.recorder.record(events));
  }

  end(ended: RunEnded): void {
    this.#then(() => {
      this.recorder.end(ended);
      this.#settle();
    });
  }

  /** At once: the server is gone, or refused. */
  abort(why: string): void {
    this.#waiting = undefined;
    this.recorder.abort(why);
    this.#settle();
  }

  #then(step: () => void): void {
    if (this.#waiting === undefined) step();
    else this.#waiting.push(step);
  }

  #open(): void {
    const steps = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const step of steps) step();
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
