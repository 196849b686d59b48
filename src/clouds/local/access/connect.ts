import { ok } from "../../../result.ts";
import type { Connect } from "../../cloud.ts";

export const connect: Connect = {
  kind: "none",
  explain:
    "Nothing is lent. The app runs on this computer with the rights of the user that runs Slipway, reachable from this computer only, until you remove it.",
  read: () => ok({}),
};
