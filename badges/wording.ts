import type { Tone } from "./colors.ts";
import { cloudName, type MarkId } from "./logos.ts";
import type { BadgeQuery } from "./query.ts";

/**
 * What there is to say about a repository. `unsure` means that nobody could look (GitHub is down, or its limit is
 * reached): the button works as ever, since whoever presses it may have more luck. `lapsed` could be deployed until a
 * while ago, and its last good commit still can: the button keeps its words, and only its colour and its name tell.
 */
export type BadgeState =
  | { kind: "ready" | "unsure" | "lapsed"; installs: number | null }
  | { kind: "missing" | "no-ref" | "no-path" | "broken" | "blocked" | "not-offered" | "error" };

type Refused = Exclude<BadgeState, { installs: number | null }>["kind"];
const refusals: Record<Refused, { message: string; tone: Tone }> = {
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
  /** What a screen reader says. */
  name: string;
  tone: Tone;
  logo: MarkId;
}

/** The texts and colour of a badge. Our button is one sentence; the shields styles cut it in two. */
export function wording(query: BadgeQuery, state: BadgeState): Wording {
  if (state.kind !== "lapsed") return usual(query, state);
  const words = usual(query, { ...state, kind: "ready" });
  return { ...words, tone: "warn", name: `${words.name} (${refusals.broken.message})` };
}

function usual(query: BadgeQuery, state: BadgeState): Wording {
  const logo = query.cloud ?? "slipway";
  const to = query.cloud ? cloudName(query.cloud) : "your cloud";
  const sentence = query.label || `Deploy to ${to}`;
  if (!("installs" in state)) {
    const { message, tone } = refusals[state.kind];
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
  const name = query.label ? `${label}: ${to}` : sentence;
  return { label, message: to, name, tone: "accent", logo };
}

/** `999 installs`, `1.2k installs`, `3.4M installs`: cut off, so that nobody has more than they have. */
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
