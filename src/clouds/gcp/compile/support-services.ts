import type { App, Service } from "../../../app.ts";
import type { Remark } from "../../../plan.ts";
import { remark } from "../../remark.ts";
import { listeningPort, publicServices } from "../../services.ts";
import { sizes, sumLimits } from "../presets.ts";
import { joinNames } from "./join-names.ts";
import { proxySize } from "./run/cloud-sql-proxy.ts";
import { maxStartupSeconds } from "./run/probes.ts";
import { sidecarServices, standaloneServices } from "./run/services.ts";

/** Limits of one instance with all its containers: https://cloud.google.com/run/quotas */
const maxContainers = 10;
const maxCpu = 8;
const maxMemory = 32_768;

export function services(app: App): Remark[] {
  const [primary, ...others] = publicServices(app);
  const requestBilled = app.services
    .filter((service) => service.public && service.scale.max > 0)
    .map(({ name }) => name);
  return [
    ...(requestBilled.length > 0
      ? [
          remark(
            "approximate",
            `services.${primary?.name}`,
            `With the presets economy and standard ${joinNames(requestBilled)} ${requestBilled.length > 1 ? "have" : "has"} a processor only while answering a request: work in between has to wait.`,
            "Do such work in a service without a port, which always runs.",
          ),
        ]
      : []),
    ...others.map(({ name }) =>
      remark(
        "approximate",
        `services.${name}`,
        `Only ${primary?.name} answers at the app's address; ${name} has one of its own, which Cloud Run tells.`,
      ),
    ),
    ...sidecarRemarks(app),
    ...app.services.flatMap((service) => serviceRemarks(app, service)),
  ];
}

const proxyLimits = ({ resources }: App) =>
  resources.some(({ type }) => type === "postgres" || type === "mysql") ? [proxySize] : [];

/** Remarks on internal services, which become sidecars. */
function sidecarRemarks(app: App): Remark[] {
  const sidecars = sidecarServices(app);
  const standalone = standaloneServices(app);
  if (sidecars.length === 0)
    return app.services
      .filter((service) => !service.public && service.port !== null)
      .map(({ name }) =>
        remark("approximate", `services.${name}`, `${name} is reached from networks of the project only, over HTTPS.`),
      );
  const remarks = sidecars.map(({ name, port }) =>
    remark(
      "approximate",
      `services.${name}`,
      `Every instance of ${joinNames(standalone.map((service) => service.name))} has its own ${name} beside it, at 127.0.0.1:${port}; jobs have none.`,
      "What they have to share belongs into a database.",
    ),
  );
  for (const service of standalone) {
    const ports = [service, ...sidecars].flatMap((service) => listeningPort(service) ?? []);
    if (new Set(ports).size < ports.length)
      remarks.push(
        remark(
          "missing",
          `services.${service.name}`,
          `${joinNames([service, ...sidecars].map(({ name }) => name))} run beside each other here, and two of them listen on the same port.`,
          "Give each a port of its own.",
        ),
      );
  }
  const tooLarge = standalone.filter((service) => {
    const { cpu, memory } = sumLimits([...[service, ...sidecars].map(({ size }) => sizes[size]), ...proxyLimits(app)]);
    return cpu > maxCpu || memory > maxMemory;
  });
  if (tooLarge.length > 0)
    remarks.push(
      remark(
        "missing",
        `services.${tooLarge[0]?.name}`,
        `${joinNames([...tooLarge.map(({ name }) => name), ...sidecars.map(({ name }) => name)])} run beside each other here, and together ask for more than the ${maxCpu} processors and ${maxMemory / 1024} GB of an instance.`,
        "Give some of them a smaller size, or make some of them public.",
      ),
    );
  // The main container and the Cloud SQL proxy count too.
  if (sidecars.length + 2 > maxContainers)
    remarks.push(
      remark(
        "missing",
        `services.${sidecars[0]?.name}`,
        `${sidecars.length} services that only others reach are more than Cloud Run puts beside one.`,
        "Make some of them public, or put them into one.",
      ),
    );
  return remarks;
}

function serviceRemarks(app: App, service: Service): Remark[] {
  const { name, scale, health, volumes = [] } = service;
  const path = `services.${name}`;
  const remarks: Remark[] = [];
  if (listeningPort(service) === null && scale.max > scale.min)
    remarks.push(
      remark(
        "approximate",
        path,
        `${name} always runs ${scale.min === 1 ? "once" : `${scale.min} times`}: a worker pool does not grow by itself.`,
      ),
    );
  for (const { mount } of volumes)
    remarks.push(
      remark(
        "approximate",
        path,
        `${mount} of ${name} is a bucket that looks like a folder: slow, without locks, and no place for a database.`,
        "Keep data in a database and files in a bucket.",
      ),
    );
  if ((health?.grace ?? 0) > maxStartupSeconds)
    remarks.push(
      remark(
        "approximate",
        path,
        `${name} has ${maxStartupSeconds} seconds to answer first, and not ${health?.grace}.`,
      ),
    );
  if (sidecarServices(app).includes(service) && scale.min > 1)
    remarks.push(remark("ignored", path, `${name} runs as often as the services it is beside.`));
  return remarks;
}
