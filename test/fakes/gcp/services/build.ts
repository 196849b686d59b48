import { randomUUID } from "node:crypto";
import type { Body } from "../discovery.ts";
import { invalid, notFound } from "../errors.ts";
import {
  type Call,
  canonical,
  createResource,
  type Google,
  getResource,
  type Handler,
  hasServiceAccount,
  refuse,
  resourceOf,
  timestamp,
} from "../google.ts";
import { shown } from "../operations.ts";
import { hasBinding, listAt, type Resource, textAt } from "../project.ts";

const buildSeconds = 150;
const queuedSeconds = 6;

const buildBody = (build: Resource, google: Google): Body => {
  const age = (google.now() - build.since) / google.pace();
  return structuredClone({
    ...build.body,
    status: build.body.status ?? (age < queuedSeconds ? "QUEUED" : "WORKING"),
  });
};

/** Returns why the build fails; null if it succeeds. */
function failureReason({ google, project }: Call, body: Body, account: string): string | null {
  const member = `serviceAccount:${account}`;
  const hasRole = (role: string) => hasBinding(project.policy, role, member);
  if (!hasRole("roles/logging.logWriter"))
    return `generic::permission_denied: ${account} does not have permission to write logs to Cloud Logging`;
  for (const image of imagesOf(body)) {
    const repository = repositoryOf(project.id, image);
    const found = repository && resourceOf(project, "artifactregistry", repository);
    if (!found) return `name unknown: Repository "${image}" not found`;
    const writer = "roles/artifactregistry.writer";
    if (!hasRole(writer) && !hasBinding(found.policy, writer, member))
      return `denied: Permission "artifactregistry.repositories.uploadArtifacts" denied on resource "${repository}"`;
  }
  return google.scenario.build;
}

/** Returns the images that a build pushes: those listed, and those that `pack build IMAGE --publish` pushes itself. */
function imagesOf(body: Body): string[] {
  const published = listAt(body, "steps").flatMap((step) => {
    const args = listAt(step, "args").map(String);
    const index = args.indexOf("build");
    return args.includes("--publish") && index >= 0 ? [`${args[index + 1]}`] : [];
  });
  const mentioned =
    JSON.stringify(listAt(body, "steps")).match(/[a-z0-9-]+-docker\.pkg\.dev\/[a-z0-9-]+\/[a-z0-9-]+\/[\w./:-]+/g) ??
    [];
  const pushed = published.length > 0 || listAt(body, "images").length > 0 ? [] : mentioned.slice(0, 1);
  return [...new Set([...listAt(body, "images").map(String), ...published, ...pushed])];
}

function repositoryOf(project: string, image: string): string | null {
  const [, location, owner, repo] = /^([a-z0-9-]+)-docker\.pkg\.dev\/([^/]+)\/([^/]+)\//.exec(image) ?? [];
  return owner === project ? `projects/${owner}/locations/${location}/repositories/${repo}` : null;
}

