import { type Parameter, type Property, parameters, type Resource, type Value } from "../../cloudformation.ts";
import type { CompileContext, TemplateFragment } from "../context.ts";
import { fnIf, ref, sub } from "../intrinsics.ts";
import { natLine } from "../price-lines.ts";

const createsVpc = "NewNetwork";
// cfn-lint validates defaults as if they were used, and rejects an empty one where it expects an id.
const noVpc = "vpc-00000000";
const noSubnets = "subnet-00000000,subnet-00000001";
const zones = ["A", "B"] as const;
const ifVpcIsCreated = (Type: string, Properties: Property, overrides: Partial<Resource> = {}): Resource => ({
  Type,
  Condition: createsVpc,
  ...overrides,
  Properties,
});
const nameTag = (text: string): Value => [{ Key: "Name", Value: sub(`\${AWS::StackName}-${text}`) }];
const idPattern = (prefix: string, minCount: number) =>
  `^${prefix}-[0-9a-f]{8,17}${minCount > 1 ? `(,${prefix}-[0-9a-f]{8,17})+` : ""}$`;

export const vpcId: Value = fnIf(createsVpc, ref("Vpc"), ref(parameters.vpc));
const existingSubnets = (parameterName: string): Value => ({ "Fn::Split": [",", ref(parameterName)] });
/** For load balancers, and for tasks without a NAT gateway. */
export const publicSubnets: Value = fnIf(
  createsVpc,
  [ref("PublicSubnetA"), ref("PublicSubnetB")],
  existingSubnets(parameters.publicSubnets),
);
/** For databases and caches, and for tasks behind a NAT gateway. */
export const privateSubnets: Value = fnIf(
  createsVpc,
  [ref("PrivateSubnetA"), ref("PrivateSubnetB")],
  existingSubnets(parameters.privateSubnets),
);

/** The network of tasks. Without a NAT gateway they need a public address to pull images; nothing can connect to it. */
export const taskNetworking = ({ settings: { tasksInPrivateSubnets } }: CompileContext) => ({
  subnets: tasksInPrivateSubnets ? privateSubnets : publicSubnets,
  publicIp: tasksInPrivateSubnets ? "DISABLED" : "ENABLED",
});

/**
 * Refers to everything that the internet route depends on, so that a resource with this value waits for it. DependsOn
 * would not do: linters reject it on resources that an existing VPC makes unnecessary.
 */
export const internetRouteReady = ({ settings: { tasksInPrivateSubnets } }: CompileContext): Value =>
  fnIf(
    createsVpc,
    {
      "Fn::Join": [
        "/",
        zones.flatMap((availabilityZone) => [
          ref(`PublicPath${availabilityZone}`),
          ...(tasksInPrivateSubnets ? [ref(`PrivatePath${availabilityZone}`)] : []),
        ]),
      ],
    },
    ref(parameters.vpc),
  );

