import { imageLine } from "../../prices.ts";
import type { Step } from "../../stack.ts";
import type { CompileContext, StackFragment } from "../context.ts";
import { concat, locationPath, project } from "../expressions.ts";
import { resourceLabels } from "../labels.ts";
import { resourceName } from "../names.ts";
import { iamMember, regionalResource } from "../resource-builders.ts";
import { builtImage, type ImageBuild, imageBuilds } from "./artifact-registry.ts";
import { buildSteps } from "./cloud-build-steps.ts";
import { accountEmail, serviceAccountMember } from "./service-accounts.ts";

/** Builds the pinned commit inside the visitor's project. */
export function build(setting: CompileContext): StackFragment {
  const all = imageBuilds(setting.app);
  if (all.length === 0) return {};
  return {
    steps: [repository(setting), ...all.map((making) => run(setting, making, all.length))],
    lines: [imageLine(setting.region)],
  };
}

function repository({ app }: CompileContext): Step {
  const name = resourceName(app.slug, "images");
  return {
    name: "repository",
    title: "Repository for its images",
    after: ["accounts"],
    resources: [
      regionalResource({
        id: "repository",
        api: "artifactregistry",
        collection: "repositories",
        key: "repositoryId",
        name,
        body: { format: "DOCKER", mode: "STANDARD_REPOSITORY", labels: resourceLabels(app) },
        tells: { uri: "registryUri" },
      }),
      iamMember({
        id: "build-writes",
        api: "artifactregistry",
        on: "projects.locations.repositories",
        name: [...locationPath, "/repositories/", ...name],
        role: "roles/artifactregistry.writer",
        member: serviceAccountMember(accountEmail("build")),
      }),
    ],
  };
}

function run({ app }: CompileContext, { build, step, suffix }: ImageBuild, count: number): Step {
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
          params: { parent: concat("projects/", project, "/locations/global") },
          body: {
            source: {
              gitSource: {
                url: `https://github.com/${source.owner}/${source.repo}.git`,
                revision: source.commit,
                ...(source.path === "" ? {} : { dir: source.path }),
              },
            },
            steps: buildSteps(build, image),
            images: [concat(...image)],
            serviceAccount: concat("projects/", project, "/serviceAccounts/", accountEmail("build")),
            options: { logging: "CLOUD_LOGGING_ONLY" },
            timeout: "3000s",
          },
        },
      },
    ],
  };
}
