import type { Mark } from "../../../badges/logos.ts";

export const mark: Mark = {
  name: "this machine",
  ink: "M2 2h12v9H2zM4 4v5h8V4zM0 12h16v2H0z",
};
