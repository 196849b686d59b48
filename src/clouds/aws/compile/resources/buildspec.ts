import type { Build } from "../../../../app.ts";
import { nginxTemplate, siteDockerfile } from "../../../static-site.ts";

// pack's own checksums: https://github.com/buildpacks/pack/releases/tag/v0.38.2
const packUrl = "https://github.com/buildpacks/pack/releases/download/v0.38.2/pack-v0.38.2-linux.tgz";
const packChecksum = "a00765572b7d464b1691d64fd264d9a807b066a7e7805db32b9918d9be16e228";
const node = "public.ecr.aws/docker/library/node:24";
export const nginx = "public.ecr.aws/nginx/nginx:1.29-alpine";

const fetchSource = [
  "work=$(mktemp -d)",
  'git init -q "$work/source"',
  'cd "$work/source"',
  'git fetch -q --depth 1 -- "$REPOSITORY" "$COMMIT"',
  "git checkout -q FETCH_HEAD",
  'cd "./$FOLDER"',
  'aws ecr get-login-password | docker login --username AWS --password-stdin "$REGISTRY"',
];

const dockerfileCommands = [
  "set --",
  'for one in $(compgen -v ARGUMENT_); do set -- "$@" --build-arg "$(printenv "$one")"; done',
  'docker build --pull -t "$IMAGE" "$@" -f "./$DOCKERFILE" "./$CONTEXT"',
];

const buildpackCommands = [
  `curl -sSfL --retry 3 -o "$work/pack.tgz" ${packUrl}`,
  `echo "${packChecksum}  $work/pack.tgz" | sha256sum -c -`,
  'tar -xzf "$work/pack.tgz" -C "$work" pack',
  '"$work/pack" build "$IMAGE" --path . --builder "$BUILDER" --trust-builder',
];

const staticSiteCommands = (base: string) => [
  'mkdir "$work/conf"',
  `printf '%s\\n' ${nginxTemplate.map((line) => `'${line}'`).join(" ")} > "$work/conf/site.conf"`,
  `printf '%s\\n' ${siteDockerfile(base, nginx, "COPY --from=conf site.conf /etc/nginx/templates/default.conf.template")
    .map((line) => `'${line}'`)
    .join(" ")} > "$work/Dockerfile"`,
  'docker build --pull -t "$IMAGE" --build-context conf="$work/conf" --build-arg COMMAND --build-arg PUBLISH -f "$work/Dockerfile" .',
];

/** Contains only our own text. Values from a manifest are environment variables, which no shell interprets. */
export function buildspec(build: Build): string {
  const buildCommands =
    build.kind === "dockerfile"
      ? dockerfileCommands
      : build.kind === "command" && build.publish !== null
        ? staticSiteCommands(build.command === null ? nginx : node)
        : buildpackCommands;
  const commands = [["set -eu", ...fetchSource, ...buildCommands, 'docker push "$IMAGE"'].join("\n")];
  return JSON.stringify({ version: 0.2, env: { shell: "bash" }, phases: { build: { commands } } });
}

const defaultBuilder = "heroku/builder:24";

/** Returns the manifest's values as environment variables of the build. */
export function buildVariables(build: Build): Record<string, string> {
  switch (build.kind) {
    case "dockerfile":
      return { DOCKERFILE: build.dockerfile, CONTEXT: build.context, ...buildArguments(build.args) };
    case "buildpacks":
      return { BUILDER: build.builder ?? defaultBuilder };
    case "command":
      return build.publish === null
        ? { BUILDER: defaultBuilder }
        : { COMMAND: build.command ?? ":", PUBLISH: build.publish };
    default:
      return {};
  }
}

const buildArguments = (args: Record<string, string> = {}) =>
  Object.fromEntries(Object.entries(args).map(([name, value], index) => [`ARGUMENT_${index + 1}`, `${name}=${value}`]));
