import type { CloudFormation } from "@aws-sdk/client-cloudformation";
import type { EC2 } from "@aws-sdk/client-ec2";
import type { S3 } from "@aws-sdk/client-s3";
import type { ServiceQuotas } from "@aws-sdk/client-service-quotas";
import type { STS } from "@aws-sdk/client-sts";
import type { Dependencies } from "../../dependencies.ts";
import type { RoleAccess } from "../../role-access.ts";
import { assume, clientConfig, type SessionRestriction } from "./assume-role.ts";
import { withRetry } from "./retry.ts";

interface Clients {
  cloudformation: CloudFormation;
  ec2: EC2;
  quotas: ServiceQuotas;
  s3: S3;
  sts: STS;
}

type Config = ReturnType<typeof clientConfig> & {
  credentials: Awaited<ReturnType<typeof assume>>["credentials"];
};

// Loaded on first use: together the SDKs take more than 150 MB, which a page with prices does not need.
const createClient: { [Name in keyof Clients]: (config: Config) => Promise<Clients[Name]> } = {
  async cloudformation(config) {
    const { CloudFormation } = await import("@aws-sdk/client-cloudformation");
    return new CloudFormation(config);
  },
  async ec2(config) {
    const { EC2 } = await import("@aws-sdk/client-ec2");
    return new EC2(config);
  },
  async quotas(config) {
    const { ServiceQuotas } = await import("@aws-sdk/client-service-quotas");
    return new ServiceQuotas(config);
  },
  async s3(config) {
    const { S3 } = await import("@aws-sdk/client-s3");
    return new S3({ ...config, forcePathStyle: config.endpoint !== undefined, followRegionRedirects: true });
  },
  async sts(config) {
    const { STS } = await import("@aws-sdk/client-sts");
    return new STS(config);
  },
};

/** Calls one service, with retries and a new session if the old one has expired. `signal` ends the wait. */
type Call<Client> = <T>(work: (client: Client) => Promise<T>, signal?: AbortSignal) => Promise<T>;

/**
 * Clients for the visitor's account in one region. The role is assumed on first use and again when its session has
 * expired; credentials stay in memory.
 */
export type AccountClients = { [Name in keyof Clients]: Call<Clients[Name]> } & { close(): void };

export function accountClients(
  dependencies: Dependencies,
  region: string,
  access: RoleAccess,
  restriction: SessionRestriction,
): AccountClients {
  interface Session {
    config: Promise<Config>;
    clients: { [Name in keyof Clients]?: Promise<Clients[Name]> };
  }
  let currentSession: Session | undefined;

  async function startSession(): Promise<Config> {
    const { credentials } = await assume(dependencies, region, access, access.subject, restriction);
    return { ...clientConfig(dependencies, region), credentials };
  }

  function close(session = currentSession) {
    for (const pending of Object.values(session?.clients ?? {}))
      pending.then(
        (client) => client.destroy(),
        () => {},
      );
    if (currentSession === session) currentSession = undefined;
  }

  const call =
    <Name extends keyof Clients>(name: Name): Call<Clients[Name]> =>
    (work, signal) => {
      let session: Session | undefined;
      const attempt = async () => {
        session = currentSession ??= { config: startSession(), clients: {} };
        const pending: Promise<Clients[Name]> = session.clients[name] ?? session.config.then(createClient[name]);
        session.clients = { ...session.clients, [name]: pending };
        const client = await pending.catch((error) => {
          if (currentSession === session) currentSession = undefined;
          throw error;
        });
        return work(client);
      };
      // Several calls may find the same session expired: only the first closes it, and none closes its successor.
      return withRetry(dependencies, attempt, { renew: () => close(session), signal });
    };

  return {
    cloudformation: call("cloudformation"),
    ec2: call("ec2"),
    quotas: call("quotas"),
    s3: call("s3"),
    sts: call("sts"),
    close: () => close(),
  };
}
