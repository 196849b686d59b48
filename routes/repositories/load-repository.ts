import type { Context } from "hono";
import { addressPath, checkAddress } from "../../src/address.ts";
import type { App } from "../../src/app.ts";
import type { Reading } from "../../src/plan.ts";
import type { Address, Snapshot } from "../../src/repo.ts";
import type { Inspect, Regression } from "../../src/repositories/inspect.ts";
import type { Settings } from "../../src/settings.ts";
import { problemsPage } from "../../views/repositories/not-deployable.ts";
import { assets } from "../http/assets.ts";
import { respond, respondProblem } from "../http/respond.ts";

/** The repository that a URL names, with what its manifest says. */
export interface LoadedRepository {
  address: Address;
  snapshot: Snapshot;
  reading: Reading;
  lapse?: Regression;
  /** The maintainers' settings. */
  settings: Settings;
  /** The path of its page, such as `/github.com/o/r`, and the query of all its links: "" or `?ref=...&path=...`. */
  path: string;
  query: string;
}

/** Returns the address in a URL: `/:host/:owner/:repo?ref=&path=`. */
export const addressFromUrl = (c: Context) => {
  const param = (name: string) => c.req.param(name) ?? "";
  const { ref, path } = c.req.query();
  return checkAddress(param("host"), param("owner"), param("repo"), ref || undefined, path ?? "");
};

/** Loads the repository of this URL; returns the response to send instead if it cannot be loaded. */
export async function loadRepository(c: Context, inspect: Inspect): Promise<LoadedRepository | Response> {
  const parsed = addressFromUrl(c);
  if (!parsed.ok) {
    const [note] = parsed.problems;
    if (!note) throw new Error("addressFromUrl returned no problem");
    return respondProblem(c, { kind: "invalid", note });
  }
  const address = parsed.value;
  const inspection = await inspect(address);
  if (!inspection.ok) return respondProblem(c, inspection.trouble);
  return { ...inspection, address, ...pagePath(address) };
}

/** Returns the path of a repository's page, and the query with its ref and folder. */
export function pagePath(address: Address): Pick<LoadedRepository, "path" | "query"> {
  const path = addressPath({ ...address, ref: undefined, path: "" });
  return { path, query: addressPath(address).slice(path.length) };
}

/** Returns the app of a repository, or the response that lists why it cannot be deployed. */
export async function requireApp(
  c: Context,
  { reading, path, address, lapse }: LoadedRepository,
): Promise<App | Response> {
  if (reading.app) return reading.app;
  const { problems, remarks } = reading;
  return respond(
    c,
    () => reading,
    () =>
      problemsPage({
        assets,
        address: `${address.host}/${address.owner}/${address.repo}`,
        path,
        problems,
        remarks,
        read: [...new Set(problems.map(({ file }) => file).filter(Boolean))],
        regression: lapse ? { ...lapse, since: lapse.since.toISOString(), page: lastGoodPage(address, lapse) } : null,
      }),
    422,
  );
}

/** Returns the page of the last commit that could be deployed; null for a local folder, which has no history. */
const lastGoodPage = (address: Address, { good }: Regression) =>
  address.host === "local" ? null : addressPath({ ...address, ref: good });
