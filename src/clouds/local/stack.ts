import { z } from "zod";
import { Build, Job, Resource, Service } from "../../app.ts";

const step = { step: z.string() };
// Stacks of earlier versions have no entrypoint.
const process = { entrypoint: z.array(z.string()).nullable().default(null) };
const EnvTemplates = z.record(z.string(), z.string());

/** The plan's stack: what runs on this machine. Each `step` names the ledger entry and the files of its process. */
export const Stack = z.object({
  build: Build,
  resources: z.array(Resource.pick({ name: true, env: true }).extend({ ...step, type: z.enum(["postgres", "redis"]) })),
  jobs: z.array(Job.pick({ name: true, command: true, timeout: true }).extend({ ...step, ...process })),
  schedule: z.array(Job.pick({ name: true, command: true, timeout: true }).extend({ cron: z.string(), ...process })),
  services: z.array(
    Service.pick({ name: true, command: true, port: true, public: true, health: true }).extend({
      ...step,
      ...process,
      ...Service.pick({ build: true, env: true, volumes: true }).shape,
    }),
  ),
  /** Variables that the manifest sets; placeholders such as `${app.url}` are resolved when a process starts. */
  env: EnvTemplates.default({}),
  /** Defaults that contain such placeholders; they apply until the visitor answers something else. */
  late: EnvTemplates.default({}),
});
export type Stack = z.infer<typeof Stack>;
