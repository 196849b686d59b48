import type { App, Build } from "../../../../app.ts";
import { buildKey, buildsNeeded, usedBuilds } from "../../../image-builds.ts";
import type { Step } from "../../stack.ts";
import type { CompileContext } from "../context.ts";
import { outputRef, type TextPart } from "../expressions.ts";
import { resourceLabels } from "../labels.ts";
import { resourceName, slugify, uniqueNames } from "../names.ts";
import { regionalResource } from "../resource-builders.ts";

/** Something to build: an image of its own in the app's repository. */
export interface ImageBuild {
  build: Build;
  /** The step that builds it. */
  step: string;
  /** Behind the commit in the image's tag; empty for the first. */
  suffix: string;
}

/** What the app and its services are built from, each once; images that exist already need no making. */
export const imageBuilds = (app: App): ImageBuild[] =>
  buildsNeeded(app).map((build, index) => ({
    build,
    step: index === 0 ? "build" : `build-${index + 1}`,
    suffix: index === 0 ? "" : `-${index + 1}`,
  }));

const making = (app: App, build: Build) => imageBuilds(app).find((one) => buildKey(one.build) === buildKey(build));

/** What Google allows in a tag; a commit is nothing else. */
const tag = (commit: string) => commit.replace(/[^A-Za-z0-9_]/g, "").slice(0, 64) || "built";

/** What the build of this calls its image. */
export const builtImage = ({ source }: App, suffix: string): TextPart[] => [
  outputRef("repository", "repository", "uri"),
  `/app:${tag(source.commit)}${suffix}`,
];

/** The image that runs: one that is built, or one as it is. */
export function imageName(app: App, build: Build): TextPart[] {
  if (build.kind !== "image") return builtImage(app, making(app, build)?.suffix ?? "");
  const { host, rest } = address(build.image);
  const mirror = remoteRegistries(app).find((one) => one.host === host);
  return mirror ? [outputRef("images", mirror.id, "uri"), `/${rest}`] : [build.image];
}

/** The steps that have to be done before the image is there. */
export function imageSteps(app: App, build: Build): string[] {
  if (build.kind !== "image") {
    const made = making(app, build);
    return made ? [made.step] : [];
  }
  return remoteRegistries(app).some(({ host }) => host === address(build.image).host) ? ["images"] : [];
}

function address(image: string): { host: string | null; rest: string } {
  const [, host = null, rest = image] = /^([a-z0-9-]+(?:\.[a-z0-9-]+)+)\/(\S+)$/i.exec(image) ?? [];
  return { host: host?.toLowerCase() ?? null, rest };
}

const fetched = /^(?:docker\.io|(?:[a-z0-9-]+\.)?gcr\.io|[a-z0-9-]+-docker\.pkg\.dev)$/;

/** Registries that Cloud Run does not fetch from itself: https://cloud.google.com/run/docs/deploying#other-registries */
export function remoteRegistries(app: App): { host: string; id: string }[] {
  const hosts = usedBuilds(app).flatMap((one) => (one.kind === "image" ? (address(one.image).host ?? []) : []));
  const free = uniqueNames(20);
  return [...new Set(hosts)]
    .filter((host) => !fetched.test(host))
    .map((host) => ({ host, id: free(slugify(host, 20), "registry") }));
}

/** A repository that fetches from another registry whatever is asked of it, for each of them. */
export function remoteRepositoriesStep({ app }: CompileContext): Step[] {
  const all = remoteRegistries(app);
  if (all.length === 0) return [];
  return [
    {
      name: "images",
      title: `Fetch images from ${all.map(({ host }) => host).join(" and ")}`,
      after: ["apis"],
      resources: all.map(({ host, id }) =>
        regionalResource({
          id,
          api: "artifactregistry",
          collection: "repositories",
          key: "repositoryId",
          name: resourceName(app.slug, "from-", id),
          body: {
            format: "DOCKER",
            mode: "REMOTE_REPOSITORY",
            remoteRepositoryConfig: { dockerRepository: { customRepository: { uri: `https://${host}` } } },
            labels: resourceLabels(app),
          },
          tells: { uri: "registryUri" },
        }),
      ),
    },
  ];
}
