import { repositoryId } from "../address.ts";
import type { Address, RepositoryProblem } from "../repo.ts";
import { note } from "../result.ts";
import { effectiveSettings, type Settings } from "../settings.ts";
import type { Inspect, Inspection } from "./inspect.ts";

interface Rules {
  /** Returns the settings saved on a repository's page, by `host/owner/repo`. */
  settingsOf(repo: string): Settings;
  /** Returns why it is blocked; undefined if it is not. */
  blockOf(repo: string): { reason: string } | undefined;
}

/** Wraps an inspector with the operator's blocks and the maintainers' settings: which ref, and what the page offers. */
export function inspectWithSettings(inspect: Inspect, { settingsOf, blockOf }: Rules): Inspect {
  /** The ref in the manifest applies if neither the address nor the page names one. */
  async function inspectPreferredRef(address: Address, savedRef: string | undefined): Promise<Inspection> {
    if (address.ref !== undefined || address.host === "local") return inspect(address);
    if (savedRef !== undefined) return inspect(savedRef === "latest-release" ? address : { ...address, ref: savedRef });
    const inspection = await inspect(address);
    const file = inspection.ok ? inspection.settings.ref : undefined;
    if (file !== undefined && file !== "latest-release") return inspect({ ...address, ref: file });
    const predatesManifest = inspection.ok
      ? inspection.snapshot.isRelease && inspection.reading.app === null
      : inspection.trouble.kind === "no-path";
    if (!predatesManifest) return inspection;
    // A release older than the manifest must not hide that the branch is deployable.
    const branch = await inspect({ ...address, ref: "HEAD" });
    return branch.ok && branch.reading.app !== null ? branch : inspection;
  }

  return async (address) => {
    const block = blockOf(repositoryId(address));
    if (block) return { ok: false, trouble: blockedProblem(address, block.reason) };
    const saved = settingsOf(repositoryId(address));
    const inspection = await inspectPreferredRef(address, saved.ref);
    return inspection.ok ? { ...inspection, settings: effectiveSettings(saved, inspection.settings) } : inspection;
  };
}

export const blockedProblem = (
  { owner, repo }: Pick<Address, "owner" | "repo">,
  reason: string,
): RepositoryProblem => ({
  kind: "blocked",
  note: note(`Whoever runs this Slipway has blocked ${owner}/${repo}: ${reason}`, {
    fix: "Apps that already run are not affected. If this is a mistake, tell the operator of this server.",
  }),
});
