import { OperationalError } from "../../../cloud.ts";
import { expiredMessage, isUnauthenticated, reconnectAdvice } from "./auth-errors.ts";
import { GoogleApiError, NetworkError } from "./errors.ts";

const retryAdvice = "Try again in a minute.";

interface Remedy {
  matches(error: GoogleApiError): boolean;
  advice: string | ((error: GoogleApiError) => string);
}

const hasReason = (error: GoogleApiError, ...reasons: string[]) =>
  reasons.includes(error.reason) || reasons.includes(error.code);

/** Returns the missing permission, if Google names it. */
const permission = ({ metadata, message }: GoogleApiError): string | undefined =>
  metadata.permission ?? /[Pp]ermission ['"]?([a-z]+\.[\w.]+)['"]? denied/.exec(message)?.[1];

/** Advice for the most frequent errors; the first match wins. */
const remedies: Remedy[] = [
  {
    matches: (error) =>
      hasReason(error, "BILLING_DISABLED", "UREQ_PROJECT_BILLING_NOT_FOUND", "billingNotEnabled") ||
      /billing (account|must be|to be enabled)/i.test(error.message),
    advice:
      "Link a billing account to the project (https://console.cloud.google.com/billing/linkedaccount), then try again.",
  },
  {
    matches: (error) => hasReason(error, "SERVICE_DISABLED", "accessNotConfigured"),
    advice: ({ metadata }) =>
      `Switch ${metadata.service ?? "the API"} on in the project${metadata.activationUrl ? ` (${metadata.activationUrl})` : ""}, wait a minute, then try again.`,
  },
  {
    matches: ({ message }) => /run\.allowedIngress/.test(message),
    advice:
      "Your organisation does not let services answer the internet: ask its administrators for an exception for this project, or choose another one.",
  },
  {
    matches: ({ message, reason }) => /allowedPolicyMemberDomains|permitted customer/.test(`${reason} ${message}`),
    advice:
      "Your organisation does not let us open the service to everybody, nor a role be given to somebody outside of it: ask its administrators for an exception for this project, or choose another one.",
  },
  {
    matches: ({ message }) => /sql\.restrictPublicIp|restrictAuthorizedNetworks/.test(message),
    advice:
      "Your organisation does not allow databases with a public address: ask its administrators for an exception for this project, or choose another one.",
  },
  {
    matches: ({ message, reason }) => /org(anization)? policy|constraints\//i.test(`${reason} ${message}`),
    advice:
      "A policy of your organisation forbids this: ask its administrators for an exception for this project, or choose another one.",
  },
  {
    matches: (error) => error.status === 403 && permission(error) !== undefined,
    advice: (error) =>
      `Somebody who administers the project has to give you a role with the permission ${permission(error)}; Owner and Editor with Project IAM Admin have all that is needed. Then try again.`,
  },
  {
    matches: (error) => hasReason(error, "USER_PROJECT_DENIED", "CONSUMER_INVALID"),
    advice: "Choose a project that you may use: the role Service Usage Consumer is the least that is needed.",
  },
  {
    matches: (error) =>
      hasReason(error, "exceededNumberOfInstances", "quotaExceeded", "QUOTA_EXCEEDED", "CPU_QUOTA_EXCEEDED") ||
      /quota|limit.*(reached|exceeded)|exceeded.*limit|max(imum)? number/i.test(error.message),
    advice:
      "Ask Google for a higher quota (https://console.cloud.google.com/iam-admin/quotas), or remove what you no longer need, then try again.",
  },
  { matches: ({ status }) => status === 429, advice: "Google was asked too often: try again in a few minutes." },
  {
    matches: ({ status }) => status === 403,
    advice: "Look whether you administer this project (Owner is enough), then try again.",
  },
  {
    matches: ({ message }) =>
      /failed to start and listen|container failed to start|health ?check|startup probe/i.test(message),
    advice: "The app does not start or does not answer on its port: its log in Cloud Logging says why.",
  },
  {
    matches: ({ code }) => code === "RESOURCE_EXHAUSTED" || code === "ZONE_RESOURCE_POOL_EXHAUSTED",
    advice: "Google has none left there just now: try again later, or choose another region.",
  },
  {
    matches: ({ status, code }) => status === 400 && code === "INVALID_ARGUMENT",
    advice: "Mend what it says, then try again. If it is nothing of yours, tell whoever runs this Slipway.",
  },
];

/** Converts an error of Google's, or a lost response, to an OperationalError with advice. Returns any other error unchanged. */
export function toOperationalError(error: unknown, mask: (text: string) => string): unknown {
  const converted = convert(error);
  if (!(converted instanceof OperationalError)) return converted;
  const { lapsed, message, next } = converted;
  return new OperationalError(mask(message), mask(next), { lapsed });
}

function convert(error: unknown): unknown {
  if (error instanceof NetworkError) return new OperationalError("Google did not answer.", retryAdvice);
  if (!(error instanceof GoogleApiError)) return error;
  if (isUnauthenticated(error)) return new OperationalError(expiredMessage, reconnectAdvice, { lapsed: true });
  return new OperationalError(`Google says: ${error.message}`, adviceFor(error));
}

function adviceFor(error: GoogleApiError): string {
  const remedy = remedies.find(({ matches }) => matches(error));
  if (!remedy) return retryAdvice;
  return typeof remedy.advice === "string" ? remedy.advice : remedy.advice(error);
}
