import { execFile } from "node:child_process";
import { describe, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { compile as compileAws } from "../../src/clouds/aws/compile/compile.ts";
import { containerProcess } from "../../src/clouds/container-process.ts";
import { compile as compileGcp } from "../../src/clouds/gcp/compile/compile.ts";
import { processArgv } from "../../src/clouds/local/provision/processes/detached-process.ts";
import { aJob, anApp, aService } from "../harness/apps.ts";

const buildpacks: App["build"] = { kind: "buildpacks", builder: null, buildpacks: [], language: null };
const image: App["build"] = { kind: "image", image: "example/app:1" };

/** What a test looks for anywhere in a plan: containers of ECS, of Cloud Run, and overrides of tasks. */
function find(tree: unknown, match: (value: Record<string, unknown>) => boolean): Record<string, unknown>[] {
  if (typeof tree !== "object" || tree === null) return [];
  const inner = Object.values(tree).flatMap((value) => find(value, match));
  return match(tree as Record<string, unknown>) ? [tree as Record<string, unknown>, ...inner] : inner;
}

/** The argv of services, jobs and schedules of an app as each cloud's plan has them. */
const plans: Record<string, (app: App) => string[][]> = {
  aws(app) {
    const { stack } = compileAws(app, { region: "us-east-1", preset: "economy" });
    const { Resources } = stack as { Resources: Record<string, { Type: string; Properties: Record<string, unknown> }> };
    const containers = (id: string) => find(Resources[id]?.Properties, ({ Name }) => Name === "app");
    const argv = (id: string, command: unknown) => [
      ...((containers(id)[0]?.EntryPoint as string[] | undefined) ?? []),
      ...((command ?? containers(id)[0]?.Command ?? []) as string[]),
    ];
    return Object.entries(Resources).flatMap(([id, { Type, Properties }]) => {
      if (Type === "AWS::ECS::TaskDefinition") return id.startsWith("CommandTask") ? [] : [argv(id, undefined)];
      if (Type === "Custom::Job") return [argv((Properties.Task as { Ref: string }).Ref, Properties.Command)];
      if (Type !== "AWS::Scheduler::Schedule") return [];
      const target = Properties.Target as { Input: string; EcsParameters: { TaskDefinitionArn: { Ref: string } } };
      const { containerOverrides } = JSON.parse(target.Input);
      return [argv(target.EcsParameters.TaskDefinitionArn.Ref, containerOverrides[0].command)];
    });
  },
  gcp(app) {
    const { stack } = compileGcp(app, { region: "us-central1", preset: "economy" });
    return find(stack, ({ name, image }) => name === "app" && image !== undefined).map(({ command, args }) => [
      ...((command ?? []) as string[]),
      ...((args ?? []) as string[]),
    ]);
  },
};

/**
 * Runs arguments as the launcher of buildpacks does: after `--` directly, otherwise through a shell that evaluates
 * every argument once more. https://github.com/buildpacks/lifecycle/blob/main/launch/bash.go (read 2026-11-28)
 */
function launch([launcher, ...args]: string[]): Promise<string> {
  expect(launcher).toBe("/cnb/lifecycle/launcher");
  const tokens = args.map((_, index) => `"$(eval echo \\"$${index}\\")"`);
  const [program = "", ...rest] =
    args[0] === "--" ? args.slice(1) : ["bash", "-c", `exec ${tokens.join(" ")}`, ...args];
  return new Promise((resolve) => {
    execFile(program, rest, { env: { PATH: process.env.PATH, NAME: "tea" } }, (error, stdout) =>
      resolve(error ? `exit ${error.code}` : stdout),
    );
  });
}

test("without `--` a launcher reports success for commands that never ran", async () => {
  const command = `printf '%s' "app:create_app()"`;
  expect(await launch(["/cnb/lifecycle/launcher", "bash", "-c", command])).toBe("");
});

describe.each(Object.entries(plans))("on %s", (_, argvs) => {
  test.each([
    [`printf '%s\\n' "app:create_app()"`, "app:create_app()\n"],
    [`true && printf '%s' "console.log(1)"`, "console.log(1)"],
    [`printf '%s' "$NAME"`, "tea"],
    ["exit 3", "exit 3"],
  ])("buildpacks run %s in services, jobs and schedules", async (command, output) => {
    const app = anApp({
      build: buildpacks,
      services: [aService({ command })],
      jobs: [aJob({ command }), aJob({ name: "nightly", command, when: "schedule", schedule: "0 3 * * *" })],
    });
    const all = argvs(app);
    expect(all).toHaveLength(3);
    expect(await Promise.all(all.map(launch))).toEqual([output, output, output]);
  });

  test("an image without a shell runs arguments behind its own entrypoint or one that is given", () => {
    const services = [aService({ command: ["server", "--port", "80"] })];
    const jobs = [aJob({ entrypoint: ["/migrate"], command: ["up"] }), aJob({ name: "line", command: "a && b" })];
    const all = argvs(anApp({ build: image, services, jobs }));
    expect(all).toHaveLength(3);
    expect(all).toEqual(
      expect.arrayContaining([
        ["server", "--port", "80"],
        ["/migrate", "up"],
        ["/bin/sh", "-c", "a && b"],
      ]),
    );
  });
});

test.each([
  [image, { entrypoint: null, command: null }, { entrypoint: null, args: null }],
  [image, { entrypoint: null, command: ["server"] }, { entrypoint: null, args: ["server"] }],
  [image, { entrypoint: ["/init"], command: null }, { entrypoint: ["/init"], args: null }],
  [image, { entrypoint: ["/init"], command: "a; b" }, { entrypoint: ["/init"], args: ["/bin/sh", "-c", "a; b"] }],
  [image, { entrypoint: null, command: "a; b" }, { entrypoint: ["/bin/sh"], args: ["-c", "a; b"] }],
  [buildpacks, { entrypoint: null, command: null }, { entrypoint: null, args: null }],
  [
    buildpacks,
    { entrypoint: null, command: ["a", "b c"] },
    { entrypoint: ["/cnb/lifecycle/launcher"], args: ["--", "a", "b c"] },
  ],
])("%j with %j runs as %j", (build, process, expected) => {
  expect(containerProcess(build, process)).toEqual(expected);
});

test("this machine runs arguments without a shell", () => {
  expect(processArgv({ entrypoint: ["/init"], command: ["a", "b c"] })).toEqual(["/init", "a", "b c"]);
  expect(processArgv({ entrypoint: null, command: "a; b" })).toEqual(["/bin/sh", "-c", "a; b"]);
  expect(processArgv({ entrypoint: null, command: null })).toBeNull();
});
