import type { Data, Run } from "../cloud.ts";
import { Refusal } from "../cloud.ts";
import type { WalkStep } from "../walk.ts";
import { portOf } from "./environment.ts";
import { postgres } from "./postgres.ts";
import { redis } from "./redis.ts";
import type { Setting } from "./setting.ts";
import type { Stack } from "./stack.ts";

type Resource = Stack["resources"][number];

/** Brings up a resource of the app's own: a server that nobody else uses, with its files in one folder. */
export function resource(setting: Setting, { step, type, name }: Resource): WalkStep {
  switch (type) {
    case "postgres":
      return postgres(setting, step);
    case "redis":
      return redis(setting, step);
    default:
      return refused(step, `This machine has PostgreSQL and Redis only; ${name} is ${type}.`);
  }
}

const refused = (step: string, message: string): WalkStep => ({
  name: step,
  after: [],
  async *create() {
    yield { message };
    throw new Refusal(message, "Choose another cloud.");
  },
});

/** What the resource's variables may ask for, such as `${url}`. */
export function outputsOf(run: Pick<Run, "secret">, { step, type }: Resource, data: Data): Record<string, string> {
  const port = portOf(data);
  const password = run.secret(step);
  const at = { host: "127.0.0.1", port: `${port}`, password };
  if (type === "postgres")
    return { ...at, user: "app", name: "app", url: `postgres://app:${password}@127.0.0.1:${port}/app` };
  return { ...at, user: "default", name: "0", url: `redis://:${password}@127.0.0.1:${port}` };
}
