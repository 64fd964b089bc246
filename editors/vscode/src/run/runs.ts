/**
 * All runs: those that the user starts here, the rounds of continuous ones, and those that the server tells of.
 * Any number may go on at once.
 */

import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import { attachDebugger } from "./debug.ts";
import { LiveRun } from "./live.ts";
import { type LastResult, RunRecorder } from "./recorder.ts";
import { TestRunSink } from "./sink.ts";
import type { Discovery } from "../tree/discovery.ts";
import type { TestStore } from "../tree/store.ts";
import type { TestView } from "../tree/view.ts";
import type { Log, RunEnded, RunEvents, RunParams, RunResult, RunStarted, Server } from "../protocol.ts";

export type Mode = NonNullable<RunParams["mode"]>;

/** What a run is started with besides its tests. */
export interface RunOptions {
  mode: Mode;
  extraArgs?: string[];
}

/** What runs stand on. */
export interface Ground {
  controller: vscode.TestController;
  server: Server;
  store: TestStore;
  view: TestView;
  discovery: Discovery;
  log: Log;
  /** The profile that runs of a mode are shown under. */
  profile: (mode: Mode) => vscode.TestRunProfile | undefined;
  /** Whether unsaved documents run as they stand in the editor. */
  runsUnsaved: () => boolean;
  /** A folder with debugpy, of an extension that brings one. */
  debugpyPath: () => string | undefined;
}

/** How a test ran last, and what was asked for. */
export interface LastRun extends LastResult {
  params: RunParams | undefined;
  origin: RunStarted["origin"] | "explorer";
}

/** After so long a cancelled run offers to be killed: fixtures of databases and containers take their time. */
const PATIENCE_MS = 5000;

