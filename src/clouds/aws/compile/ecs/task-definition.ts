import type { Build, Size } from "../../../../app.ts";
import type { ContainerProcess } from "../../../container-process.ts";
import type { Property, Resource, Value } from "../../cloudformation.ts";
import { taskSizes } from "../../presets.ts";
import type { CompileContext } from "../context.ts";
import { containerEnvironment, type EnvEntry } from "../environment.ts";
import { literal, ref } from "../intrinsics.ts";
import { imageDependencies, imageUri } from "../resources/ecr-images.ts";
import { tags } from "../tags.ts";

export const mainContainerName = "app";

/** All containers share one log group, with a stream for each task. */
export const logConfiguration = (prefix: string): Value => ({
  LogDriver: "awslogs",
  Options: {
    "awslogs-group": ref("LogGroup"),
    "awslogs-region": ref("AWS::Region"),
    "awslogs-stream-prefix": prefix,
  },
});

const literals = (args: readonly string[]): Value[] => args.map((arg) => literal(arg));

/** Returns the container properties that replace the image's ENTRYPOINT and CMD. */
export const processProperties = ({ entrypoint, args }: ContainerProcess): Property => ({
  ...(entrypoint === null ? {} : { EntryPoint: literals(entrypoint) }),
  ...(args === null ? {} : { Command: literals(args) }),
});

interface TaskInput {
  name: string;
  size: Size;
  build: Build;
  entries: EnvEntry[];
  environment: Record<string, Value>;
  containerOptions: Property;
  sidecars?: Value[];
}

/** A task definition with the app's container and its sidecars. */
export function taskDefinition(
  context: CompileContext,
  { name, size, build, entries, environment, containerOptions, sidecars = [] }: TaskInput,
): Resource {
  const { cpu, memory } = taskSizes[size];
  const resource = imageDependencies(context.app, build);
  return {
    Type: "AWS::ECS::TaskDefinition",
    ...(resource.length > 0 ? { DependsOn: resource } : {}),
    Properties: {
      Cpu: `${cpu}`,
      Memory: `${memory}`,
      NetworkMode: "awsvpc",
      RequiresCompatibilities: ["FARGATE"],
      RuntimePlatform: { CpuArchitecture: "X86_64", OperatingSystemFamily: "LINUX" },
      ExecutionRoleArn: { "Fn::GetAtt": ["ExecutionRole", "Arn"] },
      TaskRoleArn: { "Fn::GetAtt": ["TaskRole", "Arn"] },
      ContainerDefinitions: [
        {
          Name: mainContainerName,
          Image: imageUri(context.app, build),
          Essential: true,
          ...containerOptions,
          ...containerEnvironment(entries, environment),
          StopTimeout: 30,
          LogConfiguration: logConfiguration(name),
        },
        ...sidecars,
      ],
      Tags: tags(context.app),
    },
  };
}
