import type { Mark } from "../../../badges/logos.ts";

export const mark: Mark = {
  name: "AWS",
  ink: "M8 1l3.5 1.8L8 4.6 4.5 2.8zM4 4l3.5 1.8v3.6L4 7.6zM12 4v3.6L8.5 9.4V5.8zM4 8.8l3.5 1.8v3.6L4 12.4zM0 10.7l3-1.6v3.7L0 14.4zM12 8.8v3.6l-3.5 1.8v-3.6zM16 10.7v3.7l-3-1.6V9.1z",
};
