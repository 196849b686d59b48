import type { Db } from "../data/db.ts";
import * as store from "../data/store/reports.ts";
import { createNetworkBudget } from "../network/network-budget.ts";
import { note, ok, problems, type Result } from "../result.ts";

/** Reasons to report a repository, in the order of the form. */
export const reasons = [
  { id: "harm", name: "It harms whoever runs it, or others" },
  { id: "deceit", name: "It pretends to be somebody else" },
  { id: "terms", name: "Clouds close accounts that run it" },
  { id: "theft", name: "It is somebody else's work, without their permission" },
  { id: "other", name: "Something else" },
] as const;

export const maxTextLength = 2000;

const hour = 3_600_000;
/** Reports accepted per hour for one repository and for all, and open reports for one repository and for all. */
const limits = { perRepo: 5, total: 100, openPerRepo: 50, open: 2000 };
/** Reports accepted per hour from one client network. */
const networkLimit = { total: 5, perSubject: 2 };
/** How long closed reports are kept. */
const retentionMs = 90 * 24 * hour;

export type SubmitResult = "taken" | "enough" | "too many";

/**
 * Creates the reports service. Nothing about the reporter is stored. Limits are per client network first, so that no one
 * alone can use up those for all.
 */
export function reports(db: Db, now: () => Date, random: (bytes: number) => Uint8Array) {
  const spend = createNetworkBudget({ now, random, limit: networkLimit, windowMs: hour });
  let currentHour = 0;
  let counts = new Map<string, number>();
  return {
    /** Whether this client network may report the repository; if so, counts it. */
    allows: (network: string, repo: string): boolean => spend(network, repo.toLowerCase()),
    /** Returns `enough` if the repository already has enough open reports. */
    submit(repo: string, { reason, text }: { reason: string; text: string }): SubmitResult {
      const name = repo.toLowerCase();
      const hourNow = Math.floor(now().getTime() / hour);
      if (hourNow !== currentHour) {
        currentHour = hourNow;
        counts = new Map();
      }
      const total = counts.get("") ?? 0;
      const forRepo = counts.get(name) ?? 0;
      if (forRepo >= limits.perRepo || store.countOpenReports(db, name) >= limits.openPerRepo) return "enough";
      // Repository names are easily invented, so the open reports need a limit for all of them.
      if (total >= limits.total || store.countOpenReports(db) >= limits.open) return "too many";
      counts.set("", total + 1).set(name, forRepo + 1);
      store.insertReport(db, { repo: name, reason, text, at: now() });
      return "taken";
    },
    open: () => store.openReports(db, 500),
    /** Closes by `host/owner/repo`, or `host/owner` for all of an owner's. */
    close: (name: string) => store.closeReports(db, name.toLowerCase(), now()),
    /** Closes all reports up to this id, such as the last one of a page. */
    closeThrough: (id: number) => store.closeReportsThrough(db, id, now()),
    prune: () => void store.pruneReports(db, new Date(now().getTime() - retentionMs)),
  };
}
export type Reports = ReturnType<typeof reports>;

/** Parses a report from a form or JSON, without the text's control characters. */
export function parseReport(input: Record<string, unknown>): Result<{ reason: string; text: string }> {
  const reason = reasons.find(({ id }) => id === input.reason)?.id;
  const text = (typeof input.text === "string" ? input.text : "")
    .replace(/\r\n?/g, "\n")
    .replace(/[^\P{C}\n]/gu, "")
    .trim();
  const errors = [
    ...(reason === undefined ? [note("Say what is wrong with it.", { path: "reason", fix: "Choose a reason." })] : []),
    ...(text.length > maxTextLength
      ? [note(`This is longer than ${maxTextLength} letters.`, { path: "text", fix: "Say it in fewer words." })]
      : []),
    ...(reason === "other" && text === ""
      ? [note("Say what it is, as none of the reasons fits.", { path: "text", fix: "One sentence will do." })]
      : []),
  ];
  return errors.length > 0 || reason === undefined ? problems(...errors) : ok({ reason, text });
}
