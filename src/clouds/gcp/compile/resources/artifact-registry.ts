import type { App, Build } from "../../../../app.ts";
import { buildKey, buildsNeeded, usedBuilds } from "../../../image-builds.ts";
import type { Step } from "../../stack.ts";
import type { CompileContext } from "../context.ts";
import { outputRef, type TextPart } from "../expressions.ts";
import { resourceLabels } from "../labels.ts";
import { resourceName, slugify, uniqueNames } from "../names.ts";
import { regionalResource } from "../resource-builders.ts";

/** An image to build and push to the app's repository. */
export interface ImageBuild {
  build: Build;
  /** The step that builds it. */
  step: string;
  /** Follows the commit in the image's tag; empty for the first image. */
  suffix: string;
}

/** Returns each distinct build of the app and its services; existing images need none. */
export const imageBuilds = (app: App): ImageBuild[] =>
  buildsNeeded(app).map((build, index) => ({
    build,
    step: index === 0 ? "build" : `build-${index + 1}`,
    suffix: index === 0 ? "" : `-${index + 1}`,
  }));

const findBuild = (app: App, build: Build) =>
  imageBuilds(app).find((imageBuild) => buildKey(imageBuild.build) === buildKey(build));

/** Removes characters that Google does not allow in a tag. */
const tag = (commit: string) => commit.replace(/[^A-Za-z0-9_]/g, "").slice(0, 64) || "built";

/** Returns the name of a built image. */
export const builtImage = ({ source }: App, suffix: string): TextPart[] => [
  outputRef("repository", "repository", "uri"),
  `/app:${tag(source.commit)}${suffix}`,
];

/** Returns the image to run: a built one, one from a remote repository, or the given one. */
export function imageName(app: App, build: Build): TextPart[] {
  if (build.kind !== "image") return builtImage(app, findBuild(app, build)?.suffix ?? "");
  const { host, path } = parseImage(build.image);
  const remote = remoteRegistries(app).find((registry) => registry.host === host);
  return remote ? [outputRef("images", remote.id, "uri"), `/${path}`] : [build.image];
}

/** Returns the steps that provide the image. */
export function imageSteps(app: App, build: Build): string[] {
  if (build.kind !== "image") {
    const imageBuild = findBuild(app, build);
    return imageBuild ? [imageBuild.step] : [];
  }
  return remoteRegistries(app).some(({ host }) => host === parseImage(build.image).host) ? ["images"] : [];
}

function parseImage(image: string): { host: string | null; path: string } {
  const [, host = null, path = image] = /^([a-z0-9-]+(?:\.[a-z0-9-]+)+)\/(\S+)$/i.exec(image) ?? [];
  return { host: host?.toLowerCase() ?? null, path: path };
}

const supportedRegistries = /^(?:docker\.io|(?:[a-z0-9-]+\.)?gcr\.io|[a-z0-9-]+-docker\.pkg\.dev)$/;

/** Returns the registries that Cloud Run cannot pull from directly: https://cloud.google.com/run/docs/deploying#other-registries */
export function remoteRegistries(app: App): { host: string; id: string }[] {
  const hosts = usedBuilds(app).flatMap((build) =>
    build.kind === "image" ? (parseImage(build.image).host ?? []) : [],
  );
  const uniqueId = uniqueNames(20);
  return [...new Set(hosts)]
    .filter((host) => !supportedRegistries.test(host))
    .map((host) => ({ host, id: uniqueId(slugify(host, 20), "registry") }));
}

/** Creates a remote repository, a pull-through cache, for each of these registries. */
export function remoteRepositoriesStep({ app }: CompileContext): Step[] {
  const registries = remoteRegistries(app);
  if (registries.length === 0) return [];
  return [
    {
      name: "images",
      title: `Fetch images from ${registries.map(({ host }) => host).join(" and ")}`,
      after: ["apis"],
      resources: registries.map(({ host, id }) =>
        regionalResource({
          id,
          api: "artifactregistry",
          collection: "repositories",
          idParam: "repositoryId",
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
