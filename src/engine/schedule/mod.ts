export { type Finish, finishOf } from "./finish.ts";
export { Scheduler, type SchedulerOptions } from "./scheduler.ts";
export { Sequence, type SequenceOptions } from "./sequence.ts";
export {
  buildStepBatch,
  type LogitRow,
  type PlannedBatch,
  type ScheduledFetch,
  type ScheduledStep,
} from "./step.ts";
