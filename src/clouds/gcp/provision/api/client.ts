import type { Dependencies } from "../../dependencies.ts";
import type { Api } from "../../stack.ts";
import { toApiError } from "./errors.ts";
import { apiMethod } from "./googleapis.ts";
import { withRetry } from "./retry.ts";

/** A request with everything in it known. */
export interface ResolvedRequest {
  api: Api;
  method: string;
  params: Record<string, unknown>;
  body?: unknown;
}

export type ApiResponse = { [key: string]: unknown };

/**
 * Google, with the token that was lent. Both throw `Refused` for what Google refuses, `Lost` for what was not answered;
 * neither has anything of the request in it.
 */
export interface Client {
  /** Asks, and asks again as long as what is refused may pass. For what does no harm when it is done twice. */
  callWithRetry(request: ResolvedRequest, signal?: AbortSignal): Promise<ApiResponse>;
  /** Asks once. */
  call(request: ResolvedRequest): Promise<ApiResponse>;
}

export interface Credentials {
  token: string;
  /** Whose quota is used, and where the API has to be on; absent: the project of our own OAuth client. */
  project?: string;
}

/**
 * Asked before a project is picked, or before anything is switched on in it: they are on in the operator's project, and
 * paid by its quota. https://cloud.google.com/apis/docs/system-parameters
 */
const ours = new Set<Api>(["cloudbilling", "cloudresourcemanager", "orgpolicy", "serviceusage"]);

const longest = 60_000;

export function client(world: Dependencies, { token, project }: Credentials): Client {
  async function once({ api, method, params, body }: ResolvedRequest): Promise<ApiResponse> {
    const call = await apiMethod(api, method);
    const options = {
      headers: {
        authorization: `Bearer ${token}`,
        ...(project !== undefined && !ours.has(api) ? { "x-goog-user-project": project } : {}),
      },
      ...(world.endpoint === undefined ? {} : { rootUrl: `${world.endpoint}/${api}.googleapis.com/` }),
      fetchImplementation: world.fetch,
      timeout: longest,
      // Patience is ours, and so is what an error may tell.
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
  return { call: once, callWithRetry: (request, signal) => withRetry(world, () => once(request), signal) };
}
