import type { JsonObject } from "../compile/expressions.ts";
import type { ApiRequest, IamMember, ManagedResource, Value } from "../stack.ts";
import { quoted, type ShellWriter } from "./shell.ts";

const inProject = '--project="$PROJECT"';
const inRegion = `${inProject} --region="$REGION"`;
const inLocation = `${inProject} --location="$REGION"`;

const object = (value: Value | undefined): JsonObject => (value ?? {}) as JsonObject;
const list = (value: Value | undefined): Value[] => (Array.isArray(value) ? value : []);

/** Writes labels, which contain no commas, as `a=b,c=d`. */
const pairs = (value: Value | undefined, { word }: ShellWriter) =>
  Object.entries(object(value))
    .map(([key, field]) => `${key}=${word(field)}`)
    .join(",");

/** Returns the commands that create a resource; null for Cloud Run, whose commands do not cover all fields. */
export function createCommands({ create }: ManagedResource, writer: ShellWriter): string[] | null {
  const { word } = writer;
  const { params, body } = create;
  const fields = object(body);
  const labels = `--labels=${pairs(fields.labels, writer)}`;
  switch (`${create.api}.${create.method}`) {
    case "iam.projects.serviceAccounts.create": {
      const { displayName, description } = object(fields.serviceAccount);
      const names = `--display-name=${word(displayName)} --description=${word(description)}`;
      return [`gcloud iam service-accounts create ${word(fields.accountId)} ${inProject} ${names}`];
    }
    case "artifactregistry.projects.locations.repositories.create": {
      const remote = object(object(object(fields.remoteRepositoryConfig).dockerRepository).customRepository).uri;
      const mode = remote === undefined ? "" : ` --mode=remote-repository --remote-docker-repo=${word(remote)}`;
      const name = word(params.repositoryId);
      return [`gcloud artifacts repositories create ${name} ${inLocation} --repository-format=docker${mode} ${labels}`];
    }
    case "secretmanager.projects.secrets.create":
      return [`gcloud secrets create ${word(params.secretId)} ${inProject} --replication-policy=automatic ${labels}`];
    case "secretmanager.projects.secrets.addVersion":
      return [addSecretVersionCommand(create, writer)];
    case "storage.buckets.insert":
      return createBucketCommands(fields, writer);
    case "redis.projects.locations.instances.create":
      return [
        [
          `gcloud redis instances create ${word(params.instanceId)} ${inRegion}`,
          `--tier=${fields.tier === "BASIC" ? "basic" : "standard"} --size=${word(fields.memorySizeGb)}`,
          `--redis-version=${word(`${fields.redisVersion}`.toLowerCase())} --network=${word(fields.authorizedNetwork)}`,
          "--connect-mode=direct-peering --enable-auth --persistence-mode=rdb --rdb-snapshot-period=1h",
          `--redis-config=${pairs(fields.redisConfigs, writer)} ${labels}`,
        ].join(" "),
      ];
    case "sqladmin.instances.insert":
      return [createInstanceCommand(fields, writer)];
    case "sqladmin.databases.insert": {
      const charset = fields.charset === undefined ? "" : ` --charset=${word(fields.charset)}`;
      return [
        `gcloud sql databases create ${word(fields.name)} ${inProject} --instance=${word(params.instance)}${charset}`,
      ];
    }
    case "sqladmin.users.insert": {
      const host = fields.host === undefined ? "" : ` --host=${word(fields.host)}`;
      const password = `--password=${word(fields.password)}`;
      return [
        `gcloud sql users create ${word(fields.name)} ${inProject} --instance=${word(params.instance)}${host} ${password}`,
      ];
    }
    case "cloudscheduler.projects.locations.jobs.create": {
      const { uri, oauthToken } = object(fields.httpTarget);
      return [
        [
          `gcloud scheduler jobs create http ${lastSegment(fields.name, writer)} ${inLocation}`,
          `--schedule=${word(fields.schedule)} --time-zone=${word(fields.timeZone)} --uri=${word(uri)} --http-method=post`,
          `--oauth-service-account-email=${word(object(oauthToken).serviceAccountEmail)}`,
        ].join(" "),
      ];
    }
    default:
      return null;
  }
}

function createBucketCommands(fields: JsonObject, writer: ShellWriter): string[] {
  const url = `gs://${writer.word(fields.name)}`;
  const softDelete = fields.softDeletePolicy === undefined ? "" : " --soft-delete-duration=0";
  const versions = fields.versioning === undefined ? "" : " --versioning";
  const rules = quoted(JSON.stringify(fields.lifecycle));
  return [
    `gcloud storage buckets create ${url} ${inLocation} --uniform-bucket-level-access --public-access-prevention${softDelete}`,
    `gcloud storage buckets update ${url} --update-labels=${pairs(fields.labels, writer)} --lifecycle-file=<(printf %s ${rules})${versions}`,
  ];
}

