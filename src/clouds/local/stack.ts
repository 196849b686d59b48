import { z } from "zod";
import { Build, Job, Resource, Service } from "../../app.ts";

const step = { step: z.string() };
const Texts = z.record(z.string(), z.string());

/** What will run on this machine; each `step` names its line in the ledger and its files. */
export const Stack = z.object({
  build: Build,
  resources: z.array(Resource.pick({ name: true, env: true }).extend({ ...step, type: z.enum(["postgres", "redis"]) })),
  jobs: z.array(Job.pick({ name: true, command: true, timeout: true }).extend(step)),
  schedule: z.array(Job.pick({ name: true, command: true, timeout: true }).extend({ cron: z.string() })),
  services: z.array(
    Service.pick({ name: true, command: true, port: true, public: true, health: true }).extend({
      ...step,
      ...Service.pick({ build: true, env: true, volumes: true }).shape,
    }),
  ),
  /** Values nobody is asked for; `${app.url}` and the like in them are filled in when a process starts. */
  env: Texts.default({}),
  /** Defaults with such a `${…}`, for as long as nobody answers anything else. */
  late: Texts.default({}),
});
export type Stack = z.infer<typeof Stack>;
