import type { App, ResourceType } from "../../app.ts";
import { forCloud } from "../../manifest/override.ts";
import type { Remark } from "../../plan.ts";
import { schedule } from "./cron.ts";
import { isMade } from "./data.ts";
import { makings } from "./images.ts";
import { remark } from "./remarks.ts";
import { services } from "./support-services.ts";
import { asked, isName } from "./variables.ts";
import { isVersion, versionOf } from "./versions.ts";

/** What Google Cloud cannot do for an app, or does only approximately. */
export function support(wanted: App): Remark[] {
  const app = forCloud(wanted, "gcp");
  return [...unwanted(app), ...builds(app), ...resources(app), ...services(app), ...jobs(app), ...variables(app)];
}

const unwanted = ({ name, overrides }: App): Remark[] =>
  overrides?.gcp?.supported === false
    ? [remark("missing", "cloud.providers.gcp", `The maintainers of ${name} say that it does not run on Google Cloud.`)]
    : [];

/** What heroku/builder:24 builds. */
const languages = ["node", "python", "ruby", "go", "java", "scala", "php", "dotnet"];

function builds(app: App): Remark[] {
  const { build, source } = app;
  if (makings(app).length === 0) return [];
  const remarks: Remark[] = [];
  if (source.host === "local")
    remarks.push(
      remark(
        "missing",
        "source",
        "Cloud Build fetches from GitHub, and cannot reach a folder on this machine.",
        "Push it to a public repository on GitHub.",
      ),
    );
  if (build.kind === "command" && build.publish === null && build.command !== null)
    remarks.push(
      remark("approximate", "build", `Buildpacks build the app as they think best, without \`${build.command}\`.`),
    );
  if (build.kind !== "buildpacks") return remarks;
  if (build.language !== null && build.builder === null && !languages.includes(build.language))
    remarks.push(
      remark(
        "missing",
        "build",
        `The buildpacks used here build ${languages.join(", ")}, and no ${build.language}.`,
        "Add a Dockerfile.",
      ),
    );
  if (build.buildpacks.length > 0)
    remarks.push(
      remark(
        "approximate",
        "build",
        `Cloud Native Buildpacks choose themselves by the files there are; ${build.buildpacks.join(", ")} are not used.`,
        "If the build needs something else, add a Dockerfile.",
      ),
    );
  return remarks;
}

const products: Partial<Record<ResourceType, string>> = { postgres: "Postgres", mysql: "MySQL", redis: "Redis" };

const resources = ({ resources }: App): Remark[] =>
  resources.flatMap(({ name, type, version, env }) => {
    const path = `resources.${name}`;
    if (!isMade(type)) {
      const what = type === "smtp" ? "Google lends no mail server" : `This stack makes no ${type}`;
      const names = Object.keys(env).join(", ");
      return [remark("approximate", path, `${what}: give the address of one you have in ${names || "its variables"}.`)];
    }
    if (type === "bucket")
      return [
        remark(
          "approximate",
          path,
          "Files in the bucket are private, and a request to make one public is refused: the app has to hand them out itself.",
        ),
      ];
    const made = versionOf(type, version);
    return [
      ...(isVersion(type, version)
        ? []
        : [remark("approximate", path, `${name} asks for ${version} and gets ${products[type]} ${made}.`)]),
      // https://github.com/GoogleCloudPlatform/cloud-sql-proxy/issues/2317
      ...(type === "mysql" && made === "8.4"
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

const longestJob = 86_400;

const jobs = ({ jobs }: App): Remark[] =>
  jobs.flatMap(({ name, when, schedule: cron, timeout = 0 }) => {
    const path = `jobs.${name}`;
    if (timeout > longestJob) return [remark("approximate", path, `${name} is stopped after a day.`)];
    if (when !== "schedule" || schedule(cron ?? "")) return [];
    const fix = "Write five cron fields, such as `0 3 * * *`.";
    return [remark("ignored", path, `\`${cron ?? ""}\` is no schedule, so ${name} never runs.`, fix)];
  });

function variables(app: App): Remark[] {
  const names = [
    ...asked(app).map(({ name }) => name),
    ...[app, ...app.services, ...app.resources].flatMap(({ env = {} }) => Object.keys(env)),
  ];
  return [...new Set(names)]
    .filter((name) => name !== "PORT" && !isName(name))
    .map((name) => remark("ignored", `env.${name}`, `Cloud Run takes no variable called ${name}.`));
}
