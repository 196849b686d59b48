import type { Variable } from "../../src/app.ts";
import type { Cloud } from "../../src/clouds/cloud.ts";
import { type Choice, defaultPreset, type Preset, presets } from "../../src/plan.ts";

/** Returns the requested region and preset; the cloud's first region and `fallback` replace what does not exist. */
export function parseChoice(
  cloud: Cloud,
  query: { region?: unknown; preset?: unknown },
  fallback: Preset = defaultPreset,
): Choice {
  const region = cloud.regions.find(({ id }) => id === query.region) ?? cloud.regions[0];
  const preset = presets.find((id) => id === query.preset);
  return { region: region?.id ?? "", preset: preset ?? fallback };
}

/** Returns the answers that a link prefills by `env[KEY]=value`. Secrets are ignored: a URL ends up in logs. */
export function prefilledAnswers(variables: Variable[], query: Record<string, string>): Record<string, string> {
  const answers = variables.flatMap(({ name, secret }) => {
    const value = secret ? undefined : query[`env[${name}]`];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(answers);
}

/** Returns the access fields that a link prefills by `access[project]=...`, except for tokens. */
export function prefilledAccess(query: Record<string, string>): Record<string, string> {
  const fields = Object.entries(query).flatMap(([key, value]) => {
    const name = key.match(/^access\[(\w+)\]$/)?.[1];
    return name && name !== "token" ? [[name, value] as const] : [];
  });
  return Object.fromEntries(fields);
}

const maxAnswersLength = 1000;

/** Returns the answers that fit into a URL, without secrets, to survive the way to the connect step and back. */
export function answersForUrl(answers: Record<string, string>, variables: Variable[]): [string, string][] {
  let length = 0;
  return variables.flatMap(({ name, secret }) => {
    const value = secret ? undefined : answers[name];
    if (value === undefined) return [];
    length += encodeURIComponent(name + value).length + 10;
    return length > maxAnswersLength ? [] : [[`env[${name}]`, value] as [string, string]];
  });
}
