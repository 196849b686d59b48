import type { Tone } from "./colors.ts";
import { type Mark, slipwayMark } from "./logos.ts";
import type { BadgeQuery } from "./query.ts";

/**
 * A repository's state. `unsure`: it could not be read (GitHub is down, or its rate limit is reached); the button is
 * shown as usual, since the visitor may succeed. `lapsed`: its latest commit cannot be deployed but an earlier one can;
 * the text stays, and only colour and accessible name change.
 */
export type BadgeState =
  | { kind: "ready" | "unsure" | "lapsed"; installs: number | null }
  | { kind: "missing" | "no-ref" | "no-path" | "broken" | "blocked" | "not-offered" | "error" };

type ProblemKind = Exclude<BadgeState, { installs: number | null }>["kind"];
const problemTexts: Record<ProblemKind, { message: string; tone: Tone }> = {
  missing: { message: "repository not found", tone: "quiet" },
  "no-ref": { message: "branch not found", tone: "quiet" },
  "no-path": { message: "folder not found", tone: "quiet" },
  broken: { message: "manifest needs mending", tone: "warn" },
  blocked: { message: "blocked", tone: "bad" },
  "not-offered": { message: "not offered there", tone: "quiet" },
  error: { message: "our error, try later", tone: "bad" },
};

export interface Wording {
  label: string;
  message: string;
  /** Accessible name. */
  name: string;
  tone: Tone;
  logo: Mark;
}

/** Returns a badge's texts and colour. The button is one sentence; the shields styles split it in two. */
export function wording(query: BadgeQuery, state: BadgeState): Wording {
  if (state.kind !== "lapsed") return baseWording(query, state);
  const base = baseWording(query, { ...state, kind: "ready" });
  return { ...base, tone: "warn", name: `${base.name} (${problemTexts.broken.message})` };
}

function baseWording(query: BadgeQuery, state: BadgeState): Wording {
  const logo = query.cloud ?? slipwayMark;
  const target = logo.name;
  const sentence = query.label || `Deploy to ${target}`;
  if (!("installs" in state)) {
    const { message, tone } = problemTexts[state.kind];
    const label = query.label || "Deploy";
    return { label, message, name: `${label}: ${message}`, tone, logo };
  }
  if (query.count && state.installs !== null) {
    const label = query.label || (query.cloud ? sentence : "Deploy");
    const message = countText(state.installs);
    return { label, message, name: `${label}: ${message}`, tone: "accent", logo };
  }
  if (query.style === "button") return { label: sentence, message: "", name: sentence, tone: "accent", logo };
  const label = query.label || "Deploy to";
  const name = query.label ? `${label}: ${target}` : sentence;
  return { label, message: target, name, tone: "accent", logo };
}

/** Formats a count, rounded down: `999 installs`, `1.2k installs`, `3.4M installs`. */
export function countText(installs: number): string {
  if (installs === 1) return "1 install";
  const units: [number, string][] = [
    [1e6, "M"],
    [1e3, "k"],
  ];
  const [unit, suffix] = units.find(([unit]) => installs >= unit) ?? [1, ""];
  const value = installs / unit;
  return `${value < 10 ? Math.floor(value * 10) / 10 : Math.floor(value)}${suffix} installs`;
}
