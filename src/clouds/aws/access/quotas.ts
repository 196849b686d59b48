import type { Template } from "../cloudformation.ts";
import type { AccountClients } from "../provision/api/clients.ts";

export interface QuotaQuery {
  look: AccountClients;
  /** The visitor's: AWS also tells of networks that other accounts share with theirs. */
  account: string;
  signal: AbortSignal;
}

/** A limit of the visitor's account in one region, as Service Quotas knows it. */
export interface Quota {
  service: string;
  code: string;
  /** Another quota of the same service, which this one rises with. */
  risesWith?: string;
  what: string;
  /** How much a stack of this template takes. */
  required(template: Template): number;
  /** How much is taken already; absent when only the limit is known. */
  used?(ask: QuotaQuery): Promise<number>;
}

const vpcs = "L-F678F1CE";

// Not those of RDS and load balancers: Service Quotas tells them only to who may ask these services, too.
export const quotas: Quota[] = [
  {
    // https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
    service: "vpc",
    code: vpcs,
    what: "VPCs",
    required: (template) => howMany(template, "AWS::EC2::VPC"),
    used: ({ look, account, signal }) =>
      counted(async (NextToken) => {
        const page = await look.ec2((ec2) => ec2.describeVpcs({ NextToken }, { abortSignal: signal }), signal);
        return { ...page, own: page.Vpcs?.filter(({ OwnerId }) => OwnerId === account) };
      }),
  },
  {
    // Whoever raises the quota of VPCs raises this one by as much, says the same page.
    service: "vpc",
    code: "L-A4707A72",
    risesWith: vpcs,
    what: "internet gateways",
    required: (template) => howMany(template, "AWS::EC2::InternetGateway"),
    used: ({ look, account, signal }) =>
      counted(async (NextToken) => {
        const asked = { NextToken };
        const page = await look.ec2((ec2) => ec2.describeInternetGateways(asked, { abortSignal: signal }), signal);
        return { ...page, own: page.InternetGateways?.filter(({ OwnerId }) => OwnerId === account) };
      }),
  },
  {
    // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html
    service: "ec2",
    code: "L-0263D0A3",
    what: "elastic IP addresses",
    required: (template) => howMany(template, "AWS::EC2::EIP"),
    async used({ look, signal }) {
      const { Addresses = [] } = await look.ec2((ec2) => ec2.describeAddresses({}, { abortSignal: signal }), signal);
      // Addresses that the visitor brought along, or that a service keeps for itself, may not count: we would rather
      // find too little than keep anybody from deploying.
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
    required: vcpus,
  },
];

const howMany = ({ Resources }: Template, type: string) =>
  Object.values(Resources).filter(({ Type }) => Type === type).length;

/** Of the tasks that run at once: every service as often as it starts, or, before them, the largest job. */
function vcpus({ Resources }: Template): number {
  const units = (task: unknown) => Number(Resources[refOf(task)]?.Properties?.Cpu ?? 0);
  let services = 0;
  let job = 0;
  for (const { Type, Properties: of = {} } of Object.values(Resources)) {
    if (Type === "AWS::ECS::Service") services += units(of.TaskDefinition) * Number(of.DesiredCount ?? 1);
    if (Type === "Custom::Job") job = Math.max(job, Number(of.Cpu ?? units(of.Task)));
  }
  return Math.max(services, job) / 1024;
}

const refOf = (value: unknown): string =>
  typeof value === "object" && value !== null && "Ref" in value ? `${value.Ref}` : "";

async function counted(page: (from: string | undefined) => Promise<{ own?: unknown[]; NextToken?: string }>) {
  let count = 0;
  let from: string | undefined;
  do {
    const { own = [], NextToken } = await page(from);
    count += own.length;
    from = NextToken;
  } while (from);
  return count;
}
