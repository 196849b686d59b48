import { containerProcess } from "../../../container-process.ts";
import { listeningPort } from "../../../services.ts";
import { type Property, type Resource, tagNames } from "../../cloudformation.ts";
import { taskSizes } from "../../presets.ts";
import type { CompileContext, TemplateFragment } from "../context.ts";
import type { EnvEntry } from "../environment.ts";
import { interpolate } from "../interpolation.ts";
import { fnJoin, getAtt, ref } from "../intrinsics.ts";
import { taskLine } from "../price-lines.ts";
import { taskSecurityGroupId, taskToTask } from "../resources/security-groups.ts";
import { internetRouteReady, taskNetworking } from "../resources/vpc.ts";
import { tags } from "../tags.ts";
import { frontPort, proxyContainer } from "./nginx-sidecar.ts";
import { type NamedService, privateServices, serviceConnectName } from "./services.ts";
import { logConfiguration, processProperties, taskDefinition } from "./task-definition.ts";

/** Returns the minimum and maximum task count. A public service has at least one task. */
export function desiredCounts({ service }: NamedService, { settings }: CompileContext): { min: number; max: number } {
  const min = service.public ? Math.max(service.scale.min, settings.minTasks) : service.scale.min;
  return { min, max: Math.max(service.scale.max, min) };
}

/** Compiles a service on Fargate. `dependsOn`: logical ids that must be complete before it starts. */
export function service(
  context: CompileContext,
  named: NamedService,
  { entries, dependsOn }: { entries: EnvEntry[]; dependsOn: string[] },
): TemplateFragment {
  const { app, region, settings } = context;
  const { id, step, service: original } = named;
  const port = listeningPort(original);
  const { min, max } = desiredCounts(named, context);
  const { subnets, publicIp } = taskNetworking(context);
  const isBalanced = original.public && port !== null;
  const build = original.build ?? app.build;
  const environment = Object.fromEntries(
    Object.entries(original.env ?? {}).map(([name, text]) => [name, interpolate(context, text)]),
  );
  const usesServiceConnect = privateServices(app).length > 0;
  const portMappings: Property =
    port === null
      ? {}
      : { PortMappings: [{ ContainerPort: port, ...(usesServiceConnect && !isBalanced ? { Name: "app" } : {}) }] };
  const taskResource = taskDefinition(context, {
    name: step,
    size: original.size,
    entries,
    build,
    environment: { ...environment, ...(port === null ? {} : { PORT: `${port}` }) },
    containerOptions: { ...processProperties(containerProcess(build, original)), ...portMappings },
    sidecars: isBalanced ? [proxyContainer(port, logConfiguration(`${step}-https`))] : [],
  });
  const loadBalancing: Property = isBalanced
    ? {
        HealthCheckGracePeriodSeconds: Math.ceil(original.health?.grace ?? 180),
        LoadBalancers: [
          {
            ContainerName: "https",
            ContainerPort: frontPort(port),
            TargetGroupArn: ref(`${id}Targets`),
          },
        ],
      }
    : {};
  const resource = [...dependsOn, ...(isBalanced ? [`${id}Rule`, `${id}Ingress`] : [])];
  return {
    step: { name: step, title: `Start ${original.name}` },
    resources: {
      [`${id}Task`]: taskResource,
      [`${id}Service`]: {
        Type: "AWS::ECS::Service",
        ...(resource.length > 0 ? { DependsOn: resource } : {}),
        Properties: {
          Cluster: ref("Cluster"),
          LaunchType: "FARGATE",
          TaskDefinition: ref(`${id}Task`),
          DesiredCount: min,
          DeploymentConfiguration: {
            MinimumHealthyPercent: 100,
            MaximumPercent: 200,
            DeploymentCircuitBreaker: { Enable: true, Rollback: true },
          },
          NetworkConfiguration: {
            AwsvpcConfiguration: {
              Subnets: subnets,
              SecurityGroups: [taskSecurityGroupId],
              AssignPublicIp: publicIp,
            },
          },
          ...loadBalancing,
          ...(usesServiceConnect ? { ServiceConnectConfiguration: serviceConnect(named) } : {}),
          EnableECSManagedTags: true,
          PropagateTags: "SERVICE",
          Tags: tags(app, { Key: tagNames.network, Value: internetRouteReady(context) }),
        },
      },
      ...(max > min ? autoscaling(id, min, max) : {}),
    },
    lines: [
      taskLine(region, original.name, taskSizes[original.size], {
        count: min,
        publicIp: !settings.tasksInPrivateSubnets,
      }),
    ],
  };
}

const autoscaling = (id: string, min: number, max: number): Record<string, Resource> => ({
  [`${id}Scale`]: {
    Type: "AWS::ApplicationAutoScaling::ScalableTarget",
    Properties: {
      ServiceNamespace: "ecs",
      ScalableDimension: "ecs:service:DesiredCount",
      ResourceId: fnJoin(["service/", ref("Cluster"), "/", getAtt(`${id}Service`, "Name")]),
      MinCapacity: min,
      MaxCapacity: max,
    },
  },
  [`${id}Autoscaling`]: {
    Type: "AWS::ApplicationAutoScaling::ScalingPolicy",
    Properties: {
      PolicyName: "cpu",
      PolicyType: "TargetTrackingScaling",
      ScalingTargetId: ref(`${id}Scale`),
      TargetTrackingScalingPolicyConfiguration: {
        PredefinedMetricSpecification: { PredefinedMetricType: "ECSServiceAverageCPUUtilization" },
        TargetValue: 60,
        ScaleInCooldown: 300,
        ScaleOutCooldown: 60,
      },
    },
  },
});

const serviceConnect = ({ service }: NamedService): Property => ({
  Enabled: true,
  Namespace: getAtt("Names", "Arn"),
  ...(service.public || service.port === null
    ? {}
    : {
        Services: [
          { PortName: "app", ClientAliases: [{ DnsName: serviceConnectName(service.name), Port: service.port }] },
        ],
      }),
});

/** The Service Connect namespace, through which services find each other. */
export function serviceConnectNamespace({ app }: CompileContext): TemplateFragment {
  const ports = [...new Set(privateServices(app).map(({ port }) => port))];
  if (ports.length === 0) return {};
  return {
    step: { name: "names", title: "Names inside the network" },
    resources: {
      Names: {
        Type: "AWS::ServiceDiscovery::HttpNamespace",
        Properties: { Name: ref("AWS::StackName"), Tags: tags(app) },
      },
      ...Object.fromEntries(
        ports.map((port): [string, Resource] => [`TasksAmongThemselves${port}`, taskToTask(port as number)]),
      ),
    },
  };
}
