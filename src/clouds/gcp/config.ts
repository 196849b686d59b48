import type { Environment, Setting } from "../../environment.ts";
import type { Dependencies } from "./dependencies.ts";

export type GcpConfig = Pick<Dependencies, "endpoint" | "issuer" | "client">;

export const settings: Setting[] = [
  {
    name: "GCP_CLIENT_ID",
    means:
      "of an OAuth client at Google that visitors lend access through; see [docs/clouds/gcp.md](docs/clouds/gcp.md)",
    unset: "Google Cloud by script only",
  },
  { name: "GCP_CLIENT_SECRET", means: "goes with it", unset: "" },
  { name: "GOOGLE_CLIENT_ID", means: "another name for `GCP_CLIENT_ID`", unset: "" },
  { name: "GOOGLE_CLIENT_SECRET", means: "another name for `GCP_CLIENT_SECRET`", unset: "" },
  {
    name: "GOOGLE_API_URL",
    means: "where Google's APIs are, for tests: stands in front of their hosts",
    unset: "Google",
  },
  { name: "GOOGLE_OAUTH_URL", means: "the issuer that visitors sign in at", unset: "`https://accounts.google.com`" },
];

export const readConfig = (env: Environment): GcpConfig => ({
  endpoint: env.get("GOOGLE_API_URL") ? env.url("GOOGLE_API_URL", "http://localhost:4567") : undefined,
  issuer: env.url("GOOGLE_OAUTH_URL", "https://accounts.google.com"),
  client: env.oauthClient("GCP", "GOOGLE"),
});
