import { repositoryId } from "../address.ts";
import type { App } from "../app.ts";
import { type Access, type Cloud, type DeploymentEvent, OperationalError, toFailure } from "../clouds/cloud.ts";
import type { Db } from "../data/db.ts";
import {
  type DeploymentRow,
  deploymentOfRequest,
  expiredFailures,
  findDeployment,
  insertDeployment,
  setState,
  unfinishedDeployments,
  wipeSealed,
} from "../data/store/deployments.ts";
import { eventsAfter, insertEvent, lastEventId, lastStartedState } from "../data/store/events.ts";
import { countStart, uncountFailure } from "../data/store/outcomes.ts";
import { insertSteps, resetFailedSteps } from "../data/store/steps.ts";
import type { Seal } from "../identity/seal.ts";
import type { Plan } from "../plan.ts";
import type { Repositories } from "../repo.ts";
import { enqueueStarted } from "../webhooks/events.ts";
import { type EventBus, type Listener, toSseMessage } from "./event-bus.ts";
import { internalErrorMessage } from "./failure-reasons.ts";
import { countKey, type RunKind, recordEvent } from "./record.ts";
import { type ActiveRun, openRun, type SealedData } from "./run.ts";

/** How long a failed deployment keeps its answers for a retry. */
export const retryWindowMs = 60 * 60 * 1000;

export interface StartRequest {
  /** Two orders with the same request are one deployment. */
  request: string;
  app: App;
  plan: Plan;
  env: Record<string, string>;
  access: Access;
}

interface DeploymentDependencies {
  db: Db;
  clouds: Cloud[];
  repositories: Pick<Repositories, "download">;
  seal: Seal;
  feed: EventBus;
  now: () => Date;
  newId: () => string;
  /** Told about our own bugs, which no visitor can mend. */
  log: (message: string, error: unknown) => void;
}

export type Deployments = ReturnType<typeof createDeployments>;

