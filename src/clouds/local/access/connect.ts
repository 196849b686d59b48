import { ok } from "../../../result.ts";
import type { AccessMethod } from "../../cloud.ts";

export const connect: AccessMethod = {
  kind: "none",
  summary:
    "Nothing is lent. The app runs on this computer with the rights of the user that runs Slipway, reachable from this computer only, until you remove it.",
  parse: () => ok({}),
};
