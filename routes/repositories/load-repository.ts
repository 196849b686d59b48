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

/** The repository that a URL names, read. */
export interface LoadedRepository {
  address: Address;
  snapshot: Snapshot;
  reading: Reading;
  lapse?: Regression;
  /** What its maintainers decide about its page. */
  settings: Settings;
  /** `/github.com/o/r`, and what is carried from page to page: "" or `?ref=...&path=...`. */
  path: string;
  query: string;
}

/** The address in a URL: `/:host/:owner/:repo?ref=&path=`. */
export const addressFromUrl = (c: Context) => {
  const param = (name: string) => c.req.param(name) ?? "";
  const { ref, path } = c.req.query();
  return checkAddress(param("host"), param("owner"), param("repo"), ref || undefined, path ?? "");
};

/** Looks at the repository of this URL; gives the answer to send instead when it cannot be looked at. */
export async function loadRepository(c: Context, inspect: Inspect): Promise<LoadedRepository | Response> {
  const checked = addressFromUrl(c);
  if (!checked.ok) {
    const [note] = checked.problems;
    if (!note) throw new Error("an address was refused without a reason");
    return respondProblem(c, { kind: "invalid", note });
  }
  const address = checked.value;
  const look = await inspect(address);
  if (!look.ok) return respondProblem(c, look.trouble);
  return { ...look, address, ...pagePath(address) };
}

/** `/github.com/o/r`, and the query that carries the ref and the folder along. */
export function pagePath(address: Address): Pick<LoadedRepository, "path" | "query"> {
  const path = addressPath({ ...address, ref: undefined, path: "" });
  return { path, query: addressPath(address).slice(path.length) };
}

/** The app of a repository, or the answer that says why there is none. */
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
        regression: lapse ? { ...lapse, since: lapse.since.toISOString(), page: goodPage(address, lapse) } : null,
      }),
    422,
  );
}

/** Where the last good commit can be deployed; a folder on this machine keeps no older ones. */
const goodPage = (address: Address, { good }: Regression) =>
  address.host === "local" ? null : addressPath({ ...address, ref: good });
