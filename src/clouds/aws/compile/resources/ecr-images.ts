import type { App, Build } from "../../../../app.ts";
import { key, toBuild } from "../../../image-builds.ts";
import type { Value } from "../../cloudformation.ts";
import { joined, literal } from "../intrinsics.ts";

/** Something to build: an image of its own in the stack's repository. */
export interface Making {
  build: Build;
  /** Behind the logical ids, and behind the commit in the image's tag; empty for the first. */
  suffix: string;
}

/** What the app and its services are built from, each once; images that exist already need no making. */
export const makings = (app: App): Making[] =>
  toBuild(app).map((build, index) => ({ build, suffix: index === 0 ? "" : `${index + 1}` }));

/** An image as it is, or the one that the stack builds of the pinned commit. */
export function image(app: App, build: Build): Value {
  if (build.kind === "image") return literal(build.image);
  const suffix = suffixOf(app, build);
  const tag = suffix === "" ? "" : `-${suffix}`;
  return joined([{ "Fn::GetAtt": ["Repository", "RepositoryUri"] }, ":", literal(app.source.commit), tag]);
}

/** What says that the image is there. */
export const imageReady = (app: App, build: Build): string[] =>
  build.kind === "image" ? [] : [`BuiltImage${suffixOf(app, build)}`];

const suffixOf = (app: App, build: Build) => makings(app).find((one) => key(one.build) === key(build))?.suffix ?? "";
