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

/** Builds the images of the pinned commit in the visitor's project. */
export function build(context: CompileContext): StackFragment {
  const builds = imageBuilds(context.app);
  if (builds.length === 0) return {};
  return {
    steps: [repository(context), ...builds.map((imageBuild) => buildStep(context, imageBuild, builds.length))],
    lines: [imageLine(context.region)],
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
        idParam: "repositoryId",
        name,
        body: { format: "DOCKER", mode: "STANDARD_REPOSITORY", labels: resourceLabels(app) },
        tells: { uri: "registryUri" },
      }),
      iamMember({
        id: "build-writes",
        api: "artifactregistry",
        collection: "projects.locations.repositories",
        name: [...locationPath, "/repositories/", ...name],
        role: "roles/artifactregistry.writer",
        member: serviceAccountMember(accountEmail("build")),
      }),
    ],
  };
}

function buildStep({ app }: CompileContext, { build, step, suffix }: ImageBuild, total: number): Step {
  const { source } = app;
  const image = builtImage(app, suffix);
  const shortCommit = source.commit.replace(/[^0-9a-z]/gi, "").slice(0, 7);
  return {
    name: step,
    title: `Build ${shortCommit} into an image${total > 1 ? ` (${Number(suffix.slice(1) || 1)} of ${total})` : ""}`,
    after: ["repository"],
    resources: [
      {
        id: "build",
        kind: "act",
        start: {
          api: "cloudbuild",
          method: "projects.locations.builds.create",
          // Some regions do not accept builds of new projects: https://cloud.google.com/build/docs/locations#restricted_regions_for_some_projects
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
