import type { Context } from "hono";
import { addressPath, checkAddress } from "../../src/address.ts";
import type { App } from "../../src/app.ts";
import type { Reading } from "../../src/plan.ts";
import type { Address, Snapshot } from "../../src/repo.ts";
import type { Lapse, LookAt } from "../../src/repositories/inspect.ts";
import type { Settings } from "../../src/settings.ts";
import { problemsPage } from "../../views/repositories/not-deployable.ts";
import { assets } from "../http/assets.ts";
import { answer, troubled } from "../http/respond.ts";

/** The repository that a URL names, read. */
export interface Looked {
  address: Address;
  snapshot: Snapshot;
  reading: Reading;
  lapse?: Lapse;
  /** What its maintainers decide about its page. */
  settings: Settings;
  /** `/github.com/o/r`, and what is carried from page to page: "" or `?ref=...&path=...`. */
  path: string;
  query: string;
}

/** The address in a URL: `/:host/:owner/:repo?ref=&path=`. */
export const addressOf = (c: Context) => {
  const param = (name: string) => c.req.param(name) ?? "";
  const { ref, path } = c.req.query();
  return checkAddress(param("host"), param("owner"), param("repo"), ref || undefined, path ?? "");
};

/** Looks at the repository of this URL; gives the answer to send instead when it cannot be looked at. */
export async function looked(c: Context, lookAt: LookAt): Promise<Looked | Response> {
  const checked = addressOf(c);
  if (!checked.ok) {
    const [note] = checked.problems;
    if (!note) throw new Error("an address was refused without a reason");
    return troubled(c, { kind: "invalid", note });
  }
  const address = checked.value;
  const look = await lookAt(address);
  if (!look.ok) return troubled(c, look.trouble);
  return { ...look, address, ...pathOf(address) };
}

/** `/github.com/o/r`, and the query that carries the ref and the folder along. */
export function pathOf(address: Address): Pick<Looked, "path" | "query"> {
  const path = addressPath({ ...address, ref: undefined, path: "" });
  return { path, query: addressPath(address).slice(path.length) };
}

/** The app of a repository, or the answer that says why there is none. */
export async function appOf(c: Context, { reading, path, address, lapse }: Looked): Promise<App | Response> {
  if (reading.app) return reading.app;
  const { problems, remarks } = reading;
  return answer(
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
        lapse: lapse ? { ...lapse, since: lapse.since.toISOString(), page: goodPage(address, lapse) } : null,
      }),
    422,
  );
}

/** Where the last good commit can be deployed; a folder on this machine keeps no older ones. */
const goodPage = (address: Address, { good }: Lapse) =>
  address.host === "local" ? null : addressPath({ ...address, ref: good });
