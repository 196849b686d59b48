import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Build } from "../../../src/app.ts";
import { buildspec, buildVariables } from "../../../src/clouds/aws/compile/resources/buildspec.ts";

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "slipway-build-"));
});
afterEach(() => rmSync(home, { recursive: true, maxRetries: 5 }));

// Each program only records its arguments; `git` also creates folders, and `docker build` prints its Dockerfile.
const stub = `#!/bin/bash
name=$(basename "$0")
# In one piece: programs at the two ends of a pipe write at the same time.
printf '%s\\0' "$name" "$@" $'\\n' >> "$CALLS"
case "$name $1" in
  "git init") mkdir -p "$3" ;;
  "git checkout") mkdir -p "./$FOLDER" ;;
  "aws ecr") echo password ;;
  "tar -xzf") cp "$0" "$4/pack" ;;
esac
while [ $# -gt 0 ]; do
  [ "$1" = -f ] && [ -f "$2" ] && cp "$2" "$SHOWN"
  case "$1" in conf=*) cp "\${1#conf=}/site.conf" "$SHOWN.conf" ;; esac
  shift
done
`;

/** Runs the buildspec's script as CodeBuild would and returns its calls. */
function run(build: Build, overrides: Record<string, string> = {}, failing?: string) {
  const bin = join(home, "bin");
  mkdirSync(bin, { recursive: true });
  for (const name of ["git", "docker", "aws", "curl", "sha256sum", "tar"]) {
    writeFileSync(join(bin, name), name === failing ? "#!/bin/sh\nexit 1\n" : stub);
    chmodSync(join(bin, name), 0o755);
  }
  const { phases, env } = JSON.parse(buildspec(build));
  const calls = join(home, "calls");
  const { status } = spawnSync(env.shell, ["-c", phases.build.commands[0]], {
    env: {
      PATH: `${bin}:/usr/bin:/bin`,
      TMPDIR: home,
      CALLS: calls,
      SHOWN: join(home, "shown"),
      REPOSITORY: "https://github.com/owner/repo.git",
      COMMIT: "0123456",
      FOLDER: "",
      REGISTRY: "1.dkr.ecr.us-east-1.amazonaws.com",
      IMAGE: "1.dkr.ecr.us-east-1.amazonaws.com/repo:0123456",
      ...buildVariables(build),
      ...overrides,
    },
  });
  const recorded = existsSync(calls) ? readFileSync(calls, "utf8").split("\0\n\0").slice(0, -1) : [];
  return { status, calls: recorded.map((call) => call.split("\0")) };
}

const image = "1.dkr.ecr.us-east-1.amazonaws.com/repo:0123456";
const docker = ({ calls }: ReturnType<typeof run>) => calls.filter(([name]) => name === "docker");

test("builds a Dockerfile at the pinned commit with its build arguments, and pushes the image", () => {
  const build: Build = {
    kind: "dockerfile",
    dockerfile: "docker/Dockerfile",
    context: ".",
    args: { A: "b c", D: '"$E"' },
  };
  const done = run(build, { FOLDER: "packages/web" });
  expect(done.status).toBe(0);
  expect(done.calls).toContainEqual([
    "git",
    "fetch",
    "-q",
    "--depth",
    "1",
    "--",
    "https://github.com/owner/repo.git",
    "0123456",
  ]);
  expect(docker(done)).toEqual([
    ["docker", "login", "--username", "AWS", "--password-stdin", "1.dkr.ecr.us-east-1.amazonaws.com"],
    [
      "docker",
      "build",
      "--pull",
      "-t",
      image,
      "--build-arg",
      "A=b c",
      "--build-arg",
      'D="$E"',
      "-f",
      "./docker/Dockerfile",
      "./.",
    ],
    ["docker", "push", image],
  ]);
});

test("runs buildpacks with a pack of known checksum", () => {
  const done = run({ kind: "buildpacks", builder: null, buildpacks: [], language: "node" });
  expect(done.status).toBe(0);
  expect(done.calls).toContainEqual(["sha256sum", "-c", "-"]);
  expect(done.calls).toContainEqual([
    "pack",
    "build",
    image,
    "--path",
    ".",
    "--builder",
    "heroku/builder:24",
    "--trust-builder",
  ]);
  expect(docker(done).at(-1)).toEqual(["docker", "push", image]);
});

test("serves a static site on PORT, with its own 404 page", () => {
  const done = run({ kind: "command", command: "npm ci && npm run build", publish: "dist" });
  expect(done.status).toBe(0);
  const dockerfile = readFileSync(join(home, "shown"), "utf8");
  expect(dockerfile).toMatch(/^FROM public\.ecr\.aws\/docker\/library\/node:24 AS build\n/);
  expect(dockerfile).toContain('RUN sh -c "$COMMAND"');
  expect(dockerfile).not.toContain("npm");
  const conf = readFileSync(join(home, "shown.conf"), "utf8");
  expect(conf).toContain("listen $PORT;");
  expect(conf).toContain("error_page 404 /404.html;");
});

const hostile = [
  "$(touch owned)",
  "`touch owned`",
  "; touch owned",
  "' ; touch owned ; '",
  '" && touch owned "',
  "--help",
  "a\ntouch owned",
];
test.each(hostile)("never runs %j, wherever it appears", (text) => {
  for (const build of [
    { kind: "dockerfile", dockerfile: text, context: text, args: { [text]: text } },
    { kind: "buildpacks", builder: text, buildpacks: [text], language: null },
    { kind: "command", command: text, publish: text },
  ] satisfies Build[]) {
    const { calls } = run(build, { COMMIT: text, REPOSITORY: text, FOLDER: text });
    expect(calls).toContainEqual(["git", "fetch", "-q", "--depth", "1", "--", text, text]);
  }
  const { stdout } = spawnSync("find", [home, "-name", "owned"], { encoding: "utf8" });
  expect(stdout).toBe("");
});

test.each(["git", "sha256sum", "docker"])("when %s fails, the build fails and nothing is pushed", (failing) => {
  const done = run({ kind: "buildpacks", builder: null, buildpacks: [], language: null }, {}, failing);
  expect(done.status).not.toBe(0);
  expect(docker(done).filter(([, verb]) => verb === "push")).toEqual([]);
});
