import type { App, Resource, ResourceType } from "../../../app.ts";
import type { CompiledResource, Output } from "./compiled-resource.ts";
import type { CompileContext } from "./context.ts";
import { database } from "./resources/cloud-sql.ts";
import { bucket } from "./resources/cloud-storage.ts";
import { redis } from "./resources/memorystore.ts";

const compilers: Partial<
  Record<ResourceType, (context: CompileContext, resource: Resource) => Omit<CompiledResource, "resource">>
> = {
  postgres: database,
  mysql: database,
  redis,
  bucket,
};

/** Whether the stack makes such a resource; for the others the visitor is asked. */
export const isManaged = (type: ResourceType): boolean => compilers[type] !== undefined;

export const compileResources = (context: CompileContext): CompiledResource[] =>
  context.app.resources.flatMap((resource) => {
    const compile = compilers[resource.type];
    return compile ? [{ ...compile(context, resource), resource }] : [];
  });

/** What every resource tells, by its name; of the visitor's own, what they have answered. */
export const outputsByResource = ({ resources }: App, all: CompiledResource[]): Map<string, Record<string, Output>> =>
  new Map([
    ...resources.map(({ name, env }): [string, Record<string, Output>] => [name, answers(env)]),
    ...all.map(({ resource: needed, outputs: tells }): [string, Record<string, Output>] => [needed.name, tells]),
  ]);

const answers = (env: Record<string, string>): Record<string, Output> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, template]) => {
      const [, field] = /^\$\{(\w+)\}$/.exec(template) ?? [];
      return field === undefined ? [] : [[field, { parts: [{ answer: name }], sensitive: true }]];
    }),
  );
