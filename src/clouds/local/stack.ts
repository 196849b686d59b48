import { z } from "zod";
import { Build, Job, Resource, Service } from "../../app.ts";

const step = { step: z.string() };

/** What will run on this machine; each `step` names its line in the ledger and its files. */
export const Stack = z.object({
  build: Build,
  resources: z.array(Resource.pick({ name: true, type: true, env: true }).extend(step)),
  jobs: z.array(Job.pick({ name: true, command: true }).extend(step)),
  schedule: z.array(Job.pick({ name: true, command: true }).extend({ cron: z.string() })),
  services: z.array(Service.pick({ name: true, command: true, port: true, public: true, health: true }).extend(step)),
});
export type Stack = z.infer<typeof Stack>;
