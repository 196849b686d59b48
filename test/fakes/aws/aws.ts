import { randomBytes } from "node:crypto";
import type { Server } from "node:http";
import { type HttpBindings, serve } from "@hono/node-server";
import { Hono } from "hono";
import { type Account, type Bucket, type Caller, newAccount, type Role } from "./account.ts";
import { cloudformation, type Engine } from "./cloudformation.ts";
import { ec2, formatEc2Error, formatEc2Response } from "./ec2.ts";
import { advance, type Stack, startDelete } from "./engine.ts";
import type { Policy } from "./policy.ts";
import { AwsError, formatError, formatResponse, type ResponseBody, readQuery, xml } from "./protocol.ts";
import { quotaAction, quotaErrorResponse, serviceQuotas } from "./quotas.ts";
import { putObject, s3 } from "./s3.ts";
import { signerOf, verifySignature } from "./signature.ts";
import { assumeRole, assumeRoleWithWebIdentity } from "./sts.ts";

interface Key {
  secret: string;
  token: string | null;
  caller: Caller;
  expires: number;
}
/**
 * What happens to a call: it fails, it succeeds and its response is lost, or the response is plain text, which the SDK cannot
 * parse: https://github.com/aws/aws-sdk-js-v3/issues/7182, read 2026-11-28.
 */
type Fault = { code: string; message: string; status: number } | "lost" | "unreadable";

interface FakeAwsOptions {
  now: () => number;
  /** Fetches the documents of a token's issuer. */
  fetch?: typeof fetch;
  pace?: number;
}

const namespaces = {
  sts: "https://sts.amazonaws.com/doc/2011-06-15/",
  cloudformation: "http://cloudformation.amazonaws.com/doc/2010-05-15/",
  ec2: "http://ec2.amazonaws.com/doc/2016-11-15/",
};
const versions = { sts: "2011-06-15", cloudformation: "2010-05-15", ec2: "2016-11-15" };
type QueryService = keyof typeof versions;
const isQueryService = (name: string): name is QueryService => name in versions;

/**
 * A fake of STS, CloudFormation and S3, and of the parts of EC2 and Service Quotas that quota checks use: over HTTP, as
 * strict as AWS, with a clock that the test controls.
 */
