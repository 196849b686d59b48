import type { Dependencies } from "../../dependencies.ts";
import type { Api } from "../../stack.ts";
import { toApiError } from "./errors.ts";
import { apiMethod } from "./googleapis.ts";
import { withRetry } from "./retry.ts";

/** A request without references. */
export interface ResolvedRequest {
  api: Api;
  method: string;
  params: Record<string, unknown>;
  body?: unknown;
}

export type ApiResponse = { [key: string]: unknown };

/**
 * Calls Google's APIs with the visitor's token. Throws GoogleApiError or NetworkError; neither contains anything of the
 * request.
 */
export interface Client {
  /** Retries transient errors. For idempotent requests. */
  callWithRetry(request: ResolvedRequest, signal?: AbortSignal): Promise<ApiResponse>;
  /** Calls once. */
  call(request: ResolvedRequest): Promise<ApiResponse>;
}

export interface Credentials {
  token: string;
  /** The project whose quota is used and where the API has to be enabled; if absent, that of our OAuth client. */
  project?: string;
}

/**
 * Called before a project is chosen or its APIs are enabled, so these use the quota of the operator's project.
 * https://cloud.google.com/apis/docs/system-parameters
 */
const operatorQuotaApis = new Set<Api>(["cloudbilling", "cloudresourcemanager", "orgpolicy", "serviceusage"]);

const timeoutMs = 60_000;

export function client(dependencies: Dependencies, { token, project }: Credentials): Client {
  async function callOnce({ api, method, params, body }: ResolvedRequest): Promise<ApiResponse> {
    const call = await apiMethod(api, method);
    const options = {
      headers: {
        authorization: `Bearer ${token}`,
        ...(project !== undefined && !operatorQuotaApis.has(api) ? { "x-goog-user-project": project } : {}),
      },
      ...(dependencies.endpoint === undefined ? {} : { rootUrl: `${dependencies.endpoint}/${api}.googleapis.com/` }),
      fetchImplementation: dependencies.fetch,
      timeout: timeoutMs,
      // We retry ourselves, and our errors contain nothing of the request.
      retry: false,
      errorRedactor: false,
    };
    try {
      const { data } = await call(body === undefined ? params : { ...params, requestBody: body }, options);
      return typeof data === "object" && data !== null ? (data as ApiResponse) : {};
    } catch (error) {
      throw toApiError(error);
    }
  }
  return {
    call: callOnce,
    callWithRetry: (request, signal) => withRetry(dependencies, () => callOnce(request), signal),
  };
}
