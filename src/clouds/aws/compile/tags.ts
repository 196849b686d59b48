import type { App } from "../../../app.ts";
import { parameters, tagNames, type Value } from "../cloudformation.ts";
import { ref } from "./intrinsics.ts";

/** What AWS allows in the value of a tag. */
const toTagValue = (text: string) => text.replace(/[^A-Za-z0-9 _.:/=+@-]/g, "-").slice(0, 256);

/** On what costs money or keeps data, so that a bill can be read by them. */
export const tags = ({ slug, source }: App, ...extra: Value[]): Value => [
  { Key: tagNames.app, Value: toTagValue(slug) },
  { Key: tagNames.deployment, Value: ref(parameters.deployment) },
  { Key: tagNames.commit, Value: toTagValue(source.commit) },
  ...extra,
];
