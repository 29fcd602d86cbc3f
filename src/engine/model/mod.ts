export { loadModelRunner, type ModelRunnerOptions } from "./load-model-runner.ts";
