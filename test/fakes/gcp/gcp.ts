import type { Server } from "node:http";
import { type HttpBindings, serve } from "@hono/node-server";
import { Hono } from "hono";
import { type ApiRequest, hosts, read, responseProblems } from "./discovery.ts";
import {
  bodyOf,
  denied,
  GoogleError,
  missingCredentials,
  notFound,
  type Problem,
  permissionDenied,
  serviceDisabled,
  unauthenticated,
} from "./errors.ts";
import { type Google, type Handler, projectIn } from "./google.ts";
import { operations } from "./operations.ts";
import { permissionOf } from "./permissions.ts";
import { newProject, type Project, type Resource } from "./project.ts";
import { iam } from "./services/accounts.ts";
import { cloudbuild } from "./services/build.ts";
import { logging } from "./services/logging.ts";
import { addNetwork, compute } from "./services/networks.ts";
import { orgpolicy } from "./services/org-policy.ts";
import { cloudbilling, cloudresourcemanager } from "./services/projects.ts";
import { redis } from "./services/redis.ts";
import { artifactregistry } from "./services/registry.ts";
import { appStatus, run } from "./services/run.ts";
import { cloudscheduler } from "./services/scheduler.ts";
import { secretmanager } from "./services/secrets.ts";
import { serviceusage } from "./services/services.ts";
import { sqladmin } from "./services/sql.ts";
import { storage } from "./services/storage.ts";

// A strict fake of Google Cloud. It validates every request against Google's own discovery documents (see
// discovery/README.md) and rejects anything else, so that a test with an unknown request fails.

const handlers: Record<string, Record<string, Handler>> = {
  artifactregistry,
  cloudbilling,
  cloudbuild,
  cloudresourcemanager,
  cloudscheduler,
  compute,
  iam,
  logging,
  orgpolicy,
  redis,
  run,
  secretmanager,
  serviceusage,
  sqladmin,
  storage,
};

/** An error response; `lost`: the call succeeds and its response is lost; `unsent`: the request never arrives. */
export type Fault = Problem | "lost" | "unsent";

export interface LoggedRequest {
  call: string;
  path: string;
  query: string;
  status: number;
  /** The request body, as JSON. */
  body: string;
}

interface FakeGcpOptions {
  now?: () => number;
  /** Clock milliseconds per second of work at Google. */
  pace?: number;
}

/** APIs that are enabled in every project. */
const defaultApis = ["cloudresourcemanager", "serviceusage", "cloudbilling", "orgpolicy"];
const owner = "visitor@example.com";

/**
 * Starts the fake on its own port. `endpoint` is for GOOGLE_API_URL; `fetch` reaches the fake and its apps without a
 * network.
 */
