export { jobFiles } from "./files/job-files.ts";
export { readPlanFile, readPlanStream } from "./files/read-plan.ts";
export { describeStage } from "./job/describe-job.ts";
export { openJob } from "./job/find-job.ts";
export { jobView } from "./job/job-view.ts";
export type { JobSnapshot, SlurmJob } from "./job/slurm-job.ts";
export { type JobNodeOptions, JobNodeRun } from "./node/job-node.ts";
export type { JobRequest } from "./submit/explain-refusal.ts";
export { checkSubmission, submitDeployment } from "./submit/submit-deployment.ts";
