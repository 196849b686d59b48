import { type Parameter, type Property, parameters, type Resource, type Value } from "../../cloudformation.ts";
import type { CompileContext, TemplateFragment } from "../context.ts";
import { fnIf, ref, sub } from "../intrinsics.ts";
import { natLine } from "../price-lines.ts";

const isNew = "NewNetwork";
// AWS's own checker reads defaults as if they were used, and refuses an empty one where an id belongs.
const noVpc = "vpc-00000000";
const noSubnets = "subnet-00000000,subnet-00000001";
const zones = ["A", "B"] as const;
const whenNew = (Type: string, Properties: Property, more: Partial<Resource> = {}): Resource => ({
  Type,
  Condition: isNew,
  ...more,
  Properties,
});
const name = (text: string): Value => [{ Key: "Name", Value: sub(`\${AWS::StackName}-${text}`) }];
const ids = (prefix: string, least: number) =>
  `^${prefix}-[0-9a-f]{8,17}${least > 1 ? `(,${prefix}-[0-9a-f]{8,17})+` : ""}$`;

export const vpcId: Value = fnIf(isNew, ref("Vpc"), ref(parameters.vpc));
const chosen = (list: string): Value => ({ "Fn::Split": [",", ref(list)] });
/** For load balancers, and for tasks that have no other way out. */
export const publicSubnets: Value = fnIf(
  isNew,
  [ref("PublicSubnetA"), ref("PublicSubnetB")],
  chosen(parameters.publicSubnets),
);
/** For data, and for tasks behind a NAT gateway. */
export const privateSubnets: Value = fnIf(
  isNew,
  [ref("PrivateSubnetA"), ref("PrivateSubnetB")],
  chosen(parameters.privateSubnets),
);

/** Where tasks run. Without a NAT gateway they need an address of their own to fetch images; nothing is let in to it. */
export const taskNetworking = ({ settings: { tasksInPrivateSubnets: privateTasks } }: CompileContext) => ({
  subnets: privateTasks ? privateSubnets : publicSubnets,
  publicIp: privateTasks ? "DISABLED" : "ENABLED",
});

/**
 * Names what must be there before anything can reach the internet, so that whatever carries it waits. DependsOn cannot:
 * the linters refuse it on what an existing network makes needless.
 */
export const internetRouteReady = ({ settings: { tasksInPrivateSubnets: privateTasks } }: CompileContext): Value =>
  fnIf(
    isNew,
    {
      "Fn::Join": [
        "/",
        zones.flatMap((zone) => [ref(`PublicPath${zone}`), ...(privateTasks ? [ref(`PrivatePath${zone}`)] : [])]),
      ],
    },
    ref(parameters.vpc),
  );

