import type { App } from "../app.ts";
import type { Remark } from "../plan.ts";
import { note } from "../result.ts";
import { type Requirement, requirementsOf } from "./requirements.ts";

export type Levels = Partial<Record<Requirement["kind"], Remark["level"] | { level: Remark["level"]; reason: string }>>;

const sentences: Record<Requirement["kind"], (need: Requirement) => string> = {
  resource: ({ path, what }) => `\`${path}\` is a managed ${what}`,
  option: ({ path, what }) => `\`${path}\` asks for ${what}`,
  schedule: ({ path, what }) => `\`${path}\` runs on schedule (${what})`,
  release: ({ path }) => `\`${path}\` runs before a version goes live`,
  first: ({ path }) => `\`${path}\` runs once, at the first deployment`,
  volume: ({ path, what }) => `\`${path}\` keeps files (${what})`,
  "own build": ({ path }) => `\`${path}\` is built apart from the app`,
  "own env": ({ path, what }) => `\`${path}\` has values of its own (${what})`,
  "private service": ({ path, what }) => `\`${path}\` is reached by its neighbours only (${what})`,
  "second public service": ({ path }) => `\`${path}\` faces the web beside another service`,
  scale: ({ path, what }) => `\`${path}\` scales from ${what}`,
  health: ({ path, what }) => `\`${path}\` is asked at ${what}`,
  "app url": ({ path }) => `\`${path}\` is told where the app lives`,
  "odd name": ({ path }) => `\`${path}\` has a name that no shell can read`,
};
const defaultReasons: Record<Remark["level"], string> = {
  exact: "just as it is written",
  approximate: "more or less",
  ignored: "not here: it is passed over",
  missing: "not here, and the app cannot do without",
};

/**
 * What a cloud says of everything an app needs, by the levels it gives each kind of need. A kind that it says nothing
 * about is ignored there, and said to be: nothing is lost in silence.
 */
export function supportOf(app: App, levels: Levels): Remark[] {
  return requirementsOf(app).map((need) => {
    const support = levels[need.kind] ?? "ignored";
    const { level, reason } =
      typeof support === "string" ? { level: support, reason: defaultReasons[support] } : support;
    return { ...note(`${sentences[need.kind](need)}: ${reason}.`, { path: need.path }), level };
  });
}
