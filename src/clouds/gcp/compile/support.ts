import type { App, ResourceType } from "../../../app.ts";
import { forCloud } from "../../../manifest/cloud-overrides.ts";
import type { Remark } from "../../../plan.ts";
import { buildRemarks } from "../../build-support.ts";
import { declaredSupport } from "../../declared-support.ts";
import { remark } from "../../remark.ts";
import { isManaged } from "./app-resources.ts";
import { engineVersion, isExactVersion } from "./engine-versions.ts";
import { imageBuilds } from "./resources/artifact-registry.ts";
import { schedule } from "./run/cron.ts";
import { services } from "./support-services.ts";
import { askedVariables, isName } from "./variables.ts";

/** Returns what Google Cloud cannot do for an app, or does only approximately. */
export function support(original: App): Remark[] {
  const app = forCloud(original, "gcp");
  return [
    ...declaredSupport(app, "gcp", "Google Cloud"),
    ...builds(app),
    ...resources(app),
    ...services(app),
    ...jobs(app),
    ...variables(app),
  ];
}

const builds = (app: App): Remark[] =>
  imageBuilds(app).length === 0
    ? []
    : buildRemarks(app, "Cloud Build fetches from GitHub, and cannot reach a folder on this machine.");

const products: Partial<Record<ResourceType, string>> = { postgres: "Postgres", mysql: "MySQL", redis: "Redis" };

const resources = ({ resources }: App): Remark[] =>
  resources.flatMap(({ name, type, version, env }) => {
    const path = `resources.${name}`;
    if (!isManaged(type)) {
      const reason = type === "smtp" ? "Google lends no mail server" : `This stack makes no ${type}`;
      const names = Object.keys(env).join(", ");
      return [
        remark("approximate", path, `${reason}: give the address of one you have in ${names || "its variables"}.`),
      ];
    }
    if (type === "bucket")
      return [
        remark(
          "approximate",
          path,
          "Files in the bucket are private, and a request to make one public is refused: the app has to hand them out itself.",
        ),
      ];
    const actual = engineVersion(type, version);
    return [
      ...(isExactVersion(type, version)
        ? []
        : [remark("approximate", path, `${name} asks for ${version} and gets ${products[type]} ${actual}.`)]),
      // https://github.com/GoogleCloudPlatform/cloud-sql-proxy/issues/2317
      ...(type === "mysql" && actual === "8.4"
        ? [
            remark(
              "approximate",
              path,
              "MySQL 8.4 logs in by caching_sha2_password, and the app reaches it without TLS: its library has to fetch the server's public key, as those of Node, Go and PHP do by themselves.",
              "If the library cannot, such as an older JDBC without `allowPublicKeyRetrieval=true`, ask for version 8.0.",
            ),
          ]
        : []),
    ];
  });

const maxJobSeconds = 86_400;

const jobs = ({ jobs }: App): Remark[] =>
  jobs.flatMap(({ name, when, schedule: expression, timeout = 0 }) => {
    const path = `jobs.${name}`;
    if (timeout > maxJobSeconds) return [remark("approximate", path, `${name} is stopped after a day.`)];
    if (when !== "schedule" || schedule(expression ?? "")) return [];
    const fix = "Write five cron fields, such as `0 3 * * *`.";
    return [remark("ignored", path, `\`${expression ?? ""}\` is no schedule, so ${name} never runs.`, fix)];
  });

function variables(app: App): Remark[] {
  const names = [
    ...askedVariables(app).map(({ name }) => name),
    ...[app, ...app.services, ...app.resources].flatMap(({ env = {} }) => Object.keys(env)),
  ];
  return [...new Set(names)]
    .filter((name) => name !== "PORT" && !isName(name))
    .map((name) => remark("ignored", `env.${name}`, `Cloud Run takes no variable called ${name}.`));
}