const create: Handler = (call) => {
  const { google, project, params, body } = call;
  const parent = canonical(project, params.parent ?? "");
  if (!["global", ...project.regions].includes(parent.split("/")[3] ?? ""))
    refuse(notFound(`Location ${parent} is not found`));
  const [, email = ""] = /serviceAccounts\/(.+)$/.exec(textAt(body, "serviceAccount")) ?? [];
  if (textAt(body, "serviceAccount") !== "" && !hasServiceAccount(project, email))
    refuse(notFound(`service account ${email} not found`));
  if (
    email !== "" &&
    !/^(CLOUD_LOGGING_ONLY|NONE)$/.test(textAt(body, "options.logging")) &&
    textAt(body, "logsBucket") === ""
  )
    refuse(
      invalid(
        "if 'build.service_account' is specified, the build must either (a) specify 'build.logs_bucket', (b) use the REGIONAL_USER_OWNED_BUCKET build.options.default_logs_bucket_behavior option, or (c) use either CLOUD_LOGGING_ONLY / NONE logging options",
      ),
    );
  if (listAt(body, "steps").length === 0) refuse(invalid("build must have at least one step"));
  for (const tag of listAt(body, "tags"))
    if (!/^[\w][\w.-]{0,127}$/.test(`${tag}`)) refuse(invalid(`invalid build tag ${tag}`));
  const steps = JSON.stringify(listAt(body, "steps"));
  const unknown = [...steps.matchAll(/\$(\$|\{?)([A-Z_][A-Z0-9_]*)/g)].filter(
    ([, escaped, name = ""]) =>
      escaped !== "$" &&
      !/^(PROJECT_ID|PROJECT_NUMBER|LOCATION|BUILD_ID|COMMIT_SHA|SHORT_SHA|REPO_NAME|BRANCH_NAME|TAG_NAME|REVISION_ID|SERVICE_ACCOUNT_EMAIL)$/.test(
        name,
      ) &&
      textAt(body, `substitutions.${name}`) === "",
  );
  if (unknown.length > 0 && textAt(body, "options.substitutionOption") !== "ALLOW_LOOSE")
    refuse(
      invalid(
        `invalid value for 'build.substitutions': key in the template "${unknown[0]?.[2]}" is not a valid built-in substitution`,
      ),
    );
  const id = randomUUID();
  const name = `${parent}/builds/${id}`;
  const build = createResource(call, "builds", name, {
    ...body,
    name: `projects/${project.number}/locations/${parent.split("/")[3]}/builds/${id}`,
    id,
    projectId: project.id,
    createTime: timestamp(google.now()),
    logUrl: `https://console.cloud.google.com/cloud-build/builds;region=${parent.split("/")[3]}/${id}?project=${project.number}`,
  });
  const pace = google.pace();
  for (const [index, text] of [
    "FETCHSOURCE",
    ...google.scenario.lines,
    "Step #0: Successfully built",
    "PUSH",
  ].entries())
    google.logs.push({
      at: google.now() + (queuedSeconds + 5 + index * 20) * pace,
      resource: { type: "build", labels: { build_id: id, project_id: project.id } },
      labels: {},
      text,
    });
  const operation = google.operations.start({
    api: "cloudbuild",
    project: project.id,
    name: `${parent}/operations/${Buffer.from(id).toString("base64")}`,
    seconds: buildSeconds,
    target: name,
    metadata: () => ({
      "@type": "type.googleapis.com/google.devtools.cloudbuild.v1.BuildOperationMetadata",
      build: buildBody(build, google),
    }),
    settle: () => {
      if (build.body.status === "CANCELLED") return null;
      const reason = failureReason(call, body, email);
      Object.assign(build.body, {
        status: reason ? "FAILURE" : "SUCCESS",
        finishTime: timestamp(google.now()),
        ...(reason ? { statusDetail: reason, failureInfo: { type: "USER_BUILD_STEP", detail: reason } } : {}),
      });
      const digest = `sha256:${id.replaceAll("-", "").padEnd(64, "0")}`;
      if (reason) return null;
      const images = imagesOf(body);
      for (const image of images) {
        const repository = resourceOf(project, "artifactregistry", repositoryOf(project.id, image) ?? "");
        listAt(repository?.internal, "images").push(image, `${image.replace(/:[^/:]*$/, "")}@${digest}`);
      }
      build.body.results = { images: images.map((image) => ({ name: image, digest })) };
      return { "@type": "type.googleapis.com/google.devtools.cloudbuild.v1.Build", ...buildBody(build, google) };
    },
  });
  return shown(operation);
};

const idOf = (call: Call) =>
  call.params.name ?? `${canonical(call.project, call.params.parent ?? "")}/builds/${call.params.id}`;

export const cloudbuild: Record<string, Handler> = {
  "projects.locations.builds.create": create,
  "projects.locations.builds.get": (call) => buildBody(getResource(call, idOf(call)), call.google),
  "projects.builds.get": (call) => buildBody(getResource(call, idOf(call)), call.google),
  "projects.locations.builds.list": (call) => {
    const parent = canonical(call.project, call.params.parent ?? "");
    const tags = [...(call.params.filter ?? "").matchAll(/tags\s*=\s*"([^"]+)"/g)].map(([, tag]) => tag ?? "");
    const builds = [...call.project.resources.values()]
      .filter((build) => build.kind === "builds" && build.name.startsWith(`${parent}/builds/`))
      .filter((build) => tags.every((tag) => listAt(build.body, "tags").includes(tag)))
      .sort((a, b) => b.since - a.since);
    return { builds: builds.map((build) => buildBody(build, call.google)) };
  },
  "projects.locations.builds.cancel": (call) => {
    const build = getResource(call, idOf(call));
    if (!build.body.status)
      Object.assign(build.body, { status: "CANCELLED", finishTime: timestamp(call.google.now()) });
    return buildBody(build, call.google);
  },
  "projects.locations.operations.get": (call) => {
    const operation = call.google.operations.find("cloudbuild", canonical(call.project, call.params.name ?? ""));
    return operation ? shown(operation) : refuse(notFound("operation not found"));
  },
  "operations.get": (call) => refuse(notFound(`operation ${call.params.name} not found`)),
};
