import { describe, expect, test } from "vitest";
import type { App } from "../../../src/app.ts";
import { anApp, aService } from "../../harness/apps.ts";
import { bodies, resources, running, stackOf } from "./evaluate.ts";

const github = { ...anApp().source, host: "github.com" as const, owner: "discourse", repo: "discourse" };
const image = "us-central1-docker.pkg.dev/my-project/images/app:0123456789abcdef0123456789abcdef01234567";

interface Sent {
  source: { gitSource: Record<string, string> };
  steps: { name: string; args?: string[]; env?: string[]; script?: string; entrypoint?: string }[];
  images: string[];
  [key: string]: unknown;
}
const built = (overrides: Partial<App>) =>
  bodies(stackOf(anApp({ source: github, ...overrides })), "projects.locations.builds.create") as unknown as Sent[];

describe("a build", () => {
  test("uses the pinned commit and its own service account, with readable logs", () => {
    const [build] = built({ source: { ...github, path: "apps/web" } });
    expect(build).toMatchObject({
      source: {
        gitSource: {
          url: "https://github.com/discourse/discourse.git",
          revision: github.commit,
          dir: "apps/web",
        },
      },
      images: [image],
      serviceAccount: "projects/my-project/serviceAccounts/build@my-project.iam.gserviceaccount.com",
      options: { logging: "CLOUD_LOGGING_ONLY" },
    });
    expect(built({})[0]?.source.gitSource).not.toHaveProperty("dir");
  });

  test("passes build arguments to a Dockerfile without Cloud Build's substitutions", () => {
    const [build] = built({
      build: { kind: "dockerfile", dockerfile: "Docker file", context: ".", args: { A: "$PROJECT_ID ${_X} $$" } },
    });
    expect(build?.steps).toEqual([
      {
        name: "gcr.io/cloud-builders/docker",
        args: [
          ...["build", "--pull", "-t", image, "--build-arg", "A=$$PROJECT_ID $${_X} $$$$"],
          ...["-f", "./Docker file", "./."],
        ],
        env: ["DOCKER_BUILDKIT=1"],
      },
    ]);
  });

  test("uses the requested buildpacks builder", () => {
    const args = (build: App["build"]) => built({ build })[0]?.steps[0]?.args;
    expect(args({ kind: "buildpacks", builder: null, buildpacks: [], language: null })).toContain(
      "--builder=heroku/builder:24",
    );
    expect(args({ kind: "buildpacks", builder: "x/$y", buildpacks: [], language: null })).toContain("--builder=x/$$y");
    expect(args({ kind: "command", command: "make", publish: null })).toContain("--builder=heroku/builder:24");
  });

  test("runs the image's default `pack` for buildpacks", () => {
    const step = built({ build: { kind: "buildpacks", builder: null, buildpacks: [], language: null } })[0]?.steps[0];
    expect(step).toMatchObject({ name: expect.stringMatching(/^docker\.io\/buildpacksio\/pack:0\.39\.\d+$/) });
    expect(step).not.toHaveProperty("entrypoint");
    expect(step?.args?.slice(0, 2)).toEqual(["build", image]);
  });

  test("passes a static site's values to the script as variables only", () => {
    const [build] = built({ build: { kind: "command", command: "'; id #", publish: "$(id)" } });
    const [step] = build?.steps ?? [];
    expect(step?.env).toEqual([`IMAGE=${image}`, "COMMAND='; id #", "PUBLISH=$$(id)"]);
    expect(step?.script).not.toMatch(/id #|\$\(id\)/);
    expect(step?.script).toContain("FROM mirror.gcr.io/library/node:24 AS build");
    expect(built({ build: { kind: "command", command: null, publish: "." } })[0]?.steps[0]?.script).not.toContain(
      "node",
    );
  });

  test("runs once per distinct build", () => {
    const otherBuild = { kind: "dockerfile" as const, dockerfile: "B", context: "." };
    const services = [
      aService(),
      aService({ name: "b", build: otherBuild }),
      aService({ name: "c", build: otherBuild }),
    ];
    const app = anApp({ source: github, services });
    expect(built({ services }).map(({ images }) => images)).toEqual([[image], [`${image}-2`]]);
    const { web, b, c } = running(stackOf(app), "services");
    expect([web, b, c].map((service) => service?.containers[0]?.image)).toEqual([image, `${image}-2`, `${image}-2`]);
    const after = Object.fromEntries(stackOf(app).steps.map((step) => [step.name, step.after]));
    expect(after).toMatchObject({ build: ["repository"], "build-2": ["repository"], b: ["build-2"] });
    expect(after.web).toEqual(["build"]);
  });

  test("is not needed for an image that Cloud Run can pull", () => {
    for (const name of [
      "nginx:1",
      "owner/app",
      "docker.io/library/nginx",
      "gcr.io/p/app",
      "eu-docker.pkg.dev/p/r/app",
    ]) {
      const stack = stackOf(anApp({ build: { kind: "image", image: name } }));
      expect(running(stack, "services").web?.containers[0]?.image).toBe(name);
      expect(stack.steps.map((step) => step.name)).toEqual(["apis", "accounts", "web"]);
    }
  });

  test("is not needed for an image from another registry: a remote repository pulls it", () => {
    const stack = stackOf(anApp({ build: { kind: "image", image: "ghcr.io/owner/app:v1@sha256:abc" } }));
    const [repository] = bodies(stack, "projects.locations.repositories.create");
    expect(repository).toMatchObject({
      format: "DOCKER",
      mode: "REMOTE_REPOSITORY",
      remoteRepositoryConfig: { dockerRepository: { customRepository: { uri: "https://ghcr.io" } } },
    });
    expect(running(stack, "services").web?.containers[0]?.image).toBe(
      "us-central1-docker.pkg.dev/my-project/images/owner/app:v1@sha256:abc",
    );
    expect(stack.steps.find(({ name }) => name === "web")?.after).toEqual(["accounts", "images"]);
    expect(resources(stack).some(({ id }) => id === "build")).toBe(false);
  });
});
