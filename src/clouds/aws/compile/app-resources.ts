import type { Resource, ResourceType } from "../../../app.ts";
import type { CompiledResource } from "./compiled-resource.ts";
import type { CompileContext } from "./context.ts";
import type { logicalIds } from "./logical-ids.ts";
import { redis } from "./resources/elasticache.ts";
import { database } from "./resources/rds.ts";
import { bucket } from "./resources/s3.ts";

const compilers: Partial<
  Record<ResourceType, (context: CompileContext, resource: Resource, id: string) => Omit<CompiledResource, "resource">>
> = {
  postgres: database,
  mysql: database,
  redis,
  bucket,
};

/** Whether the stack creates resources of this type; for the others the visitor gives the address of their own. */
export const isManaged = (type: ResourceType): boolean => compilers[type] !== undefined;

export const compileResources = (context: CompileContext, id: ReturnType<typeof logicalIds>): CompiledResource[] =>
  context.app.resources.flatMap((resource) => {
    const compile = compilers[resource.type];
    return compile ? [{ ...compile(context, resource, id("Data", resource.name)), resource }] : [];
  });
