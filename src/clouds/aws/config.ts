import type { Environment, Setting } from "../../environment.ts";
import type { Dependencies } from "./dependencies.ts";

export type AwsConfig = Pick<Dependencies, "endpoint" | "keys"> & { templatesBucket: string | null };

export const settings: Setting[] = [
  {
    name: "AWS_ACCESS_KEY_ID",
    means:
      "of an AWS account of yours that may assume the roles visitors lend; see [docs/clouds/aws.md](docs/clouds/aws.md)",
    unset: "AWS knows us by an https `ORIGIN`, or not at all",
  },
  { name: "AWS_SECRET_ACCESS_KEY", means: "goes with it", unset: "" },
  { name: "AWS_SESSION_TOKEN", means: "goes with them where they are temporary", unset: "" },
  {
    name: "AWS_TEMPLATES_BUCKET",
    means: "a bucket whose templates the AWS console can open",
    unset: "no console links",
  },
  { name: "AWS_ENDPOINT_URL", means: "where AWS's APIs are, for tests", unset: "AWS" },
];

export const readConfig = (env: Environment): AwsConfig => ({
  endpoint: env.get("AWS_ENDPOINT_URL") ? env.url("AWS_ENDPOINT_URL", "http://localhost:4566") : undefined,
  keys: keys(env),
  templatesBucket: env.get("AWS_TEMPLATES_BUCKET") ?? null,
});

function keys(env: Environment): AwsConfig["keys"] {
  const accessKeyId = env.get("AWS_ACCESS_KEY_ID");
  const secretAccessKey = env.get("AWS_SECRET_ACCESS_KEY");
  const sessionToken = env.get("AWS_SESSION_TOKEN");
  if (!accessKeyId && !secretAccessKey) return null;
  if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey, sessionToken };
  env.problem("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY go together: set both or neither");
  return null;
}
