export const routerErrors = {} as const;
