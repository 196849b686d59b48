import type { JsonObject } from "../compile/expressions.ts";
import type { ApiRequest, IamMember, ManagedResource, Value } from "../stack.ts";
import { quoted, type ShellWriter } from "./shell.ts";

const inProject = '--project="$PROJECT"';
const inRegion = `${inProject} --region="$REGION"`;
const inLocation = `${inProject} --location="$REGION"`;

const fields = (value: Value | undefined): JsonObject => (value ?? {}) as JsonObject;
const listOf = (value: Value | undefined): Value[] => (Array.isArray(value) ? value : []);

/** `a=b,c=d`, of labels, which have no commas. */
const pairs = (value: Value | undefined, { word }: ShellWriter) =>
  Object.entries(fields(value))
    .map(([key, one]) => `${key}=${word(one)}`)
    .join(",");

/** How a thing is made by gcloud, by the method that makes it. Cloud Run's have no command that says all of it. */
export function createCommands({ create }: ManagedResource, words: ShellWriter): string[] | null {
  const { word } = words;
  const { params, body } = create;
  const of = fields(body);
  const labels = `--labels=${pairs(of.labels, words)}`;
  switch (`${create.api}.${create.method}`) {
    case "iam.projects.serviceAccounts.create": {
      const { displayName, description } = fields(of.serviceAccount);
      const said = `--display-name=${word(displayName)} --description=${word(description)}`;
      return [`gcloud iam service-accounts create ${word(of.accountId)} ${inProject} ${said}`];
    }
    case "artifactregistry.projects.locations.repositories.create": {
      const remote = fields(fields(fields(of.remoteRepositoryConfig).dockerRepository).customRepository).uri;
      const mode = remote === undefined ? "" : ` --mode=remote-repository --remote-docker-repo=${word(remote)}`;
      const name = word(params.repositoryId);
      return [`gcloud artifacts repositories create ${name} ${inLocation} --repository-format=docker${mode} ${labels}`];
    }
    case "secretmanager.projects.secrets.create":
      return [`gcloud secrets create ${word(params.secretId)} ${inProject} --replication-policy=automatic ${labels}`];
    case "secretmanager.projects.secrets.addVersion":
      return [addSecretVersionCommand(create, words)];
    case "storage.buckets.insert":
      return bucket(of, words);
    case "redis.projects.locations.instances.create":
      return [
        [
          `gcloud redis instances create ${word(params.instanceId)} ${inRegion}`,
          `--tier=${of.tier === "BASIC" ? "basic" : "standard"} --size=${word(of.memorySizeGb)}`,
          `--redis-version=${word(`${of.redisVersion}`.toLowerCase())} --network=${word(of.authorizedNetwork)}`,
          "--connect-mode=direct-peering --enable-auth --persistence-mode=rdb --rdb-snapshot-period=1h",
          `--redis-config=${pairs(of.redisConfigs, words)} ${labels}`,
        ].join(" "),
      ];
    case "sqladmin.instances.insert":
      return [instance(of, words)];
    case "sqladmin.databases.insert": {
      const charset = of.charset === undefined ? "" : ` --charset=${word(of.charset)}`;
      return [
        `gcloud sql databases create ${word(of.name)} ${inProject} --instance=${word(params.instance)}${charset}`,
      ];
    }
    case "sqladmin.users.insert": {
      const host = of.host === undefined ? "" : ` --host=${word(of.host)}`;
      const password = `--password=${word(of.password)}`;
      return [
        `gcloud sql users create ${word(of.name)} ${inProject} --instance=${word(params.instance)}${host} ${password}`,
      ];
    }
    case "cloudscheduler.projects.locations.jobs.create": {
      const { uri, oauthToken } = fields(of.httpTarget);
      return [
        [
          `gcloud scheduler jobs create http ${lastSegment(of.name, words)} ${inLocation}`,
          `--schedule=${word(of.schedule)} --time-zone=${word(of.timeZone)} --uri=${word(uri)} --http-method=post`,
          `--oauth-service-account-email=${word(fields(oauthToken).serviceAccountEmail)}`,
        ].join(" "),
      ];
    }
    default:
      return null;
  }
}

function bucket(of: JsonObject, words: ShellWriter): string[] {
  const url = `gs://${words.word(of.name)}`;
  const soft = of.softDeletePolicy === undefined ? "" : " --soft-delete-duration=0";
  const versions = of.versioning === undefined ? "" : " --versioning";
  const rules = quoted(JSON.stringify(of.lifecycle));
  return [
    `gcloud storage buckets create ${url} ${inLocation} --uniform-bucket-level-access --public-access-prevention${soft}`,
    `gcloud storage buckets update ${url} --update-labels=${pairs(of.labels, words)} --lifecycle-file=<(printf %s ${rules})${versions}`,
  ];
}

