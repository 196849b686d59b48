type Resources = object | string | (object | string)[];

export const allow = (actions: string | string[], resources: Resources, condition?: object) => ({
  Effect: "Allow",
  Action: actions,
  Resource: resources,
  ...(condition ? { Condition: condition } : {}),
});

export const iamPolicy = (...statements: object[]) => ({ Version: "2012-10-17", Statement: statements });
