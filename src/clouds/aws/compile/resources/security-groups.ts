import type { App } from "../../../../app.ts";
import type { Property, Resource, Value } from "../../cloudformation.ts";
import { getAtt, sub } from "../intrinsics.ts";
import { tags } from "../tags.ts";
import { vpcId } from "./vpc.ts";

// Every security group of the stack and every rule in one. Outbound traffic is not restricted.

export const taskSecurityGroupId = getAtt("TaskSecurityGroup", "GroupId");
export const loadBalancerSecurityGroupId = getAtt("LoadBalancerSecurityGroup", "GroupId");

const securityGroup = (app: App, description: string, ingress?: Value[]): Resource => ({
  Type: "AWS::EC2::SecurityGroup",
  Properties: {
    GroupDescription: sub(description),
    VpcId: vpcId,
    ...(ingress ? { SecurityGroupIngress: ingress } : {}),
    Tags: tags(app),
  },
});

const tcp = (port: number, source: Property, description: string): Property => ({
  IpProtocol: "tcp",
  FromPort: port,
  ToPort: port,
  ...source,
  Description: description,
});

const fromInternet = (port: number, description: string): Property[] => [
  tcp(port, { CidrIp: "0.0.0.0/0" }, description),
  tcp(port, { CidrIpv6: "::/0" }, description),
];

/** The group of all tasks. It has no rules of its own: `loadBalancerToTask` and `taskToTask` add them. */
export const taskSecurityGroup = (app: App): Resource => securityGroup(app, "Tasks of ${AWS::StackName}");

/** Lets tasks, and nothing else, reach the port of a database or cache. */
export const backingServiceSecurityGroup = (app: App, port: number): Resource =>
  securityGroup(app, "Data of ${AWS::StackName}", [
    tcp(port, { SourceSecurityGroupId: taskSecurityGroupId }, "Tasks of the app"),
  ]);

export const loadBalancerSecurityGroup = (app: App): Resource =>
  securityGroup(app, "Load balancer of ${AWS::StackName}", [
    ...fromInternet(80, "CloudFront, and browsers on their way to HTTPS"),
    ...fromInternet(443, "Browsers"),
  ]);

const taskIngress = (port: number, sourceGroupId: Value, description: string): Resource => ({
  Type: "AWS::EC2::SecurityGroupIngress",
  Properties: { GroupId: taskSecurityGroupId, ...tcp(port, { SourceSecurityGroupId: sourceGroupId }, description) },
});

export const loadBalancerToTask = (port: number): Resource =>
  taskIngress(port, loadBalancerSecurityGroupId, "Load balancer");

export const taskToTask = (port: number): Resource =>
  taskIngress(port, taskSecurityGroupId, "Tasks of the app among themselves");
