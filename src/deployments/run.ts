import type { Access, Cloud, LedgerStep, Run } from "../clouds/cloud.ts";
import { OperationalError } from "../clouds/cloud.ts";
import type { Db } from "../data/db.ts";
import type { DeploymentRow } from "../data/store/deployments.ts";
import { stepsOf } from "../data/store/steps.ts";
import type { Seal } from "../identity/seal.ts";
import { mask } from "../mask.ts";
import type { Repositories } from "../repo.ts";
import { anonymize } from "./anonymize.ts";

/** What a deployment keeps sealed until its end. */
export interface SealedData {
  env: Record<string, string>;
  access: Access;
}

/** A run as a cloud sees it, and what is needed to write down what it says. */
export type ActiveRun = Run & { ledger: Map<string, LedgerStep>; mask(text: string): string } & {
  /** For others than the visitor: hides also who the visitor is, and every answer. */
  anonymize(text: string): string;
};

interface Needs {
  db: Db;
  seal: Seal;
  repositories: Pick<Repositories, "download">;
}

/**
 * Opens what is sealed and reads the ledger, for a cloud to go on from there. Throws a `Refusal` when it cannot be
 * opened, unless `bare` says that it can be done without.
 */
export function openRun(
  { db, seal, repositories }: Needs,
  row: DeploymentRow,
  { bare, cloud, ...signals }: Pick<Run, "signal" | "drainSignal"> & { bare: boolean; cloud: Cloud | undefined },
): ActiveRun {
  const { env, access } = opened(seal, row, bare);
  const asked = cloud?.variables(row.app) ?? row.app.variables;
  const secretNames = new Set(asked.filter((one) => one.secret || one.generator).map((one) => one.name));
  const secrets = new Set(Object.entries(env).flatMap(([name, value]) => (secretNames.has(name) ? [value] : [])));
  for (const [name, value] of Object.entries(access))
    if (!cloud?.connect.nonSecretFields?.includes(name)) secrets.add(value);
  let hide = mask(secrets);
  const usual = new Map(asked.map((one) => [one.name, one.default]));
  const answers = Object.entries(env).flatMap(([name, value]) => (usual.get(name) === value ? [] : [value]));
  // What everybody is offered says nothing of anybody, and is made of ordinary words.
  const offered = new Map(
    cloud?.connect.fields?.map(({ name, defaultValue: initial, options = [] }) => [
      name,
      [initial, ...options.map((one) => one.value)],
    ]),
  );
  const lent = Object.entries(access).flatMap(([name, value]) => (offered.get(name)?.includes(value) ? [] : [value]));
  const began = stepsOf(db, row.id).sort((a, b) => (a.began?.getTime() ?? Infinity) - (b.began?.getTime() ?? Infinity));
  return {
    id: row.id,
    app: row.app,
    plan: row.plan,
    env,
    access,
    ledger: new Map(began.map(({ name, state, data }) => [name, { name, state, data }])),
    fetchSource: (into, signal) => {
      const { host, owner, repo, path, commit } = row.app.source;
      return repositories.download({ address: { host, owner, repo, path }, commit }, into, signal);
    },
    deriveSecret(name) {
      const secret = seal.derive(row.id, name);
      if (!secrets.has(secret)) hide = mask(secrets.add(secret));
      return secret;
    },
    ...signals,
    mask: (text) => hide(text),
    anonymize: (text) => anonymize(hide(text), { id: row.id, answers: answers.concat(lent) }),
  };
}

const nothing: SealedData = { env: {}, access: {} };

function opened(seal: Seal, { id, sealed }: DeploymentRow, bare: boolean): SealedData {
  if (sealed === null) return nothing;
  try {
    return seal.open(id, sealed) as SealedData;
  } catch (cause) {
    if (bare) return nothing;
    throw new OperationalError(
      "The answers of this deployment cannot be opened: they were sealed with another SECRET.",
      "Whoever runs this Slipway can start it with the SECRET it had before. Or start a new deployment.",
      { cause },
    );
  }
}