/** Two public and two private subnets in two zones, unless there is a network already. */
export function vpc({ region, settings: { tasksInPrivateSubnets: privateTasks } }: CompileContext): TemplateFragment {
  const cidr = (index: number): Value => ({
    "Fn::Select": [index, { "Fn::Cidr": ["10.0.0.0/16", 4, 12] }],
  });
  const zone = (index: number): Value => ({ "Fn::Select": [index, { "Fn::GetAZs": "" }] });
  const perZone = zones.flatMap((letter, index): [string, Resource][] => [
    [
      `PublicSubnet${letter}`,
      whenNew("AWS::EC2::Subnet", {
        VpcId: ref("Vpc"),
        AvailabilityZone: zone(index),
        CidrBlock: cidr(index),
        Tags: name(`public-${letter.toLowerCase()}`),
      }),
    ],
    [
      `PrivateSubnet${letter}`,
      whenNew("AWS::EC2::Subnet", {
        VpcId: ref("Vpc"),
        AvailabilityZone: zone(index),
        CidrBlock: cidr(index + 2),
        Tags: name(`private-${letter.toLowerCase()}`),
      }),
    ],
    [
      `PublicPath${letter}`,
      whenNew(
        "AWS::EC2::SubnetRouteTableAssociation",
        { SubnetId: ref(`PublicSubnet${letter}`), RouteTableId: ref("PublicRoutes") },
        { DependsOn: ["PublicRoute"] },
      ),
    ],
    ...(privateTasks ? gateway(letter) : []),
  ]);
  return {
    step: { name: "network", title: "Network" },
    parameters: {
      [parameters.vpc]: parameter(`An existing VPC to use; ${noVpc} makes a new one`, noVpc, ids("vpc", 1)),
      [parameters.publicSubnets]: parameter(
        "With an existing VPC: two subnets in two zones with a route to an internet gateway",
        noSubnets,
        ids("subnet", 2),
      ),
      [parameters.privateSubnets]: parameter(
        `With an existing VPC: two subnets in two zones for data${privateTasks ? " and tasks, with a route to a NAT gateway" : ""}`,
        noSubnets,
        ids("subnet", 2),
      ),
    },
    conditions: { [isNew]: { "Fn::Equals": [ref(parameters.vpc), noVpc] } },
    rules: {
      ExistingNetworkHasSubnets: {
        RuleCondition: { "Fn::Not": [{ "Fn::Equals": [ref(parameters.vpc), noVpc] }] },
        Assertions: [parameters.publicSubnets, parameters.privateSubnets].map((list) => ({
          Assert: { "Fn::Not": [{ "Fn::Equals": [ref(list), noSubnets] }] },
          AssertDescription: `With ${parameters.vpc}, ${list} names two subnets of it in two zones.`,
        })),
      },
    },
    resources: {
      Vpc: whenNew("AWS::EC2::VPC", {
        CidrBlock: "10.0.0.0/16",
        EnableDnsHostnames: true,
        EnableDnsSupport: true,
        Tags: name("vpc"),
      }),
      InternetGateway: whenNew("AWS::EC2::InternetGateway", { Tags: name("internet") }),
      InternetPath: whenNew("AWS::EC2::VPCGatewayAttachment", {
        VpcId: ref("Vpc"),
        InternetGatewayId: ref("InternetGateway"),
      }),
      PublicRoutes: whenNew("AWS::EC2::RouteTable", { VpcId: ref("Vpc"), Tags: name("public") }),
      PublicRoute: whenNew(
        "AWS::EC2::Route",
        { RouteTableId: ref("PublicRoutes"), DestinationCidrBlock: "0.0.0.0/0", GatewayId: ref("InternetGateway") },
        { DependsOn: ["InternetPath"] },
      ),
      ...Object.fromEntries(perZone),
    },
    lines: privateTasks ? [natLine(region, zones.length)] : [],
  };
}

const gateway = (letter: string): [string, Resource][] => [
  [`Address${letter}`, whenNew("AWS::EC2::EIP", { Domain: "vpc" }, { DependsOn: ["InternetPath"] })],
  [
    `Nat${letter}`,
    whenNew("AWS::EC2::NatGateway", {
      AllocationId: { "Fn::GetAtt": [`Address${letter}`, "AllocationId"] },
      SubnetId: ref(`PublicSubnet${letter}`),
      Tags: name(`nat-${letter.toLowerCase()}`),
    }),
  ],
  [
    `PrivateRoutes${letter}`,
    whenNew("AWS::EC2::RouteTable", { VpcId: ref("Vpc"), Tags: name(`private-${letter.toLowerCase()}`) }),
  ],
  [
    `RouteOut${letter}`,
    whenNew("AWS::EC2::Route", {
      RouteTableId: ref(`PrivateRoutes${letter}`),
      DestinationCidrBlock: "0.0.0.0/0",
      NatGatewayId: ref(`Nat${letter}`),
    }),
  ],
  [
    `PrivatePath${letter}`,
    whenNew(
      "AWS::EC2::SubnetRouteTableAssociation",
      { SubnetId: ref(`PrivateSubnet${letter}`), RouteTableId: ref(`PrivateRoutes${letter}`) },
      { DependsOn: [`RouteOut${letter}`] },
    ),
  ],
];

const parameter = (Description: string, Default: string, AllowedPattern: string): Parameter => ({
  Type: "String",
  Description,
  Default,
  AllowedPattern,
});
