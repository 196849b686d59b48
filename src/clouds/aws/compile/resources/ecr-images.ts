import type { App, Build } from "../../../../app.ts";
import { buildKey, buildsNeeded } from "../../../image-builds.ts";
import type { Value } from "../../cloudformation.ts";
import { fnJoin, literal } from "../intrinsics.ts";

/** Something to build: an image of its own in the stack's repository. */
export interface ImageBuild {
  build: Build;
  /** Behind the logical ids, and behind the commit in the image's tag; empty for the first. */
  suffix: string;
}

/** What the app and its services are built from, each once; images that exist already need no making. */
export const imageBuilds = (app: App): ImageBuild[] =>
  buildsNeeded(app).map((build, index) => ({ build, suffix: index === 0 ? "" : `${index + 1}` }));

/** An image as it is, or the one that the stack builds of the pinned commit. */
export function imageUri(app: App, build: Build): Value {
  if (build.kind === "image") return literal(build.image);
  const suffix = suffixOf(app, build);
  const tag = suffix === "" ? "" : `-${suffix}`;
  return fnJoin([{ "Fn::GetAtt": ["Repository", "RepositoryUri"] }, ":", literal(app.source.commit), tag]);
}

/** What says that the image is there. */
export const imageDependencies = (app: App, build: Build): string[] =>
  build.kind === "image" ? [] : [`BuiltImage${suffixOf(app, build)}`];

const suffixOf = (app: App, build: Build) =>
  imageBuilds(app).find((imageBuild) => buildKey(imageBuild.build) === buildKey(build))?.suffix ?? "";
