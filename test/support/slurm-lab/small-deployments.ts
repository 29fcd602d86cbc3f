/** Words for `penstock serve` that make deployments as small as their kind can be. */

/** Two nodes with an engine each, and the router on the first one. */
export const twoEngines = words(`
  @ examples/slurm-multi-replica.toml
  --deployment.num-nodes 2
`);

/** Two prefill nodes and a decode node with a rank each; the router is on the first one. */
export const twoPrefillsOneDecode = words(`
  @ examples/slurm-disaggregated.toml
  --deployment.num-prefill-nodes 1 --deployment.prefill-dp 1
  --deployment.num-decode-nodes 1 --deployment.decode-dp 1
`);

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
