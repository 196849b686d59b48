import type { Template } from "../cloudformation.ts";
import type { AccountClients } from "../provision/api/clients.ts";

export interface QuotaQuery {
  clients: AccountClients;
  /** The visitor's account id: AWS also lists VPCs that other accounts share with it. */
  account: string;
  signal: AbortSignal;
}

/** A quota of the visitor's account in one region, as Service Quotas defines it. */
export interface Quota {
  service: string;
  code: string;
  /** Another quota of the same service; raising that one raises this one. */
  risesWith?: string;
  what: string;
  /** The amount that a stack of this template requires. */
  required(template: Template): number;
  /** The amount in use; absent if only the limit is known. */
  used?(ask: QuotaQuery): Promise<number>;
}

const vpcs = "L-F678F1CE";

// Quotas of RDS and load balancers are left out: Service Quotas returns them only with permissions for these services.
export const quotas: Quota[] = [
  {
    // https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
    service: "vpc",
    code: vpcs,
    what: "VPCs",
    required: (template) => countResources(template, "AWS::EC2::VPC"),
    used: ({ clients, account, signal }) =>
      countPages(async (NextToken) => {
        const fetchPage = await clients.ec2((ec2) => ec2.describeVpcs({ NextToken }, { abortSignal: signal }), signal);
        return { ...fetchPage, own: fetchPage.Vpcs?.filter(({ OwnerId }) => OwnerId === account) };
      }),
  },
  {
    // Raising the VPC quota raises this one by the same amount, says the same page.
    service: "vpc",
    code: "L-A4707A72",
    risesWith: vpcs,
    what: "internet gateways",
    required: (template) => countResources(template, "AWS::EC2::InternetGateway"),
    used: ({ clients, account, signal }) =>
      countPages(async (NextToken) => {
        const input = { NextToken };
        const fetchPage = await clients.ec2(
          (ec2) => ec2.describeInternetGateways(input, { abortSignal: signal }),
          signal,
        );
        return { ...fetchPage, own: fetchPage.InternetGateways?.filter(({ OwnerId }) => OwnerId === account) };
      }),
  },
  {
    // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html
    service: "ec2",
    code: "L-0263D0A3",
    what: "elastic IP addresses",
    required: (template) => countResources(template, "AWS::EC2::EIP"),
    async used({ clients, signal }) {
      const { Addresses = [] } = await clients.ec2((ec2) => ec2.describeAddresses({}, { abortSignal: signal }), signal);
      // Addresses that the visitor brought, or that a service manages, may not count. Counting too few is better than
      // blocking a deployment.
      return Addresses.filter(
        ({ PublicIpv4Pool = "amazon", ServiceManaged }) => PublicIpv4Pool === "amazon" && !ServiceManaged,
      ).length;
    },
  },
  {
    // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
    service: "fargate",
    code: "L-3032A538",
    what: "vCPUs of Fargate",
    required: fargateVcpus,
  },
];

const countResources = ({ Resources }: Template, type: string) =>
  Object.values(Resources).filter(({ Type }) => Type === type).length;

/** Counts the vCPUs of tasks that run at once: all services at their desired count, or the largest job before them. */
function fargateVcpus({ Resources }: Template): number {
  const units = (task: unknown) => Number(Resources[refOf(task)]?.Properties?.Cpu ?? 0);
  let services = 0;
  let job = 0;
  for (const { Type, Properties: properties = {} } of Object.values(Resources)) {
    if (Type === "AWS::ECS::Service")
      services += units(properties.TaskDefinition) * Number(properties.DesiredCount ?? 1);
    if (Type === "Custom::Job") job = Math.max(job, Number(properties.Cpu ?? units(properties.Task)));
  }
  return Math.max(services, job) / 1024;
}

const refOf = (value: unknown): string =>
  typeof value === "object" && value !== null && "Ref" in value ? `${value.Ref}` : "";

async function countPages(
  fetchPage: (nextToken: string | undefined) => Promise<{ own?: unknown[]; NextToken?: string }>,
) {
  let count = 0;
  let nextToken: string | undefined;
  do {
    const { own = [], NextToken } = await fetchPage(nextToken);
    count += own.length;
    nextToken = NextToken;
  } while (nextToken);
  return count;
}
