import type { Db } from "../data/db.ts";
import * as store from "../data/store/reports.ts";
import { note, ok, problems, type Result } from "../result.ts";

/** What can be said about a repository, in the order it is asked. */
export const reasons = [
  { id: "harm", name: "It harms whoever runs it, or others" },
  { id: "deceit", name: "It pretends to be somebody else" },
  { id: "terms", name: "Clouds close accounts that run it" },
  { id: "theft", name: "It is somebody else's work, without their permission" },
  { id: "other", name: "Something else" },
] as const;

export const longestText = 2000;

const hour = 3_600_000;
/** How many we take in an hour about one repository and about all, and how many wait to be read: about one, about all. */
const most = { repo: 5, all: 100, open: 50, waiting: 2000 };
/** How long what was put aside is kept, in ms. */
const kept = 90 * 24 * hour;

export type SubmitResult = "taken" | "enough" | "too many";

/** Takes what visitors report. Who they are is neither asked nor written down, so nobody's pace is known but all of ours. */
export function reports(db: Db, now: () => Date) {
  let hourOf = 0;
  let counts = new Map<string, number>();
  return {
    /** `enough`: as many of this repository wait to be read as are of use. */
    take(repo: string, { reason, text }: { reason: string; text: string }): SubmitResult {
      const name = repo.toLowerCase();
      const current = Math.floor(now().getTime() / hour);
      if (current !== hourOf) {
        hourOf = current;
        counts = new Map();
      }
      const all = counts.get("") ?? 0;
      const one = counts.get(name) ?? 0;
      if (one >= most.repo || store.countOpenReports(db, name) >= most.open) return "enough";
      // Names of repositories are made up easily, so what waits to be read would grow without end.
      if (all >= most.all || store.countOpenReports(db) >= most.waiting) return "too many";
      counts.set("", all + 1).set(name, one + 1);
      store.insertReport(db, { repo: name, reason, text, at: now() });
      return "taken";
    },
    open: () => store.openReports(db, 500),
    /** By `host/owner/repo`, or `host/owner` for all of theirs. */
    close: (name: string) => store.closeReports(db, name.toLowerCase(), now()),
    forget: () => void store.forgetReports(db, new Date(now().getTime() - kept)),
  };
}
export type Reports = ReturnType<typeof reports>;

/** What a form or a program says, checked; the text without what no reader sees. */
export function parseReport(said: Record<string, unknown>): Result<{ reason: string; text: string }> {
  const reason = reasons.find(({ id }) => id === said.reason)?.id;
  const text = (typeof said.text === "string" ? said.text : "")
    .replace(/\r\n?/g, "\n")
    .replace(/[^\P{C}\n]/gu, "")
    .trim();
  const wrong = [
    ...(reason === undefined ? [note("Say what is wrong with it.", { path: "reason", fix: "Choose a reason." })] : []),
    ...(text.length > longestText
      ? [note(`This is longer than ${longestText} letters.`, { path: "text", fix: "Say it in fewer words." })]
      : []),
    ...(reason === "other" && text === ""
      ? [note("Say what it is, as none of the reasons fits.", { path: "text", fix: "One sentence will do." })]
      : []),
  ];
  return wrong.length > 0 || reason === undefined ? problems(...wrong) : ok({ reason, text });
}
