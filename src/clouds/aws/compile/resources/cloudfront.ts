import type { App } from "../../../../app.ts";
import { publicServices } from "../../../services.ts";
import { outputs, parameters, type Resource, type Value } from "../../cloudformation.ts";
import type { CompileContext, TemplateFragment } from "../context.ts";
import type { NamedService } from "../ecs/services.ts";
import { fnIf, fnJoin, getAtt, ref, stackGuid, sub } from "../intrinsics.ts";
import { cloudFrontLine } from "../price-lines.ts";
import { tags } from "../tags.ts";

export const hasDomain = "HasDomain";
const createsCertificate = "MakesCertificate";
const createsRecord = "PointsDomain";
const { domain, zone, certificate } = parameters;
const noCertificate = "arn:aws:acm:us-east-1:000000000000:certificate/none";

export const appHost = (app: App): Value | null =>
  publicServices(app).length === 0 ? null : fnIf(hasDomain, ref(domain), getAtt("Distribution", "DomainName"));

export const appUrl = (app: App): Value | null => (publicServices(app).length === 0 ? null : addressOf(""));

const addressOf = (path: string): Value =>
  fnIf(hasDomain, sub(`https://\${${domain}}${path}`), sub(`https://\${Distribution.DomainName}${path}`));

/** The header by which the load balancer recognizes CloudFront and rejects everyone else. */
export const originHeader = "X-Slipway-Origin";
export const originSecret = (id: string): Value => fnJoin([stackGuid, "-", id]);

// Managed policies, with the same ids everywhere:
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
const cachingDisabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
const allViewer = "216adef6-2c7f-47e4-b989-5492eafa07d3";

/** A CloudFront distribution for every public service, and an optional custom domain for the primary one. */
export function cloudFront({ app }: CompileContext, [primary, ...others]: NamedService[]): TemplateFragment {
  if (!primary) return {};
  return {
    step: { name: "https", title: "HTTPS address" },
    parameters: {
      [domain]: {
        Type: "String",
        Description: "A domain of your own for the app, such as app.example.com; empty uses a name of CloudFront's",
        Default: "",
        AllowedPattern: "^([a-z0-9-]+(\\.[a-z0-9-]+)+)?$",
      },
      [zone]: {
        Type: "String",
        Description: "With a domain: the hosted zone of Route 53 it is in, so that its record and certificate are made",
        Default: "",
        AllowedPattern: "^(Z[A-Z0-9]+)?$",
      },
      [certificate]: {
        Type: "String",
        Description: "With a domain elsewhere: a certificate for it in ACM, in this region, instead of this one",
        Default: noCertificate,
        AllowedPattern: "^arn:[^:]+:acm:.+$",
      },
    },
    conditions: {
      [hasDomain]: isNotEmpty(domain),
      [createsCertificate]: { "Fn::And": [isNotEmpty(domain), { "Fn::Equals": [ref(certificate), noCertificate] }] },
      [createsRecord]: { "Fn::And": [isNotEmpty(domain), isNotEmpty(zone)] },
    },
    rules: {
      DomainCanBeProven: {
        RuleCondition: isNotEmpty(domain),
        Assertions: [
          {
            Assert: {
              "Fn::Or": [isNotEmpty(zone), { "Fn::Not": [{ "Fn::Equals": [ref(certificate), noCertificate] }] }],
            },
            AssertDescription: `With ${domain}, give ${zone} or ${certificate}.`,
          },
        ],
      },
    },
    resources: {
      Distribution: distribution(app, primary),
      ...Object.fromEntries(others.map((named) => [`${named.id}Distribution`, distribution(app, named)])),
      Certificate: {
        Type: "AWS::CertificateManager::Certificate",
        Condition: createsCertificate,
        Properties: {
          DomainName: ref(domain),
          ValidationMethod: "DNS",
          DomainValidationOptions: [{ DomainName: ref(domain), HostedZoneId: ref(zone) }],
          Tags: tags(app),
        },
      },
      HttpsListener: {
        Type: "AWS::ElasticLoadBalancingV2::Listener",
        Condition: hasDomain,
        Properties: {
          LoadBalancerArn: ref("LoadBalancer"),
          Port: 443,
          Protocol: "HTTPS",
          SslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
          Certificates: [{ CertificateArn: fnIf(createsCertificate, ref("Certificate"), ref(certificate)) }],
          DefaultActions: [{ Type: "forward", TargetGroupArn: ref(`${primary.id}Targets`) }],
        },
      },
      Record: {
        Type: "AWS::Route53::RecordSet",
        Condition: createsRecord,
        Properties: {
          HostedZoneId: ref(zone),
          Name: ref(domain),
          Type: "A",
          AliasTarget: {
            DNSName: getAtt("LoadBalancer", "DNSName"),
            HostedZoneId: getAtt("LoadBalancer", "CanonicalHostedZoneID"),
          },
        },
      },
    },
    outputs: {
      [outputs.url]: { Description: "Where the app answers", Value: addressOf("/") },
      ...Object.fromEntries(
        others.map(({ id }) => [
          `${id}Url`,
          {
            Description: "Where another service of the app answers",
            Value: sub(`https://\${${id}Distribution.DomainName}/`),
          },
        ]),
      ),
    },
    lines: [primary, ...others].map(({ service }) => cloudFrontLine(service.name)),
  };
}

const isNotEmpty = (parameter: string) => ({ "Fn::Not": [{ "Fn::Equals": [ref(parameter), ""] }] });

const distribution = (app: App, { id }: NamedService): Resource => ({
  Type: "AWS::CloudFront::Distribution",
  Properties: {
    DistributionConfig: {
      Enabled: true,
      Comment: ref("AWS::StackName"),
      HttpVersion: "http2and3",
      IPV6Enabled: true,
      Origins: [
        {
          Id: "app",
          DomainName: getAtt("LoadBalancer", "DNSName"),
          CustomOriginConfig: {
            OriginProtocolPolicy: "http-only",
            OriginReadTimeout: 60,
            OriginKeepaliveTimeout: 60,
          },
          OriginCustomHeaders: [{ HeaderName: originHeader, HeaderValue: originSecret(id) }],
        },
      ],
      DefaultCacheBehavior: {
        TargetOriginId: "app",
        ViewerProtocolPolicy: "redirect-to-https",
        AllowedMethods: ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"],
        CachePolicyId: cachingDisabled,
        OriginRequestPolicyId: allViewer,
        Compress: false,
      },
    },
    Tags: tags(app),
  },
});
