import type { CloudFormation } from "@aws-sdk/client-cloudformation";
import type { S3 } from "@aws-sdk/client-s3";
import type { STS } from "@aws-sdk/client-sts";
import { patient } from "./patience.ts";
import { assume, type Narrowed, transport } from "./session.ts";
import type { Lent, World } from "./world.ts";

/**
 * The visitor's account in one region, with the lent role. The role is assumed when it is first needed and again when
 * its session is over; credentials are in memory only. Throttling and lost answers are waited out.
 */
export interface Account {
  cloudformation<T>(work: (client: CloudFormation) => Promise<T>, signal?: AbortSignal): Promise<T>;
  s3<T>(work: (client: S3) => Promise<T>, signal?: AbortSignal): Promise<T>;
  sts<T>(work: (client: STS) => Promise<T>, signal?: AbortSignal): Promise<T>;
  close(): void;
}

interface Clients {
  cloudformation: CloudFormation;
  s3: S3;
  sts: STS;
}

export function account(world: World, region: string, lent: Lent, narrowed: Narrowed): Account {
  let open: Promise<Clients> | undefined;

  async function begin(): Promise<Clients> {
    const { credentials } = await assume(world, region, lent, lent.subject, narrowed);
    const config = { ...transport(world, region), credentials };
    // Loaded when a deployment first needs them: they are 40 MB that a page with prices does without.
    const [{ CloudFormation }, { S3 }, { STS }] = await Promise.all([
      import("@aws-sdk/client-cloudformation"),
      import("@aws-sdk/client-s3"),
      import("@aws-sdk/client-sts"),
    ]);
    const elsewhere = { forcePathStyle: world.endpoint !== undefined, followRegionRedirects: true };
    return {
      cloudformation: new CloudFormation(config),
      s3: new S3({ ...config, ...elsewhere }),
      sts: new STS(config),
    };
  }

  function close() {
    open?.then(
      (clients) => {
        for (const client of Object.values(clients)) client.destroy();
      },
      () => {},
    );
    open = undefined;
  }

  function call<Name extends keyof Clients>(name: Name) {
    return <T>(work: (client: Clients[Name]) => Promise<T>, signal?: AbortSignal) =>
      patient(
        world,
        async () => {
          open ??= begin();
          const mine = open;
          const clients = await mine.catch((error) => {
            if (open === mine) open = undefined;
            throw error;
          });
          return work(clients[name]);
        },
        { renew: close, signal },
      );
  }

  return { cloudformation: call("cloudformation"), s3: call("s3"), sts: call("sts"), close };
}
