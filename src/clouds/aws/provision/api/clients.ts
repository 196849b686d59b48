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

// Each is loaded when it is first asked: together they are more than 150 MB, which a page with prices does without.
const clients: { [Name in keyof Clients]: (config: Config) => Promise<Clients[Name]> } = {
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

/** Asks one service, again and with a new session where that helps. `signal` ends the waiting. */
type Ask<Client> = <T>(work: (client: Client) => Promise<T>, signal?: AbortSignal) => Promise<T>;

/**
 * The visitor's account in one region, with the lent role. The role is assumed when it is first needed and again when
 * its session is over; credentials are in memory only. Throttling and lost answers are waited out.
 */
export type AccountClients = { [Name in keyof Clients]: Ask<Clients[Name]> } & { close(): void };

export function accountClients(
  world: Dependencies,
  region: string,
  lent: RoleAccess,
  narrowed: SessionRestriction,
): AccountClients {
  interface Session {
    config: Promise<Config>;
    made: { [Name in keyof Clients]?: Promise<Clients[Name]> };
  }
  let open: Session | undefined;

  async function begin(): Promise<Config> {
    const { credentials } = await assume(world, region, lent, lent.subject, narrowed);
    return { ...clientConfig(world, region), credentials };
  }

  function close(session = open) {
    for (const client of Object.values(session?.made ?? {}))
      client.then(
        (one) => one.destroy(),
        () => {},
      );
    if (open === session) open = undefined;
  }

  const ask =
    <Name extends keyof Clients>(name: Name): Ask<Clients[Name]> =>
    (work, signal) => {
      let mine: Session | undefined;
      const once = async () => {
        mine = open ??= { config: begin(), made: {} };
        const made: Promise<Clients[Name]> = mine.made[name] ?? mine.config.then(clients[name]);
        mine.made = { ...mine.made, [name]: made };
        const client = await made.catch((error) => {
          if (open === mine) open = undefined;
          throw error;
        });
        return work(client);
      };
      // Of several who find the session over, only the first ends it; the next one is not theirs to end.
      return withRetry(world, once, { renew: () => close(mine), signal });
    };

  return {
    cloudformation: ask("cloudformation"),
    ec2: ask("ec2"),
    quotas: ask("quotas"),
    s3: ask("s3"),
    sts: ask("sts"),
    close: () => close(),
  };
}