export class Runs implements vscode.Disposable {
  readonly #ground: Ground;
  readonly #live = new Map<string, LiveRun>();
  readonly #continuous = new Map<string, vscode.TestRunRequest>();
  readonly #last = new Map<string, LastRun>();
  readonly #changed = new vscode.EventEmitter<void>();
  /** Fires when a run starts or ends. */
  readonly onDidChange = this.#changed.event;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  get count(): number {
    return this.#live.size;
  }

  last(id: string): LastRun | undefined {
    return this.#last.get(id);
  }

  /** Runs what the editor asks for, until it has ended. */
  async run(request: vscode.TestRunRequest, options: RunOptions, token?: vscode.CancellationToken): Promise<void> {
    const params = this.#params(request, options);
    if (request.continuous === true) {
      await this.#runContinuously(request, params, token);
      return;
    }
    const run = this.#ground.controller.createTestRun(request);
    const live = this.#open(run, params.runId, { params, origin: "explorer" }, Promise.resolve());
    this.#cancelWith([run.token, token], live);
    try {
      // Tests must be on the screen before they can be shown running.
      await this.#ground.discovery.load(params.include);
      await this.#begin(params, run, live);
    } catch (error) {
      this.#refused(live, error instanceof Error ? error.message : String(error));
    }
    await live.done;
  }

  /** Asks running runs to stop; those that were asked before are killed. */
  async cancelAll(): Promise<void> {
    const asked = [...this.#live.keys()].map((runId) => this.#ground.server.request("fastest/cancelRun", { runId }));
    await Promise.all(asked);
  }

  started(told: RunStarted): void {
    const ofContinuous = told.continuousId === undefined ? undefined : this.#continuous.get(told.continuousId);
    const loaded = this.#ground.discovery.load(told.include.length > 0 ? told.include : undefined);
    const items = told.include.map((id) => this.#ground.view.item(id)).filter((item) => item !== undefined);
    const include = items.length > 0 ? items : ofContinuous?.include;
    const profile = ofContinuous?.profile ?? this.#ground.profile(told.mode);
    const request = new vscode.TestRunRequest(include, ofContinuous?.exclude, profile, ofContinuous !== undefined, true);
    const run = this.#ground.controller.createTestRun(request, told.title);
    const live = this.#open(run, told.runId, { params: undefined, origin: told.origin }, loaded);
    if (told.origin !== "terminal") this.#cancelWith([run.token], live);
  }

  events(told: RunEvents): void {
    const live = this.#live.get(told.runId);
    if (live === undefined) this.#ground.log.warn(`events of ${told.runId}, which is unknown`);
    else live.record(told);
  }

  ended(told: RunEnded): void {
    this.#continuous.delete(told.runId);
    this.#live.get(told.runId)?.end(told);
  }

  /** The server is gone, and all of its runs with it. */
  abortAll(why: string): void {
    for (const live of this.#live.values()) live.abort(why);
    this.#continuous.clear();
  }

  dispose(): void {
    this.abortAll("The extension is stopped.");
    this.#changed.dispose();
  }

  #params(request: vscode.TestRunRequest, { mode, extraArgs }: RunOptions): RunParams {
    const debugpyPath = mode === "debug" ? this.#ground.debugpyPath() : undefined;
    return {
      runId: randomUUID(),
      mode,
      source: this.#ground.runsUnsaved() ? "buffer" : "disk",
      ...(request.include !== undefined && { include: request.include.map(({ id }) => id) }),
      ...(request.exclude !== undefined && request.exclude.length > 0 && { exclude: request.exclude.map(({ id }) => id) }),
      ...(extraArgs !== undefined && extraArgs.length > 0 && { extraArgs }),
      ...(debugpyPath !== undefined && { debugpyPath }),
    };
  }

  async #begin(params: RunParams, run: vscode.TestRun, live: LiveRun): Promise<void> {
    const result = await this.#ground.server.request("fastest/runTests", params);
    if (!result.accepted) {
      this.#refused(live, result.message);
      return;
    }
    this.#logUnknown(result);
    if (result.debug === undefined) return;
    const stop = (force: boolean): void => this.#cancel(params.runId, force);
    const uri = params.include?.map((id) => this.#ground.store.get(id)?.uri).find((known) => known !== undefined);
    await attachDebugger(result.debug, run, params.runId, uri, stop);
  }

  #logUnknown(result: RunResult): void {
    if (!result.accepted) return;
    for (const id of result.unknown ?? []) this.#ground.log.warn(`the server does not know ${id}`);
  }

  /** What is refused is said where it cannot be overlooked, and in the output. */
  #refused(live: LiveRun, why: string): void {
    live.abort(why);
    void vscode.window.showErrorMessage(why);
  }

  async #runContinuously(request: vscode.TestRunRequest, params: RunParams, token?: vscode.CancellationToken): Promise<void> {
    this.#continuous.set(params.runId, request);
    token?.onCancellationRequested(() => this.#cancel(params.runId, false));
    const result = await this.#ground.server.request("fastest/runTests", { ...params, continuous: true });
    if (result.accepted) return;
    this.#continuous.delete(params.runId);
    void vscode.window.showErrorMessage(result.message);
  }

  #open(run: vscode.TestRun, runId: string, asked: Pick<LastRun, "params" | "origin">, ready: Promise<void>): LiveRun {
    const { view, discovery, store, log } = this.#ground;
    const recorder = new RunRecorder(runId, store, new TestRunSink(run, runId, view, discovery), log);
    const live = new LiveRun(recorder, ready);
    this.#live.set(runId, live);
    this.#changed.fire();
    void live.done.then(() => {
      for (const [id, result] of recorder.results) this.#last.set(id, { ...result, ...asked });
      this.#live.delete(runId);
      this.#changed.fire();
    });
    return live;
  }

  /** Once, whichever of the tokens says so first: a second request would kill. */
  #cancelWith(tokens: readonly (vscode.CancellationToken | undefined)[], live: LiveRun): void {
    let isAsked = false;
    const cancel = (): void => {
      if (isAsked || live.recorder.ended) return;
      isAsked = true;
      this.#cancel(live.recorder.runId, false);
      void this.#offerToKill(live);
    };
    for (const token of tokens) token?.onCancellationRequested(cancel);
  }

  async #offerToKill(live: LiveRun): Promise<void> {
    const patience = new Promise<void>((resolve) => setTimeout(resolve, PATIENCE_MS));
    await Promise.race([live.done, patience]);
    if (live.recorder.ended) return;
    const kill = "Kill Them";
    const answer = await vscode.window.showWarningMessage("Cancelled tests are still running, or tearing down their fixtures.", kill);
    if (answer === kill && this.#live.has(live.recorder.runId)) this.#cancel(live.recorder.runId, true);
  }

  #cancel(runId: string, force: boolean): void {
    const asked = this.#ground.server.request("fastest/cancelRun", force ? { runId, force } : { runId });
    asked.catch((error: unknown) => this.#ground.log.warn(`failed to cancel ${runId}: ${String(error)}`));
  }
}
