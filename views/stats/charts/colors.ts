/** The colors of style.css that charts use. In dark mode each is replaced by its counterpart. */
export const lightColors = {
  quiet: "#5a5d62",
  line: "#e1e2df",
  edge: "#8a8e93",
  accent: "#0b4f6c",
  warn: "#8a5a00",
} as const;

export const darkColors: Record<keyof typeof lightColors, string> = {
  quiet: "#a2aaaf",
  line: "#293035",
  edge: "#6d777d",
  accent: "#67b7d9",
  warn: "#e6b955",
};