/** The story of a deployment: start, resume, follow, retry, remove. */
export function createDeployments({ db, clouds, repositories, seal, feed, now, newId, log }: DeploymentDependencies) {
  const active = new Map<string, { verb: RunKind; stop: AbortController; done: Promise<void> }>();
  const draining = new AbortController();

  const cloudOf = (row: Pick<DeploymentRow, "cloud">) => clouds.find((cloud) => cloud.id === row.cloud);

  /** Says the new state on the stream; together with the change itself, in one transaction. */
  function change(row: DeploymentRow, set: Parameters<typeof setState>[2], alongside: () => void = () => {}) {
    const said = db.transaction(() => {
      setState(db, row.id, set);
      alongside();
      const data = JSON.stringify({ state: set.state });
      return insertEvent(db, { deployment: row.id, at: now(), type: "state", data });
    });
    feed.publish(row.id, [said]);
  }

  async function carryOut(row: DeploymentRow, verb: RunKind, stop: AbortSignal) {
    let run: ActiveRun | undefined;
    const write = (event: DeploymentEvent) => {
      const { ledger = new Map(), mask: hide = (text: string) => text, anonymize: conceal = hide } = run ?? {};
      feed.publish(
        row.id,
        recordEvent(db, row, ledger, event, { cloud: cloudOf(row), verb, at: now(), mask: hide, anonymize: conceal }),
      );
    };
    try {
      const cloud = cloudOf(row);
      const bare = verb === "remove" && cloud?.connect.kind === "none";
      run = openRun({ db, seal, repositories }, row, { cloud, signal: stop, drainSignal: draining.signal, bare });
      if (!cloud)
        throw new OperationalError(`${row.cloud} is switched off here`, "Ask the operator to switch it on again.");
      for await (const event of cloud[verb](run)) {
        if (stop.aborted) return;
        write(event);
      }
    } catch (error) {
      if (stop.aborted) return;
      const refused = error instanceof OperationalError;
      if (!refused) log(`deployment ${row.id}: ${verb} threw`, error);
      const next = "Try again. If it stays, tell whoever runs this Slipway the number above.";
      const failure = refused ? toFailure(error) : { message: internalErrorMessage, next, step: "" };
      write({ type: "state", state: "failed", error: failure });
    }
  }

  function begin(row: DeploymentRow, verb: RunKind) {
    if (draining.signal.aborted) return;
    const stop = new AbortController();
    const done = carryOut(row, verb, stop.signal)
      // Not even its failure could be written down: the disk is full, say. The next start goes on from the ledger.
      .catch((error) => log(`deployment ${row.id}: what it came to could not be written`, error))
      .finally(() => {
        active.delete(row.id);
        if (!stop.signal.aborted) feed.end(row.id);
      });
    active.set(row.id, { verb, stop, done });
  }

  const find = (id: string) => findDeployment(db, id);

  /** Whether it is the removal that failed, and not the deployment. */
  const wasRemoval = (row: DeploymentRow) => row.state === "failed" && lastStartedState(db, row.id) === "removing";

  const canRetry = (row: DeploymentRow) => row.state === "failed" && row.sealed !== null && !wasRemoval(row);

  /** What is sealed, with newer access in it. What cannot be opened stays as it is: the run says so. */
  function renewed({ id, sealed }: DeploymentRow, anew: Access): { sealed?: string } {
    try {
      const { env, access } = seal.open(id, sealed ?? "") as SealedData;
      return { sealed: seal.close(id, { env, access: { ...access, ...anew } } satisfies SealedData) };
    } catch {
      return {};
    }
  }

  async function beginRemoval(id: string) {
    const running = active.get(id);
    // A removal in hand is waited for: it may be about to say that it failed.
    if (running?.verb === "provision") running.stop.abort();
    await running?.done;
    const row = find(id);
    if (row?.state === "removing" && !active.has(id)) begin(row, "remove");
  }

  /** Takes everything away again, whatever state it is in; asking twice is asking once. `access`: lent anew, for this. */
  function remove(id: string, access?: Access): boolean {
    const row = find(id);
    if (!row) return false;
    const lent = access ? { sealed: seal.close(id, { env: {}, access } satisfies SealedData) } : {};
    if (row.state !== "removed" && row.state !== "removing")
      change(row, { state: "removing", finished: null, ...lent });
    // The next start goes on with it.
    if (row.state !== "removed")
      beginRemoval(id).catch((error) => log(`deployment ${id}: its removal could not begin`, error));
    return true;
  }

  return {
    find,

    /** Writes the order down and begins; the same request twice gives the first one's id. */
    start({ request, app, plan, env, access }: StartRequest): { id: string; fresh: boolean } {
      const known = deploymentOfRequest(db, request);
      if (known) return { id: known.id, fresh: false };
      const id = newId();
      const at = now();
      const row = {
        id,
        request,
        repo: repositoryId(app.source),
        commit: app.source.commit,
        cloud: plan.cloud,
        region: plan.region,
        preset: plan.preset,
        app,
        plan,
        sealed: seal.close(id, { env, access } satisfies SealedData),
        state: "running" as const,
        url: null,
        error: null,
        created: at,
        finished: null,
        reason: null,
        tidied: null,
      };
      db.transaction(() => {
        insertDeployment(db, row);
        insertSteps(db, id, plan.steps, at);
        insertEvent(db, { deployment: id, at, type: "state", data: JSON.stringify({ state: "running" }) });
        countStart(db, countKey(row), at);
        enqueueStarted(db, row, at);
      });
      begin(row, "provision");
      return { id, fresh: true };
    },

    /** Carries on with everything that was in hand when the last process ended. */
    resume() {
      for (const { id, state } of unfinishedDeployments(db)) {
        const row = find(id);
        if (row && !active.has(id)) begin(row, state === "removing" ? "remove" : "provision");
      }
    },

    remove,

    canRetry,
    wasRemoval,

    /** Whether all of this is what was lent before, so that it is of no use once that has lapsed. */
    isLent({ id, sealed }: DeploymentRow, anew: Access): boolean {
      try {
        const { access } = seal.open(id, sealed ?? "") as SealedData;
        return Object.entries(anew).every(([name, value]) => access[name] === value);
      } catch {
        return false;
      }
    },

    /**
     * Goes on from the failed step with the plan and the answers there were; false when they are gone. `anew`: what of
     * the access was lent once more, in place of what has lapsed.
     */
    retry(id: string, anew?: Access): boolean {
      const row = find(id);
      if (!row || !canRetry(row) || active.has(id)) return false;
      const lent = anew ? renewed(row, anew) : {};
      change(row, { state: "running", error: null, finished: null, ...lent }, () => {
        resetFailedSteps(db, id, now());
        // A deployment counts once, by how it ended.
        uncountFailure(db, countKey(row), row.finished ?? now(), row.reason);
      });
      begin({ ...row, ...lent, state: "running", error: null, finished: null }, "provision");
      return true;
    },

    /** Gives what was said after an event, then what is said from now on. Returns how to stop. */
    follow(id: string, after: number, listener: Listener): () => void {
      let last = after;
      for (let page = eventsAfter(db, id, last, 1000); page.length > 0; page = eventsAfter(db, id, last, 1000))
        for (const row of page) {
          last = row.id;
          listener.message(toSseMessage(row));
        }
      // Nothing is said between that look and this line: both happen in one turn.
      const stop = feed.listen(id, listener);
      if (!active.has(id) && isAtRest(find(id))) listener.end();
      return stop;
    },

    lastEventId: (id: string) => lastEventId(db, id),

    /** How many are being carried out by this process. */
    active: () => active.size,

    /** Wipes the answers of failures nobody came back to; where we need no access, takes what they left away. */
    forget() {
      for (const { id, cloud } of expiredFailures(db, new Date(now().getTime() - retryWindowMs))) {
        if (cloudOf({ cloud })?.connect.kind === "none") remove(id);
        else wipeSealed(db, id);
      }
    },

    /** Finishes the steps in hand and begins no other; what is left goes on after the next start. */
    async drain() {
      draining.abort();
      await Promise.allSettled([...active.values()].map(({ done }) => done));
    },
  };
}

const isAtRest = (row: DeploymentRow | undefined) => row?.state !== "running" && row?.state !== "removing";
