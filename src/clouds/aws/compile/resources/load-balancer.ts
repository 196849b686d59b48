import { listeningPort } from "../../../services.ts";
import { type Resource, tagNames } from "../../cloudformation.ts";
import type { CompileContext, TemplateFragment } from "../context.ts";
import { frontPort } from "../ecs/nginx-sidecar.ts";
import type { NamedService } from "../ecs/services.ts";
import { fnIf, ref } from "../intrinsics.ts";
import { balancerLine } from "../price-lines.ts";
import { tags } from "../tags.ts";
import { hasDomain, originHeader, originSecret } from "./cloudfront.ts";
import { loadBalancerSecurityGroup, loadBalancerSecurityGroupId, loadBalancerToTask } from "./security-groups.ts";
import { internetRouteReady, publicSubnets, vpcId } from "./vpc.ts";

/** One load balancer for all public services. Port 80 accepts only CloudFront, or redirects browsers to HTTPS. */
export function loadBalancer(context: CompileContext, publicNamed: NamedService[]): TemplateFragment {
  const { app, region, settings } = context;
  const network = { Key: tagNames.network, Value: internetRouteReady(context) };
  const [primary] = publicNamed;
  if (!primary) return {};
  const perService = publicNamed.flatMap((named, index): [string, Resource][] => [
    [`${named.id}Targets`, targetGroup(app, named)],
    [
      `${named.id}Rule`,
      {
        Type: "AWS::ElasticLoadBalancingV2::ListenerRule",
        Properties: {
          ListenerArn: ref("HttpListener"),
          Priority: index + 1,
          Conditions: [
            {
              Field: "http-header",
              HttpHeaderConfig: { HttpHeaderName: originHeader, Values: [originSecret(named.id)] },
            },
          ],
          Actions: [{ Type: "forward", TargetGroupArn: ref(`${named.id}Targets`) }],
        },
      },
    ],
    [`${named.id}Ingress`, loadBalancerToTask(proxyPort(named))],
  ]);
  return {
    step: { name: "balancer", title: "Load balancer" },
    resources: {
      LoadBalancerSecurityGroup: loadBalancerSecurityGroup(app),
      LoadBalancer: {
        Type: "AWS::ElasticLoadBalancingV2::LoadBalancer",
        Properties: {
          Type: "application",
          Scheme: "internet-facing",
          Subnets: publicSubnets,
          SecurityGroups: [loadBalancerSecurityGroupId],
          LoadBalancerAttributes: [
            { Key: "idle_timeout.timeout_seconds", Value: "300" },
            ...(settings.deletionProtection
              ? [{ Key: "deletion_protection.enabled", Value: fnIf("IsProtected", "true", "false") }]
              : []),
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
    lines: [balancerLine(region, primary.service.name)],
  };
}

/** The port of the sidecar in front of the app. */
const proxyPort = ({ service }: NamedService): number => frontPort(listeningPort(service) ?? 8080);

/** A health path from the manifest must succeed. Without one, any response that is not a server error will do. */
function targetGroup(app: CompileContext["app"], named: NamedService): Resource {
  const { service } = named;
  return {
    Type: "AWS::ElasticLoadBalancingV2::TargetGroup",
    Properties: {
      VpcId: vpcId,
      TargetType: "ip",
      Protocol: "HTTP",
      Port: proxyPort(named),
      HealthCheckPath: service.health ? healthCheckPath(service.health.path) : "/",
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

/** CloudFormation validates the path; an invalid one becomes `/`. */
const healthCheckPath = (path: string): string =>
  /^\/[\x21-\x7e]{0,1000}$/.test(path) && !path.includes("${") ? path : "/";
