import { listeningPort } from "../../../services.ts";
import { type Resource, tagNames, type Value } from "../../cloudformation.ts";
import { balancerLine } from "../../prices.ts";
import type { CompileContext, TemplateFragment } from "../context.ts";
import { frontPort } from "../ecs/nginx-sidecar.ts";
import type { NamedService } from "../ecs/services.ts";
import { fnIf, getAtt, ref, sub } from "../intrinsics.ts";
import { tags } from "../tags.ts";
import { hasDomain, originHeader, originSecret } from "./cloudfront.ts";
import { internetRouteReady, publicSubnets, vpcId } from "./vpc.ts";

const anywhere = (port: number, description: string): Value[] =>
  ["CidrIp", "CidrIpv6"].map((kind) => ({
    IpProtocol: "tcp",
    FromPort: port,
    ToPort: port,
    [kind]: kind === "CidrIp" ? "0.0.0.0/0" : "::/0",
    Description: description,
  }));

/** One load balancer for all public services. On port 80 it only listens to CloudFront, or sends browsers to HTTPS. */
export function loadBalancer(setting: CompileContext, open: NamedService[]): TemplateFragment {
  const { app, region, settings } = setting;
  const network = { Key: tagNames.network, Value: internetRouteReady(setting) };
  const [first] = open;
  if (!first) return {};
  const perService = open.flatMap((one, index): [string, Resource][] => [
    [`${one.id}Targets`, targets(app, one)],
    [
      `${one.id}Rule`,
      {
        Type: "AWS::ElasticLoadBalancingV2::ListenerRule",
        Properties: {
          ListenerArn: ref("HttpListener"),
          Priority: index + 1,
          Conditions: [
            {
              Field: "http-header",
              HttpHeaderConfig: { HttpHeaderName: originHeader, Values: [originSecret(one.id)] },
            },
          ],
          Actions: [{ Type: "forward", TargetGroupArn: ref(`${one.id}Targets`) }],
        },
      },
    ],
    ...ingress(one),
  ]);
  return {
    step: { name: "balancer", title: "Load balancer" },
    resources: {
      LoadBalancerSecurityGroup: {
        Type: "AWS::EC2::SecurityGroup",
        Properties: {
          GroupDescription: sub("Load balancer of ${AWS::StackName}"),
          VpcId: vpcId,
          SecurityGroupIngress: [
            ...anywhere(80, "CloudFront, and browsers on their way to HTTPS"),
            ...anywhere(443, "Browsers"),
          ],
          Tags: tags(app),
        },
      },
      LoadBalancer: {
        Type: "AWS::ElasticLoadBalancingV2::LoadBalancer",
        Properties: {
          Type: "application",
          Scheme: "internet-facing",
          Subnets: publicSubnets,
          SecurityGroups: [getAtt("LoadBalancerSecurityGroup", "GroupId")],
          LoadBalancerAttributes: [
            { Key: "idle_timeout.timeout_seconds", Value: "300" },
            ...(settings.deletionProtection ? [{ Key: "deletion_protection.enabled", Value: "true" }] : []),
          ],
          Tags: tags(app, network),
        },
      },
      HttpListener: {
        Type: "AWS::ElasticLoadBalancingV2::Listener",
        Properties: {
          LoadBalancerArn: ref("LoadBalancer"),
          Port: 80,
          Protocol: "HTTP",
          DefaultActions: [
            fnIf(
              hasDomain,
              { Type: "redirect", RedirectConfig: { Protocol: "HTTPS", Port: "443", StatusCode: "HTTP_301" } },
              { Type: "fixed-response", FixedResponseConfig: { StatusCode: "403", ContentType: "text/plain" } },
            ),
          ],
        },
      },
      ...Object.fromEntries(perService),
    },
    lines: [balancerLine(region, first.service.name)],
  };
}

/** A path that the manifest names must answer well; of one it does not name we only ask that something answers. */
function targets(app: CompileContext["app"], { service }: NamedService): Resource {
  return {
    Type: "AWS::ElasticLoadBalancingV2::TargetGroup",
    Properties: {
      VpcId: vpcId,
      TargetType: "ip",
      Protocol: "HTTP",
      Port: frontPort(listeningPort(service) ?? 8080),
      HealthCheckPath: service.health ? literalPath(service.health.path) : "/",
      HealthCheckIntervalSeconds: 15,
      HealthCheckTimeoutSeconds: Math.min(14, Math.max(2, Math.ceil(service.health?.timeout ?? 10))),
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 5,
      Matcher: { HttpCode: service.health ? "200-399" : "200-499" },
      TargetGroupAttributes: [{ Key: "deregistration_delay.timeout_seconds", Value: "30" }],
      Tags: tags(app),
    },
  };
}

/** Lets the load balancer reach the tasks, on the port of the proxy in front of the app. */
const ingress = ({ id, service }: NamedService): [string, Resource][] => {
  const reached = frontPort(listeningPort(service) ?? 8080);
  return [
    [
      `${id}Ingress`,
      {
        Type: "AWS::EC2::SecurityGroupIngress",
        Properties: {
          GroupId: getAtt("TaskSecurityGroup", "GroupId"),
          IpProtocol: "tcp",
          FromPort: reached,
          ToPort: reached,
          SourceSecurityGroupId: getAtt("LoadBalancerSecurityGroup", "GroupId"),
          Description: "Load balancer",
        },
      },
    ],
  ];
};

/** CloudFormation checks the form of a path; what is no path is asked for as `/`. */
const literalPath = (path: string): string =>
  /^\/[\x21-\x7e]{0,1000}$/.test(path) && !path.includes("${") ? path : "/";
