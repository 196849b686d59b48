import type { LedgerData, Run } from "../../cloud.ts";
import type { ExecutableStep } from "../../walk.ts";
import type { Stack } from "../stack.ts";
import { portOf } from "./environment.ts";
import { postgresStep } from "./postgres.ts";
import { redisStep } from "./redis.ts";
import type { RunContext } from "./run-context.ts";

type Resource = Stack["resources"][number];

/** Starts a resource: a server for this app alone, with its files in one folder. */
export const resourceStep = (context: RunContext, { step, type }: Resource): ExecutableStep =>
  ({ postgres: postgresStep, redis: redisStep })[type](context, step);

/** Returns the outputs of a resource for placeholders such as `${url}`. */
export function outputsOf(
  run: Pick<Run, "deriveSecret">,
  { step, type }: Resource,
  data: LedgerData,
): Record<string, string> {
  const port = portOf(data);
  const password = run.deriveSecret(step);
  const common = { host: "127.0.0.1", port: `${port}`, password };
  if (type === "postgres")
    return { ...common, username: "app", name: "app", url: `postgres://app:${password}@127.0.0.1:${port}/app` };
  return { ...common, username: "default", url: `redis://:${password}@127.0.0.1:${port}` };
}
