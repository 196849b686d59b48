import type { AccessField } from "../../cloud.ts";

/** The project field for clients that see no list of projects. */
export const projectIdField: AccessField = {
  name: "project",
  label: "Project",
  help: "Its id, such as my-project-123.",
  type: "text",
};

/** The fields that do not depend on the account. */
export const optionalFields: AccessField[] = [
  {
    name: "network",
    label: "Network",
    help: "Of the project. Used only where the app has something that is reached inside a network, such as Redis.",
    type: "text",
    defaultValue: "default",
    optional: true,
  },
  {
    name: "subnet",
    label: "Subnet",
    help: "Of that network, in the region you chose.",
    type: "text",
    defaultValue: "default",
    optional: true,
  },
  {
    name: "keep",
    label: "If something fails",
    help: "",
    type: "choice",
    options: [
      { value: "no", label: "Take everything away again" },
      { value: "yes", label: "Keep what is there, and let me try again from there" },
    ],
  },
];
