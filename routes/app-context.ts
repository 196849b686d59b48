import type { BadgeCloud } from "../badges/logos.ts";
import type { Cloud } from "../src/clouds/cloud.ts";
import type { Config } from "../src/config.ts";
import type { Db } from "../src/data/db.ts";
import type { Blocks } from "../src/data/store/blocks.ts";
import type { SettingsRow } from "../src/data/store/settings.ts";
import type { Deployments } from "../src/deployments/lifecycle.ts";
import type { Issuer } from "../src/identity/oidc-issuer.ts";
import type { Seal } from "../src/identity/seal.ts";
import type { SignIn } from "../src/maintainers/github-sign-in.ts";
import type { Maintainers } from "../src/maintainers/push-access.ts";
import type { Sessions } from "../src/maintainers/sessions.ts";
import type { Reports } from "../src/moderation/reports.ts";
import type { Address, ResolvedAddress } from "../src/repo.ts";
import type { UserRequest } from "../src/repositories/github/user-client.ts";
import type { Inspect } from "../src/repositories/inspect.ts";
import type { Visits } from "../src/stats/visit-counter.ts";
import type { Webhooks } from "../src/webhooks/index.ts";

/** The dependencies of all routes, created once at start and by tests. */
export interface AppContext {
  config: Pick<Config, "origin" | "localCloud" | "localRepos" | "github" | "operators">;
  db: Db;
  clouds: Cloud[];
  /** Every cloud that badges and settings may name, including those this server does not offer. */
  badgeClouds: BadgeCloud[];
  /** Encrypts cookies. */
  seal: Seal;
  fetch: typeof fetch;
  issuer: () => Promise<Pick<Issuer, "jwks">>;
  inspect: Inspect;
  /** Returns the settings of a repository's page, by `host/owner/repo`. */
  settingsOf: (repo: string) => SettingsRow | undefined;
  reports: Reports;
  blocks: Blocks;
  /** Splits the rest of a pasted URL, such as `/tree/a/b/c`, into a ref and a path. */
  resolveAddress: (address: Address & { rest?: string }) => Promise<ResolvedAddress>;
  /** Returns the example apps of the home page. */
  examples: () => Promise<Address[]>;
  deployments: Deployments;
  /** null if no OAuth app is configured. */
  signIn: SignIn | null;
  sessions: Sessions;
  /** Checks signed-in users' permissions on GitHub. */
  maintainers: Maintainers;
  /** Returns a GitHub client that acts for the user of a token. */
  userClient: (token: string) => UserRequest;
  webhooks: Webhooks;
  visits: Pick<Visits, "badge" | "visit">;
  random: (bytes: number) => Uint8Array;
  now: () => Date;
  log: (message: string, error: unknown) => void;
}
