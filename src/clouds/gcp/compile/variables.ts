import type { App, Variable } from "../../../app.ts";
import { variablesToAsk } from "../../variables.ts";
import { isManaged } from "./app-resources.ts";
import { hasPlaceholder } from "./interpolation.ts";

/** Everything a visitor is asked, with what Google has nothing for. */
export const askedVariables = (app: App): Variable[] => variablesToAsk(isManaged, app);

export const isOptional = (variable: Variable): boolean =>
  !variable.required && variable.default === null && variable.generator === null;
export const hasDeferredDefault = ({ default: fallback }: Variable): boolean =>
  fallback !== null && hasPlaceholder(fallback);

/** Cloud Run tells these by itself, and takes no names that no shell could say: https://cloud.google.com/run/docs/configuring/services/environment-variables */
export const isName = (name: string): boolean =>
  /^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name) &&
  !/^(?:PORT|K_(?:SERVICE|REVISION|CONFIGURATION)|CLOUD_RUN_.*|X_GOOGLE_.*)$/.test(name);
