import type { App } from "../../../app.ts";
import { ownerLabels as ours } from "../stack.ts";
import type { JsonObject } from "./expressions.ts";

/** What Google allows in the value of a label. */
const plain = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, "-")
    .slice(0, 63);

/** On everything that takes labels, so that it is known as ours and a bill can be read by them. */
export const resourceLabels = ({ slug, source }: App): JsonObject => ({
  [ours.by]: "slipway",
  [ours.deployment]: { $: [{ is: "deployment" }] },
  "slipway-app": plain(slug),
  "slipway-commit": plain(source.commit),
});
