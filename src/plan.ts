import { z } from "zod";
import { App, Json } from "./app.ts";
import type { Note as Problem } from "./result.ts";
import { CloudId, defaultPreset, Preset, presets } from "./settings.ts";

/** The schema of a note. Its type is in result.ts, which needs no schema library. */
export const Note = z.object({
  file: z.string().meta({ description: "The file it is about, or empty" }),
  line: z.int().positive().nullable().meta({ description: "1-based" }),
  column: z.int().positive().nullable().meta({ description: "1-based, in UTF-16 units" }),
  path: z.string().meta({ description: "Where in the document, such as env.PORT.value" }),
  message: z.string(),
  fix: z.string().meta({ description: "What to write instead, or empty" }),
}) satisfies z.ZodType<Problem>;

export { CloudId, defaultPreset, Preset, presets };

/** The region and preset that a plan is compiled for. */
export interface Choice {
  region: string;
  preset: Preset;
}

export const Line = z.object({
  what: z.string(),
  for: z.string().meta({ description: "The service, job or resource it is paid for" }),
  monthly: z.number().nullable().meta({ description: "null: the price is not known, or not ours to tell" }),
});
export type Line = z.infer<typeof Line>;

/** The stack of one app on one cloud, as plain JSON. */
export const Plan = z.object({
  cloud: CloudId,
  region: z.string(),
  preset: Preset,
  currency: z.literal("USD"),
  asOf: z.iso.date(),
  monthly: z.number().nullable(),
  lines: z.array(Line),
  steps: z.array(z.object({ name: z.string(), title: z.string() })),
  stack: Json.meta({ description: "The cloud's own document" }),
});
export type Plan = z.infer<typeof Plan>;

/** How far a cloud supports something an app needs. `missing`: the app cannot run there at all. */
export const Remark = Note.extend({ level: z.enum(["exact", "approximate", "ignored", "missing"]) });
export type Remark = z.infer<typeof Remark>;

export const StepState = z.enum(["waiting", "running", "done", "failed", "removed"]);
export const Step = z.object({ name: z.string(), title: z.string(), state: StepState, since: z.iso.datetime() });
export type StepState = z.infer<typeof StepState>;

export const DeploymentState = z.enum(["running", "succeeded", "failed", "removing", "removed"]);
export type DeploymentState = z.infer<typeof DeploymentState>;

export const Failure = z.object({
  message: z.string().meta({ description: "The cloud's own words" }),
  next: z.string().meta({ description: "What to do about it" }),
  step: z.string(),
  lapsed: z.literal(true).optional().meta({ description: "Access has to be lent anew; then it goes on from here" }),
});
export type Failure = z.infer<typeof Failure>;

/** The JSON twin of `/deployments/ID`. */
export const Deployment = z.object({
  id: z.string(),
  repo: z.string(),
  commit: z.string(),
  cloud: CloudId,
  region: z.string(),
  preset: Preset,
  state: DeploymentState,
  url: z.url().nullable(),
  steps: z.array(Step),
  error: Failure.nullable(),
  created: z.iso.datetime(),
  finished: z.iso.datetime().nullable(),
});
export type Deployment = z.infer<typeof Deployment>;

/** The JSON twin of `/HOST/OWNER/REPO/manifest`. */
export const Reading = z.object({ app: App.nullable(), problems: z.array(Note), remarks: z.array(Note) });
export type Reading = z.infer<typeof Reading>;
