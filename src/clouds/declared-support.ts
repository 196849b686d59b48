import type { App } from "../app.ts";
import type { Remark } from "../plan.ts";
import { remark } from "./remark.ts";

/** The remark for an app whose manifest says that it does not support this cloud. */
export const declaredSupport = ({ name, overrides }: App, cloud: string, cloudName: string): Remark[] =>
  overrides?.[cloud]?.supported === false
    ? [
        remark(
          "missing",
          `cloud.providers.${cloud}`,
          `The maintainers of ${name} say that it does not run on ${cloudName}.`,
        ),
      ]
    : [];
