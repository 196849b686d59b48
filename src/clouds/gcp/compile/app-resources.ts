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

/** Whether the stack creates this type of resource; for the others the visitor is asked for an address. */
export const isManaged = (type: ResourceType): boolean => compilers[type] !== undefined;

export const compileResources = (context: CompileContext): CompiledResource[] =>
  context.app.resources.flatMap((resource) => {
    const compile = compilers[resource.type];
    return compile ? [{ ...compile(context, resource), resource }] : [];
  });

/** Returns the outputs of every resource by name; those of an unmanaged resource are the visitor's answers. */
export const outputsByResource = (
  { resources }: App,
  compiled: CompiledResource[],
): Map<string, Record<string, Output>> =>
  new Map([
    ...resources.map(({ name, env }): [string, Record<string, Output>] => [name, answersAsOutputs(env)]),
    ...compiled.map(({ resource, outputs }): [string, Record<string, Output>] => [resource.name, outputs]),
  ]);

const answersAsOutputs = (env: Record<string, string>): Record<string, Output> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, template]) => {
      const [, field] = /^\$\{(\w+)\}$/.exec(template) ?? [];
      return field === undefined ? [] : [[field, { parts: [{ answer: name }], sensitive: true }]];
    }),
  );
