import type { Build } from "../../../../app.ts";
import { nginxTemplate, siteDockerfile } from "../../../static-site.ts";
import type { Value } from "../../stack.ts";
import { concat, type TextPart } from "../expressions.ts";

const docker = "gcr.io/cloud-builders/docker";
// The Docker of Cloud Build speaks 1.41 at most: pack before 0.39 asks for a fixed version of it, pack from 0.40 for 1.44.
// https://cloud.google.com/build/docs/overview#docker, https://github.com/buildpacks/pack/issues/2482
const pack = "docker.io/buildpacksio/pack:0.39.1";
// Google's cache of Docker Hub, which counts nobody's downloads.
const node = "mirror.gcr.io/library/node:24";
const nginx = "mirror.gcr.io/library/nginx:1.29-alpine";
const defaultBuilder = "heroku/builder:24";

/** Cloud Build replaces `$NAME` and `${NAME}` in arguments and variables by substitutions of its own; `$$` is a dollar. */
const literal = (words: string): string => words.replaceAll("$", "$$$$");

const dockerfile = (base: string) =>
  siteDockerfile(
    base,
    nginx,
    `RUN printf '%s\\n' ${nginxTemplate.map((line) => `'${line}'`).join(" ")} > /etc/nginx/templates/default.conf.template`,
  );

const quoted = (line: string) => `'${line.replaceAll("'", `'\\''`)}'`;

/** Only our words: what a manifest says comes in as variables, which no shell reads as anything but text. */
const siteScript = (base: string) =>
  [
    "#!/usr/bin/env bash",
    "set -eu",
    `printf '%s\\n' ${dockerfile(base).map(quoted).join(" ")} |`,
    '  docker build --pull -t "$IMAGE" --build-arg COMMAND --build-arg PUBLISH -f - .',
  ].join("\n");

/** The steps of Cloud Build that make the image, in the folder of the app. */
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
