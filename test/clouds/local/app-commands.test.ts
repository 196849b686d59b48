import { expect, test } from "vitest";
import { local } from "../../../src/clouds/local/index.ts";
import { aJob, anApp, aResource } from "../../harness/apps.ts";

test("the build, the jobs, the services and their health check run commands of the app; other steps run ours", () => {
  const app = anApp({ jobs: [aJob()], resources: [aResource()] });
  const { runsAppCommand } = local({ dataDir: "", path: "" });
  const { steps } = local({ dataDir: "", path: "" }).compile(app, { region: "here", preset: "economy" });
  const running = steps.filter(({ name }) => runsAppCommand?.(name, app)).map(({ name }) => name);
  expect(running).toEqual(["build", "release", "web", "health"]);
  expect(steps.map(({ name }) => name)).toEqual(expect.arrayContaining(["source", "database"]));
});
