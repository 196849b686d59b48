import type { App, Variable } from "../../../app.ts";
import { askedWhere } from "../../variables.ts";
import { isMade } from "./app-resources.ts";
import { hasAddress } from "./interpolation.ts";

/** Everything a visitor is asked, with what Google has nothing for. */
export const asked = (app: App): Variable[] => askedWhere(isMade, app);

export const isOptional = (variable: Variable): boolean =>
  !variable.required && variable.default === null && variable.generator === null;
export const isLate = ({ default: fallback }: Variable): boolean => fallback !== null && hasAddress(fallback);

/** Cloud Run tells these by itself, and takes no names that no shell could say: https://cloud.google.com/run/docs/configuring/services/environment-variables */
export const isName = (name: string): boolean =>
  /^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name) &&
  !/^(?:PORT|K_(?:SERVICE|REVISION|CONFIGURATION)|CLOUD_RUN_.*|X_GOOGLE_.*)$/.test(name);
