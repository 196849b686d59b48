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

/** Everything the routes need of the world; made once in server.ts, and by tests. */
export interface AppContext {
  config: Pick<Config, "origin" | "localCloud" | "localRepos" | "github" | "operators">;
  db: Db;
  clouds: Cloud[];
  /** Every cloud that badges and settings may name, also those this server does not offer. */
  badgeClouds: BadgeCloud[];
  /** Seals what a visitor's browser keeps for us. */
  seal: Seal;
  fetch: typeof fetch;
  issuer: () => Promise<Pick<Issuer, "jwks">>;
  inspect: Inspect;
  /** What was set on a repository's page, by `host/owner/repo`. */
  settingsOf: (repo: string) => SettingsRow | undefined;
  reports: Reports;
  blocks: Blocks;
  /** Tells where `/tree/a/b/c` divides into a ref and a path. */
  resolveAddress: (pasted: Address & { rest?: string }) => Promise<ResolvedAddress>;
  /** What the home page offers to try. */
  examples: () => Promise<Address[]>;
  deployments: Deployments;
  /** null: nobody can, as there is no OAuth app. */
  signIn: SignIn | null;
  sessions: Sessions;
  /** What GitHub lets those who are signed in do. */
  maintainers: Maintainers;
  /** GitHub as somebody's token sees it. */
  userClient: (token: string) => UserRequest;
  webhooks: Webhooks;
  visits: Pick<Visits, "badge" | "visit">;
  random: (bytes: number) => Uint8Array;
  now: () => Date;
  log: (message: string, error: unknown) => void;
}