function createInstanceCommand(fields: JsonObject, { word }: ShellWriter): string {
  const settings = object(fields.settings);
  const backup = object(settings.backupConfiguration);
  const isProtected = settings.deletionProtectionEnabled === true;
  return [
    `gcloud sql instances create ${word(fields.name)} ${inRegion} --database-version=${word(fields.databaseVersion)}`,
    `--edition=enterprise --tier=${word(settings.tier)} --availability-type=${word(settings.availabilityType)}`,
    `--storage-type=SSD --storage-size=${word(settings.dataDiskSizeGb)}GB --storage-auto-increase`,
    `--backup ${backup.binaryLogEnabled === true ? "--enable-bin-log" : "--enable-point-in-time-recovery"}`,
    `--retained-transaction-log-days=${word(backup.transactionLogRetentionDays)}`,
    `--retained-backups-count=${word(object(backup.backupRetentionSettings).retainedBackups)}`,
    "--assign-ip --ssl-mode=ENCRYPTED_ONLY --connector-enforcement=REQUIRED",
    `${isProtected ? `--deletion-protection --final-backup --final-backup-retention-days=${word(object(settings.finalBackupConfig).retentionDays)} ` : ""}--root-password=${word(fields.rootPassword)}`,
  ].join(" ");
}

/** Returns the last segment of a full name such as `projects/P/locations/R/jobs/NAME`. */
export function lastSegment(value: Value | undefined, { word }: ShellWriter): string {
  const fullName = word(value);
  return fullName.slice(fullName.lastIndexOf("/") + 1);
}

/** Adds a version to a secret; the value is piped, and so appears on no command line. */
export function addSecretVersionCommand({ params, body }: ApiRequest, writer: ShellWriter): string {
  const { data } = object(object(body).payload);
  return `printf %s ${writer.word(data)} | gcloud secrets versions add ${lastSegment(params.parent, writer)} ${inProject} --data-file=-`;
}

const policies: Record<string, (name: string) => string> = {
  "secretmanager.projects.secrets": (name) => `gcloud secrets add-iam-policy-binding ${name} ${inProject}`,
  "artifactregistry.projects.locations.repositories": (name) =>
    `gcloud artifacts repositories add-iam-policy-binding ${name} ${inLocation}`,
  "run.projects.locations.jobs": (name) => `gcloud run jobs add-iam-policy-binding ${name} ${inRegion}`,
  "run.projects.locations.services": (name) => `gcloud run services add-iam-policy-binding ${name} ${inRegion}`,
  "cloudresourcemanager.projects": (name) => `gcloud projects add-iam-policy-binding ${name} --condition=None`,
};

export function addIamBindingCommand({ write, role, member }: IamMember, writer: ShellWriter): string {
  const memberAndRole = `--member=${writer.word(member)} --role=${writer.word(role)}`;
  if (write.api === "storage") {
    return `gcloud storage buckets add-iam-policy-binding gs://${writer.word(write.params.bucket)} ${memberAndRole}`;
  }
  const command = policies[`${write.api}.${write.method.replace(/\.setIamPolicy$/, "")}`];
  if (!command) throw new Error(`No command grants ${write.api} ${write.method}`);
  return `${command(lastSegment(write.params.resource, writer))} ${memberAndRole}`;
}

const resourceCommands: Record<string, (name: string) => string> = {
  "iam.projects.serviceAccounts": (name) => `gcloud iam service-accounts VERB ${name} ${inProject}`,
  "artifactregistry.projects.locations.repositories": (name) =>
    `gcloud artifacts repositories VERB ${name} ${inLocation}`,
  "secretmanager.projects.secrets": (name) => `gcloud secrets VERB ${name} ${inProject}`,
  "redis.projects.locations.instances": (name) => `gcloud redis instances VERB ${name} ${inRegion}`,
  "cloudscheduler.projects.locations.jobs": (name) => `gcloud scheduler jobs VERB ${name} ${inLocation}`,
  "run.projects.locations.jobs": (name) => `gcloud run jobs VERB ${name} ${inRegion}`,
  "run.projects.locations.services": (name) => `gcloud run services VERB ${name} ${inRegion}`,
  "run.projects.locations.workerPools": (name) => `gcloud beta run worker-pools VERB ${name} ${inRegion}`,
  "sqladmin.instances": (name) => `gcloud sql instances VERB ${name} ${inProject}`,
};

/** Returns the command that describes or deletes the resource of a get or delete request. */
export function describeOrDeleteCommand(
  { api, method, params }: ApiRequest,
  verb: "describe" | "delete",
  writer: ShellWriter,
): string {
  const command = resourceCommands[`${api}.${method.replace(/\.(?:get|delete)$/, "")}`];
  if (!command) throw new Error(`No command knows ${api} ${method}`);
  return command(
    params.instance === undefined ? lastSegment(params.name, writer) : writer.word(params.instance),
  ).replace("VERB", verb);
}

/** Returns the commands of an action: enabling APIs, a build or a job execution. */
export function actionCommands({ api, method, params, body }: ApiRequest, writer: ShellWriter): string[] {
  const { word } = writer;
  const fields = object(body);
  switch (`${api}.${method}`) {
    case "serviceusage.services.batchEnable":
      return [`gcloud services enable ${list(fields.serviceIds).map(word).join(" ")} ${inProject}`];
    case "run.projects.locations.jobs.run":
      return [`gcloud run jobs execute ${lastSegment(params.name, writer)} ${inRegion} --wait`];
    case "cloudbuild.projects.locations.builds.create": {
      const { url, revision, dir } = object(object(fields.source).gitSource);
      const gitFlags = `--git-source-revision=${word(revision)}${dir === undefined ? "" : ` --git-source-dir=${word(dir)}`}`;
      return [`gcloud builds submit ${word(url)} ${gitFlags} --config="$BODY" ${inProject}`];
    }
    default:
      throw new Error(`No command does ${api} ${method}`);
  }
}
