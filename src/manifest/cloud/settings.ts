import { checkAddress } from "../../address.ts";
import type { Settings } from "../../settings.ts";
import { closestMatch } from "../closest-match.ts";
import { short } from "../syntax/diagnostics.ts";
import type { SourceLocation } from "./variables.ts";

/** Checks what the schema cannot: that the clouds exist and the ref is valid. */
export function checkSettings(settings: Settings, { report, at }: SourceLocation, cloudIds?: readonly string[]): void {
  const { allow = [], hide = [], notes = {}, ref } = settings;
  const named = [
    ...allow.map((id) => ["allow", id] as const),
    ...hide.map((id) => ["hide", id] as const),
    ...Object.keys(notes).map((id) => ["notes", id] as const),
  ];
  for (const [key, id] of named) {
    if (!cloudIds || cloudIds.includes(id)) continue;
    const match = closestMatch(id, cloudIds);
    const fix = match ? `Did you mean \`${match}\`?` : `Write one of ${cloudIds.join(", ")}.`;
    report.problem(at("settings", key), `There is no cloud \`${short(id)}\`.`, fix);
  }
  const checked = checkAddress("github.com", "owner", "repo", ref);
  if (!checked.ok) for (const { message, fix } of checked.problems) report.problem(at("settings", "ref"), message, fix);
}