export async function fakeAws({ now, fetch: fetchIssuer = fetch, pace = 1000 }: FakeAwsOptions) {
  const accounts = new Map<string, Account>();
  const keys = new Map<string, Key>();
  const calls: string[] = [];
  const faults: { action: string; times: number; fault: Fault }[] = [];
  let barrier: { missing: string[]; all: PromiseWithResolvers<void> } | undefined;
  const engine: Engine = {
    stacks: [],
    accounts,
    now,
    settings: { fails: new Map(), failsOnce: new Map(), failsToDelete: new Map(), pace },
    stackLimit: 200,
  };

  function issue(caller: Caller, expires: number, temporary: boolean) {
    const accessKeyId = `${temporary ? "ASIA" : "AKIA"}${randomBytes(8).toString("hex").toUpperCase()}`;
    const secret = randomBytes(30).toString("base64");
    const token = temporary ? randomBytes(100).toString("base64") : null;
    keys.set(accessKeyId, { secret, token, caller, expires });
    return { accessKeyId, secretAccessKey: secret, ...(token ? { sessionToken: token } : {}) };
  }

  function openSession(role: Role, account: Account, session: Policy | null, name: string, seconds: number) {
    const expires = now() + seconds * 1000;
    const arn = `arn:aws:sts::${account.id}:assumed-role/${role.name}/${name}`;
    const credentials = issue({ account, arn, role, session }, expires, true);
    return {
      AccessKeyId: credentials.accessKeyId,
      SecretAccessKey: credentials.secretAccessKey,
      SessionToken: credentials.sessionToken ?? "",
      expires: new Date(expires).toISOString(),
    };
  }

  function authenticate(request: Request, body: Uint8Array, service: string) {
    const signed = signerOf(request);
    if (!signed) throw new AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403);
    if (signed.service !== service)
      throw new AwsError("SignatureDoesNotMatch", `Credential should be scoped to correct service: '${service}'.`, 403);
    const key = keys.get(signed.accessKeyId);
    const invalid = new AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403);
    if (!key || key.token !== request.headers.get("x-amz-security-token")) throw invalid;
    if (!key.caller.account.regions.has(signed.region)) throw invalid;
    verifySignature(request, body, key.secret, signed);
    if (key.expires <= now())
      throw new AwsError("ExpiredToken", "The security token included in the request is expired", 403);
    return { caller: key.caller, region: signed.region };
  }

  async function recordCall(action: string) {
    calls.push(action);
    const pendingBarrier = barrier;
    if (!pendingBarrier?.missing.includes(action)) return;
    pendingBarrier.missing.splice(pendingBarrier.missing.indexOf(action), 1);
    if (pendingBarrier.missing.length === 0) pendingBarrier.all.resolve();
    await pendingBarrier.all.promise;
  }

  function nextFault(action: string): Exclude<Fault, "unreadable"> | null {
    const next = faults.find((fault) => fault.action === action || fault.action === "*");
    if (!next) return null;
    if (--next.times <= 0) faults.splice(faults.indexOf(next), 1);
    if (next.fault === "unreadable") throw unreadableResponse;
    return next.fault;
  }

  async function query(request: Request, body: Uint8Array): Promise<Response> {
    const input = readQuery(new URLSearchParams(new TextDecoder().decode(body)));
    const action = `${input.Action}`;
    const serviceName = Object.keys(versions).find((name) => isQueryService(name) && versions[name] === input.Version);
    const service = serviceName && isQueryService(serviceName) ? serviceName : "cloudformation";
    await recordCall(action);
    const fault = nextFault(action);
    try {
      if (fault && fault !== "lost") throw new AwsError(fault.code, fault.message, fault.status);
      if (input.Version !== versions[service])
        throw new AwsError("InvalidAction", `There is no version ${input.Version}`);
      const result = await dispatch(service, action, request, body, input);
      if (fault === "lost") throw responseLost;
      const format = service === "ec2" ? formatEc2Response : formatResponse;
      return xmlResponse(format(namespaces[service], action, result), 200);
    } catch (error) {
      if (error instanceof AwsError)
        return xmlResponse(
          service === "ec2" ? formatEc2Error(error) : formatError(namespaces[service], error),
          error.status,
        );
      throw error;
    }
  }

  async function dispatch(
    service: QueryService,
    action: string,
    request: Request,
    body: Uint8Array,
    input: ReturnType<typeof readQuery>,
  ): Promise<ResponseBody> {
    const sts = { accounts, now, fetch: fetchIssuer, open: openSession };
    if (action === "AssumeRoleWithWebIdentity") {
      if (request.headers.has("authorization"))
        throw new AwsError("SignatureDoesNotMatch", "This is asked unsigned.", 403);
      return assumeRoleWithWebIdentity(sts, input);
    }
    const { caller, region } = authenticate(request, body, service);
    if (service === "cloudformation") return cloudformation(engine, caller, region, input);
    if (service === "ec2") return ec2(caller, input);
    if (action === "AssumeRole") return assumeRole(sts, input, caller);
    if (action === "GetCallerIdentity") return { UserId: "AIDA", Account: caller.account.id, Arn: caller.arn };
    throw new AwsError("InvalidAction", `Could not find operation ${action} for version 2011-06-15`);
  }

  async function quotas(request: Request, body: Uint8Array): Promise<Response> {
    const action = quotaAction(request);
    await recordCall(action);
    const fault = nextFault(action);
    try {
      if (fault && fault !== "lost") throw new AwsError(fault.code, fault.message, fault.status);
      const { caller } = authenticate(request, body, "servicequotas");
      const result = serviceQuotas(caller, action, body);
      if (fault === "lost") throw responseLost;
      return Response.json(result, { headers: { "content-type": jsonType } });
    } catch (error) {
      if (error instanceof AwsError) return quotaErrorResponse(error);
      throw error;
    }
  }

  const app = new Hono<{ Bindings: HttpBindings }>().all("*", async (c) => {
    const body = new Uint8Array(await c.req.arrayBuffer());
    const request = c.req.raw;
    if (c.req.header("content-type") === "application/x-www-form-urlencoded") return query(request, body);
    if (c.req.header("content-type") === jsonType) return quotas(request, body);
    const { pathname, searchParams } = new URL(request.url);
    const action = `S3 ${request.method} ${searchParams.has("versions") ? "versions" : searchParams.has("delete") ? "delete" : pathname.split("/").length > 2 ? "object" : "bucket"}`;
    calls.push(action);
    try {
      const fault = nextFault(action);
      if (fault && fault !== "lost") throw new AwsError(fault.code, fault.message, fault.status);
      const { caller, region } = authenticate(request, body, "s3");
      const response = s3(accounts.values(), caller, request, body, region);
      if (action === "S3 GET versions" && !(await response.clone().text()).includes("<Key>")) fake.onEmptied();
      return response;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return new Response(xml("Error", { Code: error.code, Message: error.message }), {
        status: error.status,
        headers: { "content-type": "application/xml" },
      });
    }
  });
  const bugs: unknown[] = [];
  app.onError((error, c) => {
    if (error === responseLost) {
      c.env.incoming.socket.destroy();
      return c.body(null);
    }
    if (error === unreadableResponse) return c.text("Service <Unavailable", 503);
    bugs.push(error);
    return c.text(`${error.stack}`, 500);
  });

  const server = await new Promise<Server>((resolve) => {
    const credentials = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () =>
      resolve(credentials as Server),
    );
  });
  const { port } = server.address() as { port: number };

  const fake = {
    endpoint: `http://127.0.0.1:${port}`,
    accounts,
    engine,
    calls,
    bugs,
    /** Adds an account and returns it with administrator keys. */
    account(id: string, regions = ["us-east-1", "eu-west-1"]) {
      const account = newAccount(id, regions);
      accounts.set(id, account);
      const caller = { account, arn: `arn:aws:iam::${id}:user/admin`, role: null, session: null };
      return { account, keys: issue(caller, Infinity, false) };
    },
    /** Makes the next calls of this action fail; `*` is any action. */
    failNext(action: string, fault: Fault, times = 1) {
      faults.push({ action, fault, times });
    },
    /** Holds the responses to these actions until all of them have been called. */
    holdUntilAll(...actions: string[]) {
      barrier = { missing: actions, all: Promise.withResolvers() };
    },
    /** Returns the secret keys and session tokens issued so far. */
    credentials: () => [...keys.values()].flatMap(({ secret, token }) => [secret, ...(token ? [token] : [])]),
    /** Expires every session. */
    expireSessions() {
      for (const key of keys.values()) if (key.token) key.expires = 0;
    },
    /** Returns every stack in its current state. */
    stacks() {
      for (const stack of engine.stacks) advance(stack, now(), engine.settings);
      return engine.stacks;
    },
    /** Deletes a stack, as the visitor does in the console. */
    deleteStack(stack: Stack) {
      startDelete(stack, now());
    },
    /** Writes an object, as the app does. */
    putObject(bucket: Bucket, key: string, body: string | null) {
      putObject(bucket, key, body === null ? null : new TextEncoder().encode(body));
    },
    /** Called when a listing finds a bucket empty. */
    onEmptied() {},
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return fake;
}
export type FakeAws = Awaited<ReturnType<typeof fakeAws>>;

const jsonType = "application/x-amz-json-1.1";
const unreadableResponse = new Error("The response is not AWS's.");
const responseLost = new Error("the answer is lost on the way");
const xmlResponse = (body: string, status: number) =>
  new Response(body, { status, headers: { "content-type": "text/xml" } });

export const throttled = { code: "Throttling", message: "Rate exceeded", status: 400 };
