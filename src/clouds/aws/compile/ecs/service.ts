import { containerProcess } from "../../../container-process.ts";
import { listeningPort } from "../../../services.ts";
import { type Property, type Resource, tagNames, type Value } from "../../cloudformation.ts";
import { taskSizes } from "../../presets.ts";
import { taskLine } from "../../prices.ts";
import type { CompileContext, TemplateFragment } from "../context.ts";
import type { EnvEntry } from "../environment.ts";
import { interpolate } from "../interpolation.ts";
import { fnJoin, getAtt, ref } from "../intrinsics.ts";
import { internetRouteReady, taskNetworking } from "../resources/vpc.ts";
import { tags } from "../tags.ts";
import { frontPort, proxyContainer } from "./nginx-sidecar.ts";
import { type NamedService, privateServices, serviceConnectName } from "./services.ts";
import { logConfiguration, processProperties, taskDefinition } from "./task-definition.ts";

/** How often a service runs at least and at most: whatever answers requests, at least once. */
export function desiredCounts({ service }: NamedService, { settings }: CompileContext): { min: number; max: number } {
  const min = service.public ? Math.max(service.scale.min, settings.minTasks) : service.scale.min;
  return { min, max: Math.max(service.scale.max, min) };
}

/** A service on Fargate. `after` is what must have happened before it goes live. */
export function service(
  setting: CompileContext,
  one: NamedService,
  { entries, after }: { entries: EnvEntry[]; after: string[] },
): TemplateFragment {
  const { app, region, settings } = setting;
  const { id, step, service: wanted } = one;
  const port = listeningPort(wanted);
  const { min, max } = desiredCounts(one, setting);
  const { subnets, publicIp } = taskNetworking(setting);
  const open = wanted.public && port !== null;
  const built = wanted.build ?? app.build;
  const values = Object.fromEntries(
    Object.entries(wanted.env ?? {}).map(([name, text]) => [name, interpolate(setting, text)]),
  );
  const mesh = privateServices(app).length > 0;
  const listens: Property =
    port === null ? {} : { PortMappings: [{ ContainerPort: port, ...(mesh && !open ? { Name: "app" } : {}) }] };
  const task = taskDefinition(setting, {
    name: step,
    size: wanted.size,
    entries,
    build: built,
    own: { ...values, ...(port === null ? {} : { PORT: `${port}` }) },
    app: { ...processProperties(containerProcess(built, wanted)), ...listens },
    beside: open ? [proxyContainer(port, logConfiguration(`${step}-https`))] : [],
  });
  const balanced: Property = open
    ? {
        HealthCheckGracePeriodSeconds: Math.ceil(wanted.health?.grace ?? 180),
        LoadBalancers: [
          {
            ContainerName: "https",
            ContainerPort: frontPort(port),
            TargetGroupArn: ref(`${id}Targets`),
          },
        ],
      }
    : {};
  const needed = [...after, ...(open ? [`${id}Rule`, `${id}Ingress`] : [])];
  return {
    step: { name: step, title: `Start ${wanted.name}` },
    resources: {
      [`${id}Task`]: task,
      [`${id}Service`]: {
        Type: "AWS::ECS::Service",
        ...(needed.length > 0 ? { DependsOn: needed } : {}),
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
              SecurityGroups: [getAtt("TaskSecurityGroup", "GroupId")],
              AssignPublicIp: publicIp,
            },
          },
          ...balanced,
          ...(mesh ? { ServiceConnectConfiguration: connected(one) } : {}),
          EnableECSManagedTags: true,
          PropagateTags: "SERVICE",
          Tags: tags(app, { Key: tagNames.network, Value: internetRouteReady(setting) }),
        },
      },
      ...(max > min ? scaling(id, min, max) : {}),
    },
    lines: [
      taskLine(region, wanted.name, taskSizes[wanted.size], { count: min, publicIp: !settings.tasksInPrivateSubnets }),
    ],
  };
}

/** One more task while the others are busy, one less when they are not. */
const scaling = (id: string, min: number, max: number): Record<string, Resource> => ({
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

const connected = ({ service }: NamedService): Property => ({
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

/** Names inside the network, for services that talk to each other. */
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
        ports.map((port): [string, Resource] => [
          `TasksAmongThemselves${port}`,
          {
            Type: "AWS::EC2::SecurityGroupIngress",
            Properties: {
              GroupId: getAtt("TaskSecurityGroup", "GroupId"),
              IpProtocol: "tcp",
              FromPort: port as Value,
              ToPort: port as Value,
              SourceSecurityGroupId: getAtt("TaskSecurityGroup", "GroupId"),
              Description: "Tasks of the app among themselves",
            },
          },
        ]),
      ),
    },
  };
}
