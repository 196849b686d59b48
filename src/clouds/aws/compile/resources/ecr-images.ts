import type { App, Build } from "../../../../app.ts";
import { buildKey, buildsNeeded } from "../../../image-builds.ts";
import type { Value } from "../../cloudformation.ts";
import { fnJoin, literal } from "../intrinsics.ts";

/** An image to build, with its own tag in the stack's repository. */
export interface ImageBuild {
  build: Build;
  /** The suffix of the logical ids and of the image's tag; empty for the first. */
  suffix: string;
}

/** Returns every distinct build of the app. Existing images need none. */
export const imageBuilds = (app: App): ImageBuild[] =>
  buildsNeeded(app).map((build, index) => ({ build, suffix: index === 0 ? "" : `${index + 1}` }));

/** Returns an existing image, or the one that the stack builds from the pinned commit. */
export function imageUri(app: App, build: Build): Value {
  if (build.kind === "image") return literal(build.image);
  const suffix = suffixOf(app, build);
  const tag = suffix === "" ? "" : `-${suffix}`;
  return fnJoin([{ "Fn::GetAtt": ["Repository", "RepositoryUri"] }, ":", literal(app.source.commit), tag]);
}

/** Returns the logical ids that complete once the image exists. */
export const imageDependencies = (app: App, build: Build): string[] =>
  build.kind === "image" ? [] : [`BuiltImage${suffixOf(app, build)}`];

const suffixOf = (app: App, build: Build) =>
  imageBuilds(app).find((imageBuild) => buildKey(imageBuild.build) === buildKey(build))?.suffix ?? "";
