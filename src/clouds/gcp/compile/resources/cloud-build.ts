import { imageLine } from "../../prices.ts";
import type { Step } from "../../stack.ts";
import type { Piece, Setting } from "../context.ts";
import { place, project, text } from "../expressions.ts";
import { labels } from "../labels.ts";
import { named } from "../names.ts";
import { grant, located } from "../resource-builders.ts";
import { builtImage, type Making, makings } from "./artifact-registry.ts";
import { buildSteps } from "./cloud-build-steps.ts";
import { accountEmail, member } from "./service-accounts.ts";

/** Builds the pinned commit inside the visitor's project. */
export function build(setting: Setting): Piece {
  const all = makings(setting.app);
  if (all.length === 0) return {};
  return {
    steps: [repository(setting), ...all.map((making) => run(setting, making, all.length))],
    lines: [imageLine(setting.region)],
  };
}

function repository({ app }: Setting): Step {
  const name = named(app.slug, "images");
  return {
    name: "repository",
    title: "Repository for its images",
    after: ["accounts"],
    resources: [
      located({
        id: "repository",
        api: "artifactregistry",
        collection: "repositories",
        key: "repositoryId",
        name,
        body: { format: "DOCKER", mode: "STANDARD_REPOSITORY", labels: labels(app) },
        tells: { uri: "registryUri" },
      }),
      grant({
        id: "build-writes",
        api: "artifactregistry",
        on: "projects.locations.repositories",
        name: [...place, "/repositories/", ...name],
        role: "roles/artifactregistry.writer",
        member: member(accountEmail("build")),
      }),
    ],
  };
}

function run({ app }: Setting, { build, step, suffix }: Making, count: number): Step {
  const { source } = app;
  const image = builtImage(app, suffix);
  const what = source.commit.replace(/[^0-9a-z]/gi, "").slice(0, 7);
  return {
    name: step,
    title: `Build ${what} into an image${count > 1 ? ` (${Number(suffix.slice(1) || 1)} of ${count})` : ""}`,
    after: ["repository"],
    resources: [
      {
        id: "build",
        kind: "act",
        start: {
          api: "cloudbuild",
          method: "projects.locations.builds.create",
          // New projects may not build in every region: https://cloud.google.com/build/docs/locations#restricted_regions_for_some_projects
          params: { parent: text("projects/", project, "/locations/global") },
          body: {
            source: {
              gitSource: {
                url: `https://github.com/${source.owner}/${source.repo}.git`,
                revision: source.commit,
                ...(source.path === "" ? {} : { dir: source.path }),
              },
            },
            steps: buildSteps(build, image),
            images: [text(...image)],
            serviceAccount: text("projects/", project, "/serviceAccounts/", accountEmail("build")),
            options: { logging: "CLOUD_LOGGING_ONLY" },
            timeout: "3000s",
          },
        },
      },
    ],
  };
}
