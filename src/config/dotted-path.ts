const bareName = /^[A-Za-z0-9_-]+$/;

/** A path of keys as TOML writes it: `env_vars.FOO`, `vllm_extra."a.b"`. No two paths have the same text. */
export function dotted(path: readonly string[]): string {
  return path.map((name) => (bareName.test(name) ? name : JSON.stringify(name))).join(".");
}
