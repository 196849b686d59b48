/** The files of an app, as far as its build and start depend on them. */
export interface ProjectFiles {
  has(path: string): boolean;
  read(path: string): string;
}

export type HasProgram = (program: string) => boolean;
