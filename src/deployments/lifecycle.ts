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
import { eventsAfter, insertEvent, lastEventId, lastStartedState, storedLog } from "../data/store/events.ts";
import { countStart, uncountFailure } from "../data/store/outcomes.ts";
import { insertSteps, resetFailedSteps } from "../data/store/steps.ts";
import type { Seal } from "../identity/seal.ts";
import type { Plan } from "../plan.ts";
import type { Repositories } from "../repo.ts";
import { enqueueStarted } from "../webhooks/events.ts";
import type { EventBus } from "./event-bus.ts";
import { internalErrorMessage } from "./failure-reasons.ts";
import { createFollow } from "./follow.ts";
import { cutLine, type StoredLog } from "./log-budget.ts";
import { countKey, type RunKind, recordEvent } from "./record.ts";
import { type ActiveRun, openRun, type SealedData } from "./run.ts";

/** How long a failed deployment keeps its answers for a retry. */
export const retryWindowMs = 60 * 60 * 1000;

export interface StartRequest {
  /** Idempotency key: the same request starts one deployment. */
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
  /** Receives errors that are our own bugs. */
  log: (message: string, error: unknown) => void;
}

export type Deployments = ReturnType<typeof createDeployments>;

/** Starts, resumes, follows, retries and removes deployments. */
export function createDeployments({ db, clouds, repositories, seal, feed, now, newId, log }: DeploymentDependencies) {
  const active = new Map<string, { verb: RunKind; abort: AbortController; done: Promise<void> }>();
  const drain = new AbortController();

  const cloudOf = (row: Pick<DeploymentRow, "cloud">) => clouds.find((cloud) => cloud.id === row.cloud);

  /** Stores a new state and its event in one transaction, then publishes the event. */
  function transition(row: DeploymentRow, set: Parameters<typeof setState>[2], inTransaction: () => void = () => {}) {
    const event = db.transaction(() => {
      setState(db, row.id, set);
      inTransaction();
      const data = JSON.stringify({ state: set.state });
      return insertEvent(db, { deployment: row.id, at: now(), type: "state", data });
    });
    feed.publish(row.id, [event]);
  }

  async function execute(row: DeploymentRow, verb: RunKind, abort: AbortSignal) {
    let run: ActiveRun | undefined;
    const { has: isCut, ...stored } = storedLog(db, row.id, cutLine);
    const storedLines: StoredLog = { ...stored, isCut };
    const record = (event: DeploymentEvent) => {
      const {
        ledger = new Map(),
        mask: maskText = (text: string) => text,
        anonymize: anonymizeText = maskText,
      } = run ?? {};
      feed.publish(
        row.id,
        recordEvent(db, row, ledger, event, {
          cloud: cloudOf(row),
          verb,
          at: now(),
          log: storedLines,
          mask: maskText,
          anonymize: anonymizeText,
        }),
      );
    };
    try {
      const cloud = cloudOf(row);
      const isAccessOptional = verb === "remove" && cloud?.connect.kind === "none";
      run = openRun({ db, seal, repositories }, row, {
        cloud,
        signal: abort,
        drainSignal: drain.signal,
        isAccessOptional,
      });
      if (!cloud)
        throw new OperationalError(`${row.cloud} is switched off here`, "Ask the operator to switch it on again.");
      for await (const event of cloud[verb](run)) {
        if (abort.aborted) return;
        record(event);
      }
    } catch (error) {
      if (abort.aborted) return;
      const isOperational = error instanceof OperationalError;
      if (!isOperational) log(`deployment ${logName(row.id)}: ${verb} threw`, error);
      const next = "Try again. If it stays, tell whoever runs this Slipway the number above.";
      const failure = isOperational ? toFailure(error) : { message: internalErrorMessage, next, step: "" };
      record({ type: "state", state: "failed", error: failure });
    }
  }

  function launch(row: DeploymentRow, verb: RunKind) {
    if (drain.signal.aborted) return;
    const abort = new AbortController();
    const done = execute(row, verb, abort.signal)
      // The failure could not be stored either, for example because the disk is full. The next start resumes from the ledger.
      .catch((error) => log(`deployment ${logName(row.id)}: its outcome could not be stored`, error))
      .finally(() => {
        active.delete(row.id);
        if (!abort.signal.aborted) feed.end(row.id);
      });
    active.set(row.id, { verb, abort, done });
  }

  const find = (id: string) => findDeployment(db, id);

  /** Whether the removal failed, rather than the deployment. */
  const wasRemoval = (row: DeploymentRow) => row.state === "failed" && lastStartedState(db, row.id) === "removing";

  const canRetry = (row: DeploymentRow) => row.state === "failed" && row.sealed !== null && !wasRemoval(row);

  /** Merges new access into the sealed data. Returns nothing if it cannot be opened; the run reports that. */
  function sealWithNewAccess({ id, sealed }: DeploymentRow, newAccess: Access): { sealed?: string } {
    try {
      const { env, access } = seal.open(id, sealed ?? "") as SealedData;
      return { sealed: seal.close(id, { env, access: { ...access, ...newAccess } } satisfies SealedData) };
    } catch {
      return {};
    }
  }

  async function startRemoval(id: string) {
    const running = active.get(id);
    // Wait for a running removal: it may be about to fail.
    if (running?.verb === "provision") running.abort.abort();
    await running?.done;
    const row = find(id);
    if (row?.state === "removing" && !active.has(id)) launch(row, "remove");
  }

  /** Removes the deployment, in whatever state it is. Idempotent. `access`: newly granted, used for this removal. */
  function remove(id: string, access?: Access): boolean {
    const row = find(id);
    if (!row) return false;
    const sealedUpdate = access ? { sealed: seal.close(id, { env: {}, access } satisfies SealedData) } : {};
    if (row.state !== "removed" && row.state !== "removing")
      transition(row, { state: "removing", finished: null, ...sealedUpdate });
    // If it cannot start now, the next process resumes it.
    if (row.state !== "removed")
      startRemoval(id).catch((error) => log(`deployment ${logName(id)}: its removal could not start`, error));
    return true;
  }

  const follow = createFollow({
    bus: feed,
    eventsAfter: (id, after, limit) => eventsAfter(db, id, after, limit),
    isAtRest: (id) => !active.has(id) && isAtRest(find(id)),
  });

  return {
    find,

    /** Stores a deployment and starts it. A repeated request returns the existing id with `fresh` false. */
    start({ request, app, plan, env, access }: StartRequest): { id: string; fresh: boolean } {
      const existing = deploymentOfRequest(db, request);
      if (existing) return { id: existing.id, fresh: false };
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
      launch(row, "provision");
      return { id, fresh: true };
    },

    /** Resumes every deployment that was running when the last process ended. */
    resume() {
      for (const { id, state } of unfinishedDeployments(db)) {
        const row = find(id);
        if (row && !active.has(id)) launch(row, state === "removing" ? "remove" : "provision");
      }
    },

    remove,

    canRetry,
    wasRemoval,

    /** Whether this access is the one already stored, which is of no use once it has expired. */
    isStoredAccess({ id, sealed }: DeploymentRow, newAccess: Access): boolean {
      try {
        const { access } = seal.open(id, sealed ?? "") as SealedData;
        return Object.entries(newAccess).every(([name, value]) => access[name] === value);
      } catch {
        return false;
      }
    },

    /**
     * Retries from the failed step with the stored plan and answers; false if they have been wiped. `newAccess` replaces
     * expired credentials.
     */
    retry(id: string, newAccess?: Access): boolean {
      const row = find(id);
      if (!row || !canRetry(row) || active.has(id)) return false;
      const sealedUpdate = newAccess ? sealWithNewAccess(row, newAccess) : {};
      transition(row, { state: "running", error: null, finished: null, ...sealedUpdate }, () => {
        resetFailedSteps(db, id, now());
        // A deployment counts once, by how it ended.
        uncountFailure(db, countKey(row), row.finished ?? now(), row.reason);
      });
      launch({ ...row, ...sealedUpdate, state: "running", error: null, finished: null }, "provision");
      return true;
    },

    follow,

    lastEventId: (id: string) => lastEventId(db, id),

    /** Returns how many deployments this process is running. */
    active: () => active.size,

    /** Wipes the answers of failures past the retry window; removes those whose cloud needs no access. */
    forget() {
      for (const { id, cloud } of expiredFailures(db, new Date(now().getTime() - retryWindowMs))) {
        if (cloudOf({ cloud })?.connect.kind === "none") remove(id);
        else wipeSealed(db, id);
      }
    },

    /** Finishes the running steps and starts no others. The next start resumes the rest. */
    async drain() {
      drain.abort();
      await Promise.allSettled([...active.values()].map(({ done }) => done));
    },
  };
}

const isAtRest = (row: DeploymentRow | undefined) => row?.state !== "running" && row?.state !== "removing";

/** Returns the beginning of a deployment's id. The whole id opens its page, so it is never logged. */
const logName = (id: string) => `${id.slice(0, 8)}…`;