/** Two public and two private subnets in two zones, unless an existing VPC is given. */
export function vpc({ region, settings: { tasksInPrivateSubnets } }: CompileContext): TemplateFragment {
  const cidr = (index: number): Value => ({
    "Fn::Select": [index, { "Fn::Cidr": ["10.0.0.0/16", 4, 12] }],
  });
  const availabilityZone = (index: number): Value => ({ "Fn::Select": [index, { "Fn::GetAZs": "" }] });
  const perZone = zones.flatMap((zone, index): [string, Resource][] => [
    [
      `PublicSubnet${zone}`,
      ifVpcIsCreated("AWS::EC2::Subnet", {
        VpcId: ref("Vpc"),
        AvailabilityZone: availabilityZone(index),
        CidrBlock: cidr(index),
        Tags: nameTag(`public-${zone.toLowerCase()}`),
      }),
    ],
    [
      `PrivateSubnet${zone}`,
      ifVpcIsCreated("AWS::EC2::Subnet", {
        VpcId: ref("Vpc"),
        AvailabilityZone: availabilityZone(index),
        CidrBlock: cidr(index + 2),
        Tags: nameTag(`private-${zone.toLowerCase()}`),
      }),
    ],
    [
      `PublicPath${zone}`,
      ifVpcIsCreated(
        "AWS::EC2::SubnetRouteTableAssociation",
        { SubnetId: ref(`PublicSubnet${zone}`), RouteTableId: ref("PublicRoutes") },
        { DependsOn: ["PublicRoute"] },
      ),
    ],
    ...(tasksInPrivateSubnets ? natGateway(zone) : []),
  ]);
  return {
    step: { name: "network", title: "Network" },
    parameters: {
      [parameters.vpc]: stringParameter(`An existing VPC to use; ${noVpc} makes a new one`, noVpc, idPattern("vpc", 1)),
      [parameters.publicSubnets]: stringParameter(
        "With an existing VPC: two subnets in two zones with a route to an internet gateway",
        noSubnets,
        idPattern("subnet", 2),
      ),
      [parameters.privateSubnets]: stringParameter(
        `With an existing VPC: two subnets in two zones for data${tasksInPrivateSubnets ? " and tasks, with a route to a NAT gateway" : ""}`,
        noSubnets,
        idPattern("subnet", 2),
      ),
    },
    conditions: { [createsVpc]: { "Fn::Equals": [ref(parameters.vpc), noVpc] } },
    rules: {
      ExistingNetworkHasSubnets: {
        RuleCondition: { "Fn::Not": [{ "Fn::Equals": [ref(parameters.vpc), noVpc] }] },
        Assertions: [parameters.publicSubnets, parameters.privateSubnets].map((parameterName) => ({
          Assert: { "Fn::Not": [{ "Fn::Equals": [ref(parameterName), noSubnets] }] },
          AssertDescription: `With ${parameters.vpc}, ${parameterName} names two subnets of it in two zones.`,
        })),
      },
    },
    resources: {
      Vpc: ifVpcIsCreated("AWS::EC2::VPC", {
        CidrBlock: "10.0.0.0/16",
        EnableDnsHostnames: true,
        EnableDnsSupport: true,
        Tags: nameTag("vpc"),
      }),
      InternetGateway: ifVpcIsCreated("AWS::EC2::InternetGateway", { Tags: nameTag("internet") }),
      InternetPath: ifVpcIsCreated("AWS::EC2::VPCGatewayAttachment", {
        VpcId: ref("Vpc"),
        InternetGatewayId: ref("InternetGateway"),
      }),
      PublicRoutes: ifVpcIsCreated("AWS::EC2::RouteTable", { VpcId: ref("Vpc"), Tags: nameTag("public") }),
      PublicRoute: ifVpcIsCreated(
        "AWS::EC2::Route",
        { RouteTableId: ref("PublicRoutes"), DestinationCidrBlock: "0.0.0.0/0", GatewayId: ref("InternetGateway") },
        { DependsOn: ["InternetPath"] },
      ),
      ...Object.fromEntries(perZone),
    },
    lines: tasksInPrivateSubnets ? [natLine(region, zones.length)] : [],
  };
}

const natGateway = (zone: string): [string, Resource][] => [
  [`Address${zone}`, ifVpcIsCreated("AWS::EC2::EIP", { Domain: "vpc" }, { DependsOn: ["InternetPath"] })],
  [
    `Nat${zone}`,
    ifVpcIsCreated("AWS::EC2::NatGateway", {
      AllocationId: { "Fn::GetAtt": [`Address${zone}`, "AllocationId"] },
      SubnetId: ref(`PublicSubnet${zone}`),
      Tags: nameTag(`nat-${zone.toLowerCase()}`),
    }),
  ],
  [
    `PrivateRoutes${zone}`,
    ifVpcIsCreated("AWS::EC2::RouteTable", { VpcId: ref("Vpc"), Tags: nameTag(`private-${zone.toLowerCase()}`) }),
  ],
  [
    `RouteOut${zone}`,
    ifVpcIsCreated("AWS::EC2::Route", {
      RouteTableId: ref(`PrivateRoutes${zone}`),
      DestinationCidrBlock: "0.0.0.0/0",
      NatGatewayId: ref(`Nat${zone}`),
    }),
  ],
  [
    `PrivatePath${zone}`,
    ifVpcIsCreated(
      "AWS::EC2::SubnetRouteTableAssociation",
      { SubnetId: ref(`PrivateSubnet${zone}`), RouteTableId: ref(`PrivateRoutes${zone}`) },
      { DependsOn: [`RouteOut${zone}`] },
    ),
  ],
];

const stringParameter = (Description: string, Default: string, AllowedPattern: string): Parameter => ({
  Type: "String",
  Description,
  Default,
  AllowedPattern,
});
