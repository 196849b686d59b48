import type { LedgerData, Run } from "../../cloud.ts";
import type { ExecutableStep } from "../../walk.ts";
import type { Stack } from "../stack.ts";
import { portOf } from "./environment.ts";
import { postgres } from "./postgres.ts";
import { redis } from "./redis.ts";
import type { RunContext } from "./run-context.ts";

type Resource = Stack["resources"][number];

/** Brings up a resource of the app's own: a server that nobody else uses, with its files in one folder. */
export const resource = (setting: RunContext, { step, type }: Resource): ExecutableStep =>
  ({ postgres, redis })[type](setting, step);

/** What the resource's variables may ask for, such as `${url}`. */
export function outputsOf(
  run: Pick<Run, "deriveSecret">,
  { step, type }: Resource,
  data: LedgerData,
): Record<string, string> {
  const port = portOf(data);
  const password = run.deriveSecret(step);
  const at = { host: "127.0.0.1", port: `${port}`, password };
  if (type === "postgres")
    return { ...at, username: "app", name: "app", url: `postgres://app:${password}@127.0.0.1:${port}/app` };
  return { ...at, username: "default", url: `redis://:${password}@127.0.0.1:${port}` };
}
