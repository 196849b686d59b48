import type { Access, Cloud, LedgerStep, Run } from "../clouds/cloud.ts";
import { OperationalError } from "../clouds/cloud.ts";
import type { Db } from "../data/db.ts";
import type { DeploymentRow } from "../data/store/deployments.ts";
import { stepsOf } from "../data/store/steps.ts";
import type { Seal } from "../identity/seal.ts";
import { mask } from "../mask.ts";
import type { Repositories } from "../repo.ts";
import { anonymize } from "./anonymize.ts";

/** What a deployment stores encrypted until its end. */
export interface SealedData {
  env: Record<string, string>;
  access: Access;
}

/** A cloud's run context, with what is needed to record its events. */
export type ActiveRun = Run & { ledger: Map<string, LedgerStep>; mask(text: string): string } & {
  /** For anyone but the visitor: also hides the visitor's identity and every answer. */
  anonymize(text: string): string;
};

interface RunDependencies {
  db: Db;
  seal: Seal;
  repositories: Pick<Repositories, "download">;
}

/**
 * Decrypts the answers and access and reads the ledger, so that a cloud can resume. Throws an `OperationalError` if they
 * cannot be decrypted, unless `isAccessOptional`.
 */
export function openRun(
  { db, seal, repositories }: RunDependencies,
  row: DeploymentRow,
  {
    isAccessOptional,
    cloud,
    ...signals
  }: Pick<Run, "signal" | "drainSignal"> & { isAccessOptional: boolean; cloud: Cloud | undefined },
): ActiveRun {
  const { env, access } = openSealed(seal, row, isAccessOptional);
  const variables = cloud?.variables(row.app) ?? row.app.variables;
  const secretNames = new Set(variables.filter(({ secret, generator }) => secret || generator).map(({ name }) => name));
  const secrets = new Set(Object.entries(env).flatMap(([name, value]) => (secretNames.has(name) ? [value] : [])));
  for (const [name, value] of Object.entries(access))
    if (!cloud?.connect.nonSecretFields?.includes(name)) secrets.add(value);
  let maskText = mask(secrets);
  const defaults = new Map(variables.map((variable) => [variable.name, variable.default]));
  const answers = Object.entries(env).flatMap(([name, value]) => (defaults.get(name) === value ? [] : [value]));
  // A preset choice identifies no one, and consists of ordinary words.
  const offeredValues = new Map(
    cloud?.connect.fields?.map(({ name, defaultValue, options = [] }) => [
      name,
      [defaultValue, ...options.map(({ value }) => value)],
    ]),
  );
  const accessValues = Object.entries(access).flatMap(([name, value]) =>
    offeredValues.get(name)?.includes(value) ? [] : [value],
  );
  const steps = stepsOf(db, row.id).sort((a, b) => (a.began?.getTime() ?? Infinity) - (b.began?.getTime() ?? Infinity));
  return {
    id: row.id,
    app: row.app,
    plan: row.plan,
    env,
    access,
    ledger: new Map(steps.map(({ name, state, data }) => [name, { name, state, data }])),
    fetchSource: (directory, signal) => {
      const { host, owner, repo, path, commit } = row.app.source;
      return repositories.download({ address: { host, owner, repo, path }, commit }, directory, signal);
    },
    deriveSecret(name) {
      const secret = seal.derive(row.id, name);
      if (!secrets.has(secret)) maskText = mask(secrets.add(secret));
      return secret;
    },
    ...signals,
    mask: (text) => maskText(text),
    anonymize: (text) => anonymize(maskText(text), { id: row.id, answers: answers.concat(accessValues) }),
  };
}

const emptyData: SealedData = { env: {}, access: {} };

function openSealed(seal: Seal, { id, sealed }: DeploymentRow, isAccessOptional: boolean): SealedData {
  if (sealed === null) return emptyData;
  try {
    return seal.open(id, sealed) as SealedData;
  } catch (cause) {
    if (isAccessOptional) return emptyData;
    throw new OperationalError(
      "The answers of this deployment cannot be opened: they were sealed with another SECRET.",
      "Whoever runs this Slipway can start it with the SECRET it had before. Or start a new deployment.",
      { cause },
    );
  }
}
