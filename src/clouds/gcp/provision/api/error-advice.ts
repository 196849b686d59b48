import { OperationalError } from "../../../cloud.ts";
import { expiredMessage, isUnauthenticated, reconnectAdvice } from "./auth-errors.ts";
import { GoogleApiError, NetworkError } from "./errors.ts";

const again = "Try again in a minute.";

interface Cure {
  is(error: GoogleApiError): boolean;
  next: string | ((error: GoogleApiError) => string);
}

const named = (error: GoogleApiError, ...reasons: string[]) =>
  reasons.includes(error.reason) || reasons.includes(error.code);

/** The permission that is missing, where Google names it. */
const permission = ({ metadata: about, message }: GoogleApiError): string | undefined =>
  about.permission ?? /[Pp]ermission ['"]?([a-z]+\.[\w.]+)['"]? denied/.exec(message)?.[1];

/** What to do about what Google says most often. */
const cures: Cure[] = [
  {
    is: (error) =>
      named(error, "BILLING_DISABLED", "UREQ_PROJECT_BILLING_NOT_FOUND", "billingNotEnabled") ||
      /billing (account|must be|to be enabled)/i.test(error.message),
    next: "Link a billing account to the project (https://console.cloud.google.com/billing/linkedaccount), then try again.",
  },
  {
    is: (error) => named(error, "SERVICE_DISABLED", "accessNotConfigured"),
    next: ({ metadata: about }) =>
      `Switch ${about.service ?? "the API"} on in the project${about.activationUrl ? ` (${about.activationUrl})` : ""}, wait a minute, then try again.`,
  },
  {
    is: ({ message }) => /run\.allowedIngress/.test(message),
    next: "Your organisation does not let services answer the internet: ask its administrators for an exception for this project, or choose another one.",
  },
  {
    is: ({ message, reason }) => /allowedPolicyMemberDomains|permitted customer/.test(`${reason} ${message}`),
    next: "Your organisation does not let us open the service to everybody, nor a role be given to somebody outside of it: ask its administrators for an exception for this project, or choose another one.",
  },
  {
    is: ({ message }) => /sql\.restrictPublicIp|restrictAuthorizedNetworks/.test(message),
    next: "Your organisation does not allow databases with a public address: ask its administrators for an exception for this project, or choose another one.",
  },
  {
    is: ({ message, reason }) => /org(anization)? policy|constraints\//i.test(`${reason} ${message}`),
    next: "A policy of your organisation forbids this: ask its administrators for an exception for this project, or choose another one.",
  },
  {
    is: (error) => error.status === 403 && permission(error) !== undefined,
    next: (error) =>
      `Somebody who administers the project has to give you a role with the permission ${permission(error)}; Owner and Editor with Project IAM Admin have all that is needed. Then try again.`,
  },
  {
    is: (error) => named(error, "USER_PROJECT_DENIED", "CONSUMER_INVALID"),
    next: "Choose a project that you may use: the role Service Usage Consumer is the least that is needed.",
  },
  {
    is: (error) =>
      named(error, "exceededNumberOfInstances", "quotaExceeded", "QUOTA_EXCEEDED", "CPU_QUOTA_EXCEEDED") ||
      /quota|limit.*(reached|exceeded)|exceeded.*limit|max(imum)? number/i.test(error.message),
    next: "Ask Google for a higher quota (https://console.cloud.google.com/iam-admin/quotas), or remove what you no longer need, then try again.",
  },
  { is: ({ status }) => status === 429, next: "Google was asked too often: try again in a few minutes." },
  {
    is: ({ status }) => status === 403,
    next: "Look whether you administer this project (Owner is enough), then try again.",
  },
  {
    is: ({ message }) =>
      /failed to start and listen|container failed to start|health ?check|startup probe/i.test(message),
    next: "The app does not start or does not answer on its port: its log in Cloud Logging says why.",
  },
  {
    is: ({ code }) => code === "RESOURCE_EXHAUSTED" || code === "ZONE_RESOURCE_POOL_EXHAUSTED",
    next: "Google has none left there just now: try again later, or choose another region.",
  },
  {
    is: ({ status, code }) => status === 400 && code === "INVALID_ARGUMENT",
    next: "Mend what it says, then try again. If it is nothing of yours, tell whoever runs this Slipway.",
  },
];

/** Google's refusal, or its silence, as ours: its own words and what to do. Anything else is our bug and stays itself. */
export function toOperationalError(error: unknown, hide: (text: string) => string): unknown {
  const refusal = read(error);
  if (!(refusal instanceof OperationalError)) return refusal;
  const { lapsed, message, next } = refusal;
  return new OperationalError(hide(message), hide(next), { lapsed });
}

function read(error: unknown): unknown {
  if (error instanceof NetworkError) return new OperationalError("Google did not answer.", again);
  if (!(error instanceof GoogleApiError)) return error;
  if (isUnauthenticated(error)) return new OperationalError(expiredMessage, reconnectAdvice, { lapsed: true });
  return new OperationalError(`Google says: ${error.message}`, cureOf(error));
}

function cureOf(error: GoogleApiError): string {
  const cure = cures.find(({ is }) => is(error));
  if (!cure) return again;
  return typeof cure.next === "string" ? cure.next : cure.next(error);
}