function instance(of: JsonObject, { word }: ShellWriter): string {
  const settings = fields(of.settings);
  const backup = fields(settings.backupConfiguration);
  const protect = settings.deletionProtectionEnabled === true;
  return [
    `gcloud sql instances create ${word(of.name)} ${inRegion} --database-version=${word(of.databaseVersion)}`,
    `--edition=enterprise --tier=${word(settings.tier)} --availability-type=${word(settings.availabilityType)}`,
    `--storage-type=SSD --storage-size=${word(settings.dataDiskSizeGb)}GB --storage-auto-increase`,
    `--backup ${backup.binaryLogEnabled === true ? "--enable-bin-log" : "--enable-point-in-time-recovery"}`,
    `--retained-transaction-log-days=${word(backup.transactionLogRetentionDays)}`,
    `--retained-backups-count=${word(fields(backup.backupRetentionSettings).retainedBackups)}`,
    "--assign-ip --ssl-mode=ENCRYPTED_ONLY --connector-enforcement=REQUIRED",
    `${protect ? `--deletion-protection --final-backup --final-backup-retention-days=${word(fields(settings.finalBackupConfig).retentionDays)} ` : ""}--root-password=${word(of.rootPassword)}`,
  ].join(" ");
}

/** The last part of a whole name such as `projects/P/locations/R/jobs/NAME`. */
export function lastSegment(value: Value | undefined, { word }: ShellWriter): string {
  const whole = word(value);
  return whole.slice(whole.lastIndexOf("/") + 1);
}

/** A value of a secret, which is on no command line. */
export function addSecretVersionCommand({ params, body }: ApiRequest, words: ShellWriter): string {
  const { data } = fields(fields(body).payload);
  return `printf %s ${words.word(data)} | gcloud secrets versions add ${lastSegment(params.parent, words)} ${inProject} --data-file=-`;
}

const policies: Record<string, (name: string) => string> = {
  "secretmanager.projects.secrets": (name) => `gcloud secrets add-iam-policy-binding ${name} ${inProject}`,
  "artifactregistry.projects.locations.repositories": (name) =>
    `gcloud artifacts repositories add-iam-policy-binding ${name} ${inLocation}`,
  "run.projects.locations.jobs": (name) => `gcloud run jobs add-iam-policy-binding ${name} ${inRegion}`,
  "run.projects.locations.services": (name) => `gcloud run services add-iam-policy-binding ${name} ${inRegion}`,
  "cloudresourcemanager.projects": (name) => `gcloud projects add-iam-policy-binding ${name} --condition=None`,
};

export function addIamBindingCommand({ write, role, member }: IamMember, words: ShellWriter): string {
  const who = `--member=${words.word(member)} --role=${words.word(role)}`;
  if (write.api === "storage") {
    return `gcloud storage buckets add-iam-policy-binding gs://${words.word(write.params.bucket)} ${who}`;
  }
  const command = policies[`${write.api}.${write.method.replace(/\.setIamPolicy$/, "")}`];
  if (!command) throw new Error(`No command grants ${write.api} ${write.method}`);
  return `${command(lastSegment(write.params.resource, words))} ${who}`;
}

const places: Record<string, (name: string) => string> = {
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

/** `describe` or `delete`, of what a request to get or delete it is about. */
export function describeOrDeleteCommand(
  { api, method, params }: ApiRequest,
  verb: "describe" | "delete",
  words: ShellWriter,
): string {
  const place = places[`${api}.${method.replace(/\.(?:get|delete)$/, "")}`];
  if (!place) throw new Error(`No command knows ${api} ${method}`);
  return place(params.instance === undefined ? lastSegment(params.name, words) : words.word(params.instance)).replace(
    "VERB",
    verb,
  );
}

/** Something that is done: APIs, builds, jobs. */
export function actionCommands({ api, method, params, body }: ApiRequest, words: ShellWriter): string[] {
  const { word } = words;
  const of = fields(body);
  switch (`${api}.${method}`) {
    case "serviceusage.services.batchEnable":
      return [`gcloud services enable ${listOf(of.serviceIds).map(word).join(" ")} ${inProject}`];
    case "run.projects.locations.jobs.run":
      return [`gcloud run jobs execute ${lastSegment(params.name, words)} ${inRegion} --wait`];
    case "cloudbuild.projects.locations.builds.create": {
      const { url, revision, dir } = fields(fields(of.source).gitSource);
      const from = `--git-source-revision=${word(revision)}${dir === undefined ? "" : ` --git-source-dir=${word(dir)}`}`;
      return [`gcloud builds submit ${word(url)} ${from} --config="$BODY" ${inProject}`];
    }
    default:
      throw new Error(`No command does ${api} ${method}`);
  }
}
