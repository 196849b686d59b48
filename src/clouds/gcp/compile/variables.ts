import type { App, Variable } from "../../../app.ts";
import { variablesToAsk } from "../../variables.ts";
import { isManaged } from "./app-resources.ts";
import { hasPlaceholder } from "./interpolation.ts";

/** Returns every variable that a visitor is asked for, including those of resources that Google does not offer. */
export const askedVariables = (app: App): Variable[] => variablesToAsk(isManaged, app);

export const isOptional = (variable: Variable): boolean =>
  !variable.required && variable.default === null && variable.generator === null;
export const hasDeferredDefault = ({ default: fallback }: Variable): boolean =>
  fallback !== null && hasPlaceholder(fallback);

/** Whether Cloud Run accepts a variable of this name; it reserves some for itself: https://cloud.google.com/run/docs/configuring/services/environment-variables */
export const isName = (name: string): boolean =>
  /^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name) &&
  !/^(?:PORT|K_(?:SERVICE|REVISION|CONFIGURATION)|CLOUD_RUN_.*|X_GOOGLE_.*)$/.test(name);
