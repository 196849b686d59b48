import { repositoryId } from "../address.ts";
import type { Address, RepositoryProblem } from "../repo.ts";
import { note } from "../result.ts";
import { effectiveSettings, type Settings } from "../settings.ts";
import type { Inspect, Inspection } from "./inspect.ts";

interface Rules {
  /** What was set on a repository's page, by `host/owner/repo`. */
  settingsOf(repo: string): Settings;
  /** Why it may not be deployed from here; undefined: it may. */
  blockOf(repo: string): { reason: string } | undefined;
}

/** Looks at a repository as its maintainers and the operator want it seen: what is blocked, which ref it is, the settings. */
export function inspectWithSettings(look: Inspect, { settingsOf, blockOf }: Rules): Inspect {
  /** The ref in the file counts where neither the address nor the page names one. */
  async function lookFrom(address: Address, page: string | undefined): Promise<Inspection> {
    if (address.ref !== undefined || address.host === "local") return look(address);
    if (page !== undefined) return look(page === "latest-release" ? address : { ...address, ref: page });
    const found = await look(address);
    const file = found.ok ? found.settings.ref : undefined;
    if (file !== undefined && file !== "latest-release") return look({ ...address, ref: file });
    const isOld = found.ok ? found.snapshot.isRelease && found.reading.app === null : found.trouble.kind === "no-path";
    if (!isOld) return found;
    // A release from before there was anything to deploy must not hide that there is now.
    const branch = await look({ ...address, ref: "HEAD" });
    return branch.ok && branch.reading.app !== null ? branch : found;
  }

  return async (address) => {
    const block = blockOf(repositoryId(address));
    if (block) return { ok: false, trouble: blockedProblem(address, block.reason) };
    const page = settingsOf(repositoryId(address));
    const found = await lookFrom(address, page.ref);
    return found.ok ? { ...found, settings: effectiveSettings(page, found.settings) } : found;
  };
}

export const blockedProblem = (
  { owner, repo }: Pick<Address, "owner" | "repo">,
  reason: string,
): RepositoryProblem => ({
  kind: "blocked",
  note: note(`Whoever runs this Slipway has blocked ${owner}/${repo}: ${reason}`, {
    fix: "What was deployed before goes on running. If this is a mistake, tell whoever runs this Slipway.",
  }),
});
