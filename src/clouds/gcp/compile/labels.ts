import type { App } from "../../../app.ts";
import { ownerLabels } from "../stack.ts";
import type { JsonObject } from "./expressions.ts";

/** Replaces characters that Google does not allow in a label. */
const labelValue = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, "-")
    .slice(0, 63);

/** Returns the labels of every resource, which show its owner and group its costs in the bill. */
export const resourceLabels = ({ slug, source }: App): JsonObject => ({
  [ownerLabels.by]: "slipway",
  [ownerLabels.deployment]: { $: [{ is: "deployment" }] },
  "slipway-app": labelValue(slug),
  "slipway-commit": labelValue(source.commit),
});
