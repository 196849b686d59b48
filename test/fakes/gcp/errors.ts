import type { ContentfulStatusCode } from "hono/utils/http-status";

// Google's errors, in the two formats of its APIs.

export interface Problem {
  status: ContentfulStatusCode;
  /** The canonical code: https://cloud.google.com/apis/design/errors */
  code: string;
  message: string;
  details?: object[];
  /** The reason in the format of the older APIs: Storage, Cloud SQL and Compute. */
  reason?: string;
  headers?: Record<string, string>;
}

export class GoogleError extends Error {
  problem: Problem;
  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

const legacyApis = new Set(["storage", "sqladmin", "compute"]);

export function bodyOf(api: string, { status, code, message, details, reason }: Problem) {
  if (legacyApis.has(api))
    return { error: { code: status, message, errors: [{ message, domain: "global", reason: reason ?? code }] } };
  return { error: { code: status, message, status: code, ...(details ? { details } : {}) } };
}

const errorInfo = (reason: string, metadata: Record<string, string>) => ({
  "@type": "type.googleapis.com/google.rpc.ErrorInfo",
  reason,
  domain: "googleapis.com",
  metadata,
});

export const invalid = (message: string, reason = "invalid"): Problem => ({
  status: 400,
  code: "INVALID_ARGUMENT",
  message,
  reason,
});
export const precondition = (message: string, details?: object[]): Problem => ({
  status: 400,
  code: "FAILED_PRECONDITION",
  message,
  details,
  reason: "failedPrecondition",
});
export const notFound = (message: string): Problem => ({ status: 404, code: "NOT_FOUND", message, reason: "notFound" });
export const exists = (message: string): Problem => ({
  status: 409,
  code: "ALREADY_EXISTS",
  message,
  reason: "conflict",
});
export const aborted = (message: string): Problem => ({ status: 409, code: "ABORTED", message, reason: "aborted" });
export const denied = (message: string): Problem => ({
  status: 403,
  code: "PERMISSION_DENIED",
  message,
  reason: "forbidden",
});

export const unauthenticated: Problem = {
  status: 401,
  code: "UNAUTHENTICATED",
  message:
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
  details: [
    errorInfo("ACCESS_TOKEN_EXPIRED", {
      service: "run.googleapis.com",
      method: "google.cloud.run.v2.Services.GetService",
    }),
  ],
  reason: "authError",
};

export const missingCredentials: Problem = {
  ...unauthenticated,
  message:
    "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
  details: [errorInfo("CREDENTIALS_MISSING", { service: "run.googleapis.com" })],
  reason: "required",
};

const titles: Record<string, string> = {
  "run.googleapis.com": "Cloud Run Admin API",
  "sqladmin.googleapis.com": "Cloud SQL Admin API",
};

export function serviceDisabled(service: string, number: string): Problem {
  const title = titles[service] ?? `${service.replace(".googleapis.com", "")} API`;
  const url = `https://console.developers.google.com/apis/api/${service}/overview?project=${number}`;
  return {
    status: 403,
    code: "PERMISSION_DENIED",
    message: `${title} has not been used in project ${number} before or it is disabled. Enable it by visiting ${url} then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.`,
    details: [
      errorInfo("SERVICE_DISABLED", {
        service,
        serviceTitle: title,
        consumer: `projects/${number}`,
        containerInfo: number,
        activationUrl: url,
      }),
      {
        "@type": "type.googleapis.com/google.rpc.Help",
        links: [{ description: "Google developers console API activation", url }],
      },
    ],
    reason: "accessNotConfigured",
  };
}

export const rateLimited: Problem = {
  status: 429,
  code: "RESOURCE_EXHAUSTED",
  message:
    "Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute per region' of service 'run.googleapis.com' for consumer 'project_number:123456789012'.",
  details: [
    errorInfo("RATE_LIMIT_EXCEEDED", {
      quota_limit: "WriteRequestsPerMinutePerRegion",
      quota_metric: "run.googleapis.com/write_requests",
      service: "run.googleapis.com",
      consumer: "projects/123456789012",
      quota_limit_value: "180",
    }),
  ],
  reason: "rateLimitExceeded",
};

/** A quota that retries do not help against. */
export const quotaExceeded: Problem = {
  status: 429,
  code: "RESOURCE_EXHAUSTED",
  message:
    "Quota limit 'InstanceLimitPerProject' has been exceeded. Limit: 0 in region us-central1. Request a higher quota.",
  details: [
    {
      "@type": "type.googleapis.com/google.rpc.QuotaFailure",
      violations: [{ subject: "projects/123456789012", description: "Instance limit per project" }],
    },
  ],
  reason: "quotaExceeded",
};

export const unavailable: Problem = {
  status: 503,
  code: "UNAVAILABLE",
  message: "The service is currently unavailable.",
  reason: "backendError",
};

export const permissionDenied = (permission: string, resource: string): Problem => ({
  status: 403,
  code: "PERMISSION_DENIED",
  message: `Permission '${permission}' denied on resource '//${resource}' (or it may not exist).`,
  details: [errorInfo("IAM_PERMISSION_DENIED", { permission, resource })],
  reason: "forbidden",
});

export const orgPolicy = (constraint: string, resource: string): Problem => ({
  status: 400,
  code: "FAILED_PRECONDITION",
  message: `Operation denied by org policy on resource '${resource}': ["${constraint}": "violated"].`,
  details: [
    {
      "@type": "type.googleapis.com/google.rpc.PreconditionFailure",
      violations: [{ type: constraint, subject: `orgpolicy:${resource}`, description: "violated" }],
    },
  ],
  reason: "orgPolicyViolation",
});

export const billingDisabled = (number: string): Problem => ({
  status: 403,
  code: "PERMISSION_DENIED",
  message: `This API method requires billing to be enabled. Please enable billing on project #${number} by visiting https://console.developers.google.com/billing/enable?project=${number} then retry. If you enabled billing for this project recently, wait a few minutes for the action to propagate to our systems and retry.`,
  details: [errorInfo("BILLING_DISABLED", { consumer: `projects/${number}`, service: "run.googleapis.com" })],
  reason: "billingNotEnabled",
});

export const noBillingAccount = (number: string, services: string[]): Problem =>
  precondition(
    `Billing account for project '${number}' is not found. Billing must be enabled for activation of service(s) '${services.join(",")}' to proceed.\nHelp Token: AV2b8f3k`,
    [
      {
        "@type": "type.googleapis.com/google.rpc.PreconditionFailure",
        violations: [
          { type: "googleapis.com/billing-enabled", subject: number, description: "billing-enabled is not set" },
        ],
      },
      errorInfo("UREQ_PROJECT_BILLING_NOT_FOUND", { services: services.join(",") }),
    ],
  );
