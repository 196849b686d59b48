import type { Build } from "../../app.ts";
import { closestMatch } from "../closest-match.ts";
import { inside } from "../components.ts";
import { cronOf } from "../cron.ts";
import { type Files, firstOf, type ManifestFormat, type PartialApp, type ServicePart } from "../format.ts";
import { languageOf } from "../infer/languages.ts";
import { needsShell, splitArgs } from "../shell.ts";
import { type Diagnostics, short } from "../syntax/diagnostics.ts";
import { parseJson } from "../syntax/json.ts";
import { parseToml } from "../syntax/toml.ts";
import { get, itemsOf, kindOf, scalar, type Tree } from "../syntax/tree.ts";

/** Railway's configuration of one service. It has neither databases nor ports. */
export const railway: ManifestFormat = {
  id: "railway",
  kind: "manifest",
  find: firstOf("railway.json", "railway.toml"),
  read(report, files) {
    const root = report.file.endsWith(".toml") ? parseToml(report) : parseJson(report);
    if (root === null) return {};
    if (root.kind !== "object") {
      report.problem(
        root,
        `Railway's configuration is an object, but this is ${kindOf(root)}.`,
        'Begin with `{ "build": … }`.',
      );
      return {};
    }
    const knownKeys = ["$schema", "schema", "build", "deploy", "environments"];
    for (const [key, entry] of root.entries) {
      if (knownKeys.includes(key)) continue;
      const match = closestMatch(key, knownKeys);
      const fix = match ? `Did you mean \`${match}\`?` : "";
      report.remark(entry.key, `\`${short(key)}\` is nothing Railway knows, and is passed over.`, fix);
    }
    return partOf(get(root, "build"), get(root, "deploy"), report, files);
  },
};

function partOf(build: Tree | undefined, deploy: Tree | undefined, report: Diagnostics, files: Files): PartialApp {
  const part: PartialApp = {};
  const declaredBuild = buildOf(build, files);
  if (declaredBuild) part.build = declaredBuild;
  const command = scalar(get(deploy, "startCommand"))?.trim();
  const cron = scalar(get(deploy, "cronSchedule"));
  const release = get(deploy, "preDeployCommand");
  const releaseCommand =
    itemsOf(release)
      .flatMap((item) => scalar(item) ?? [])
      .join(" && ") || scalar(release)?.trim();
  if (releaseCommand)
    part.jobs = [{ name: "release", entrypoint: null, command: releaseCommand, when: "release", schedule: null }];
  const schedule = cron === undefined ? null : cronOf(cron);
  if (command && schedule) {
    part.jobs = [...(part.jobs ?? []), { name: "scheduled", entrypoint: null, command, when: "schedule", schedule }];
    return part;
  }
  if (command && /^docker[ -]compose\b/.test(command)) {
    report.remark(
      get(deploy, "startCommand") ?? null,
      "Docker cannot be started inside a container; this is passed over.",
    );
    return part;
  }
  const web: ServicePart = { name: "web" };
  // For images Railway executes the command directly, in place of the ENTRYPOINT:
  // https://docs.railway.com/guides/start-command (2026-11-28)
  const runsImage = declaredBuild ? declaredBuild.kind === "dockerfile" : files.list.includes("Dockerfile");
  if (command && runsImage && !needsShell(command)) web.entrypoint = splitArgs(command);
  else if (command) web.command = command;
  const health = scalar(get(deploy, "healthcheckPath"));
  // Railway waits this long for the first answer.
  const grace = Number(scalar(get(deploy, "healthcheckTimeout")));
  if (health?.startsWith("/")) web.health = { path: health, ...(grace > 0 ? { grace } : {}) };
  const count = Number(scalar(get(deploy, "numReplicas")) ?? 1);
  if (count > 1 && count < 1000) web.scale = { min: count, max: count };
  if (command ?? declaredBuild) part.services = [web];
  return part;
}

function buildOf(build: Tree | undefined, files: Files): Build | undefined {
  const builder = scalar(get(build, "builder"))?.toUpperCase();
  const dockerfile = scalar(get(build, "dockerfilePath"));
  if (builder === "DOCKERFILE" || dockerfile) {
    return { kind: "dockerfile", dockerfile: inside(dockerfile ?? "Dockerfile"), context: "." };
  }
  if (builder === undefined && files.list.includes("Dockerfile")) return undefined;
  return builder === undefined
    ? undefined
    : { kind: "buildpacks", builder: null, buildpacks: [], language: languageOf(files.list) };
}
