import type { App } from "../../../app.ts";
import { parameters, tagNames, type Value } from "../cloudformation.ts";
import { ref } from "./intrinsics.ts";

/** AWS allows only these characters in a tag's value. */
const toTagValue = (text: string) => text.replace(/[^A-Za-z0-9 _.:/=+@-]/g, "-").slice(0, 256);

/** Tags for resources that cost money or hold data, so that a bill can be split by them. */
export const tags = ({ slug, source }: App, ...extra: Value[]): Value => [
  { Key: tagNames.app, Value: toTagValue(slug) },
  { Key: tagNames.deployment, Value: ref(parameters.deployment) },
  { Key: tagNames.commit, Value: toTagValue(source.commit) },
  ...extra,
];
