import { builtInSteps } from "../stack.ts";

export const hmacKeyStepName = "keys";

/** Names that no service, job or resource of an app may take for its step. */
export const reservedStepNames = [
  "apis",
  "accounts",
  "repository",
  "images",
  "build",
  "secrets",
  hmacKeyStepName,
  "schedule",
  builtInSteps.answer,
];
