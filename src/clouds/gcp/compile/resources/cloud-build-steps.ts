import type { Build } from "../../../../app.ts";
import { nginxTemplate, siteDockerfile } from "../../../static-site.ts";
import type { Value } from "../../stack.ts";
import { concat, type TextPart } from "../expressions.ts";

const docker = "gcr.io/cloud-builders/docker";
// Docker on Cloud Build supports API 1.41 at most; pack from 0.40 requires 1.44, and before 0.39 it required a fixed version.
// https://cloud.google.com/build/docs/overview#docker, https://github.com/buildpacks/pack/issues/2482
const pack = "docker.io/buildpacksio/pack:0.39.1";
// Google's mirror of Docker Hub has no rate limit.
const node = "mirror.gcr.io/library/node:24";
const nginx = "mirror.gcr.io/library/nginx:1.29-alpine";
const defaultBuilder = "heroku/builder:24";

/** Escapes dollars: Cloud Build substitutes `$NAME` and `${NAME}` in arguments and variables. */
const literal = (text: string): string => text.replaceAll("$", "$$$$");

const dockerfile = (base: string) =>
  siteDockerfile(
    base,
    nginx,
    `RUN printf '%s\\n' ${nginxTemplate.map((line) => `'${line}'`).join(" ")} > /etc/nginx/templates/default.conf.template`,
  );

const quoted = (line: string) => `'${line.replaceAll("'", `'\\''`)}'`;

/** Contains no text of the manifest: its values come in as variables, which the shell does not interpret. */
const siteScript = (base: string) =>
  [
    "#!/usr/bin/env bash",
    "set -eu",
    `printf '%s\\n' ${dockerfile(base).map(quoted).join(" ")} |`,
    '  docker build --pull -t "$IMAGE" --build-arg COMMAND --build-arg PUBLISH -f - .',
  ].join("\n");

/** Returns the build steps that create the image from the folder of the app. */
export function buildSteps(build: Build, image: TextPart[]): Value[] {
  if (build.kind === "dockerfile")
    return [
      {
        name: docker,
        args: [
          ...["build", "--pull", "-t", concat(...image)],
          ...Object.entries(build.args ?? {}).flatMap(([name, value]) => ["--build-arg", literal(`${name}=${value}`)]),
          ...["-f", literal(`./${build.dockerfile}`), literal(`./${build.context}`)],
        ],
        env: ["DOCKER_BUILDKIT=1"],
      },
    ];
  if (build.kind === "command" && build.publish !== null)
    return [
      {
        name: docker,
        script: siteScript(build.command === null ? nginx : node),
        env: [
          concat("IMAGE=", ...image),
          literal(`COMMAND=${build.command ?? ":"}`),
          literal(`PUBLISH=${build.publish}`),
        ],
      },
    ];
  const builder = build.kind === "buildpacks" ? (build.builder ?? defaultBuilder) : defaultBuilder;
  return [
    {
      name: pack,
      args: [
        ...["build", concat(...image), "--path", ".", `--builder=${literal(builder)}`],
        ...["--trust-builder", "--network", "cloudbuild"],
      ],
    },
  ];
}
