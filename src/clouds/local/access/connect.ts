import { ok } from "../../../result.ts";
import type { AccessMethod } from "../../cloud.ts";

export const connect: AccessMethod = {
  kind: "none",
  summary: "No access needed. The app runs on this computer under your user account; only this computer can reach it.",
  parse: () => ok({}),
};