export async function fakeGcp({ now = Date.now, pace = 1000 }: FakeGcpOptions = {}) {
  const tokens = new Map<string, { email: string; expired: boolean; project: string }>();
  const faults: { call: string; fault: Fault; times: number }[] = [];
  const nth = new Map<number, Fault>();
  const requests: LoggedRequest[] = [];
  const bugs: unknown[] = [];
  const google: Google = {
    now,
    pace: () => pace,
    projects: new Map(),
    operations: operations(now, () => pace),
    scenario: { creations: new Map(), build: null, jobs: new Map(), app: () => 200, lines: ["hello"] },
    billingAccounts: [{ name: "billingAccounts/012345-6789AB-CDEF01", displayName: "My Billing Account", open: true }],
    logs: [],
    foreignBuckets: new Set(),
  };
  let issued = 0;

  function nextFault(call: string): Fault | undefined {
    const entry = faults.find(
      (candidate) => candidate.times > 0 && (candidate.call === "*" || candidate.call === call),
    );
    if (entry) entry.times--;
    return entry?.fault ?? nth.get(requests.length);
  }

  function callerOf(header: string | null) {
    const [, token] = /^Bearer (\S+)$/.exec(header ?? "") ?? [];
    if (!token) throw new GoogleError(missingCredentials);
    const caller = tokens.get(token);
    if (!caller || caller.expired) throw new GoogleError(unauthenticated);
    return caller;
  }

  function requireEnabled(api: string, project: Project) {
    const service = `${api}.googleapis.com`;
    const since = project.enabled.get(service);
    if (since === undefined || since > now()) throw new GoogleError(serviceDisabled(service, project.number));
  }

  function dispatch(input: ApiRequest, headers: Headers) {
    const caller = callerOf(headers.get("authorization"));
    const { api } = input;
    // The quota project, where the API must be enabled: https://cloud.google.com/apis/docs/system-parameters
    const quotaProject = headers.get("x-goog-user-project") ?? caller.project;
    const payer = [...google.projects.values()].find(
      ({ id, number }) => id === quotaProject || number === quotaProject,
    );
    if (!payer)
      throw new GoogleError(denied(`Caller does not have required permission to use project ${quotaProject}.`));
    requireEnabled(api, payer);
    const target = projectIn(google, input);
    if (typeof target === "string") throw new GoogleError(denied(`Permission denied on resource project ${target}.`));
    const isMember =
      target === null || target.policy.bindings.some(({ members }) => members.includes(`user:${caller.email}`));
    const permission = permissionOf(input);
    if (target && permission && (!isMember || target.denied.has(permission)))
      throw new GoogleError(permissionDenied(permission, `${api}.googleapis.com/projects/${target.id}`));
    if (target && !defaultApis.includes(api)) requireEnabled(api, target);
    const handler = handlers[api]?.[input.method];
    if (!handler) throw new GoogleError(notFound(`this fake does not know ${input.call}`));
    const project = target ?? payer;
    return handler({ ...input, google, project, caller });
  }

  async function respond(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const [, host = "", ...rest] = url.pathname.split("/");
    const api = hosts[host];
    const text = await request.text();
    if (!api) return Response.json({ error: { message: `there is no ${host}` } }, { status: 404 });
    google.operations.advance();
    const path = `/${rest.join("/")}`;
    const logged: LoggedRequest = {
      call: `${api} ${request.method} ${path}`,
      path,
      query: url.search,
      status: 0,
      body: text,
    };
    const errorResponse = (problem: Problem) => {
      logged.status = problem.status;
      return Response.json(bodyOf(api, problem), { status: problem.status, headers: problem.headers });
    };
    try {
      const input = read(api, { method: request.method, url, path, text });
      logged.call = input.call;
      requests.push(logged);
      const fault = nextFault(input.call);
      if (fault === "unsent") throw connectionLost;
      if (fault && fault !== "lost") return errorResponse(fault);
      const response = dispatch(input, request.headers);
      const unknown = responseProblems(input, response ?? {});
      if (unknown.length > 0) bugs.push(new Error(`${input.call} answers what Google does not: ${unknown}`));
      logged.status = 200;
      if (fault === "lost") throw connectionLost;
      return response === null ? new Response(null, { status: 204 }) : Response.json(response);
    } catch (error) {
      if (error instanceof GoogleError) return errorResponse(error.problem);
      if (error !== connectionLost) bugs.push(error);
      throw error;
    }
  }

  const app = new Hono<{ Bindings: HttpBindings }>().all("*", (c) => respond(c.req.raw));
  app.onError((error, c) => {
    if (error === connectionLost) c.env.incoming.socket.destroy();
    return c.text(`${error.stack}`, 500);
  });
  const server = await new Promise<Server>((resolve) => {
    const listening = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => resolve(listening as Server));
  });
  const { port } = server.address() as { port: number };
  const endpoint = `http://127.0.0.1:${port}`;

  const fetchFake = (async (input: string | URL | Request, init?: RequestInit) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.origin !== endpoint) {
      google.operations.advance();
      return new Response(null, { status: appStatus(google, url) });
    }
    const request = new Request(input, init);
    try {
      return await respond(request);
    } catch (error) {
      if (error !== connectionLost) throw error;
      throw new TypeError("fetch failed", {
        cause: Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }),
      });
    }
  }) as typeof fetch;

  // The operator's project, which owns the OAuth client.
  const operatorProject = newProject("slipway-operator", "999988887777", "operator@example.com");
  for (const api of defaultApis) operatorProject.enabled.set(`${api}.googleapis.com`, 0);
  google.projects.set(operatorProject.id, operatorProject);

  const fake = {
    endpoint,
    fetch: fetchFake,
    google,
    requests,
    bugs,
    /** Adds a visitor's project as the console creates one: with billing, and only the default APIs enabled. */
    project(id = "visitors-project", number = "123456789012"): Project {
      const project = newProject(id, number, owner);
      google.projects.set(id, project);
      for (const api of defaultApis) project.enabled.set(`${api}.googleapis.com`, 0);
      addNetwork(project, "default", now());
      return project;
    },
    addNetwork: (project: Project, name: string) => addNetwork(project, name, now()),
    /** Issues an access token for a visitor. */
    token(email = owner): string {
      const token = `ya29.a0Fake-${String(++issued).padStart(3, "0")}-ToKeN-0123456789abcdefghijklmnop`;
      tokens.set(token, { email, expired: false, project: operatorProject.id });
      return token;
    },
    /** Accepts a token that another server issued. */
    acceptToken(token: string, email = owner) {
      tokens.set(token, { email, expired: false, project: operatorProject.id });
    },
    /** Expires every token. */
    expireTokens() {
      for (const token of tokens.values()) token.expired = true;
    },
    /** Makes the next calls of a method fail, such as `run.projects.locations.services.create`; `*` is any method. */
    failNext(call: string, fault: Fault, times = 1) {
      faults.push({ call, fault, times });
    },
    /** Makes the nth request from now on fail, counted from 1. */
    failNth(count: number, fault: Fault) {
      nth.set(requests.length + count, fault);
    },
    clearFaults() {
      faults.length = 0;
      nth.clear();
    },
    /** Writes an object, as the app does. */
    putObject(bucket: Resource, name: string) {
      (bucket.internal.versions as object[]).push({ name, generation: `${1_700_000_000_000 + ++issued}` });
    },
    /** Returns everything that was added to a project, including members of policies. */
    inventory(project: Project): string[] {
      google.operations.advance();
      const resources = [...project.resources.values()].filter(
        ({ api, kind }) => api !== "compute" && !isHistory(kind),
      );
      const grants = (policy: Project["policy"] | null, resource: string) =>
        (policy?.bindings ?? []).flatMap(({ role, members }) =>
          members
            .filter((member) => member !== `user:${owner}` && member !== "user:colleague@example.com")
            .map((member) => `${resource}: ${member} is ${role}`),
        );
      const running = resources.flatMap(({ policy, name }) => grants(policy, name));
      return [
        ...resources.map(({ api, name }) => `${api}/${name}`),
        ...running,
        ...grants(project.policy, project.id),
      ].sort();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return fake;
}
export type FakeGcp = Awaited<ReturnType<typeof fakeGcp>>;

/** Builds are history, which Google keeps and does not let anyone delete. */
const isHistory = (kind: string) => kind === "builds";
const connectionLost = new Error("the answer is lost on the way");
