import type { Mark } from "../../../badges/logos.ts";

export const mark: Mark = {
  name: "Google Cloud",
  ink: "M4 5h5v2H4zM4 9h8v2H4zM2 1h12l2 2v10l-2 2H2l-2-2V3zM2.5 3 2 3.5v9l.5.5h11l.5-.5v-9l-.5-.5z",
};
