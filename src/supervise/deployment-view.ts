/** What can be seen of supervised processes from outside: plain data that goes over sockets and into files. */
export interface DeploymentView {
  readonly phase: "starting" | "ready" | "stopping" | "ended";
  readonly processes: readonly ProcessView[];
}

export interface ProcessView {
  readonly id: string;
  /** "restarting": it has ended and waits for its next start. */
  readonly phase: "waiting" | "starting" | "ready" | "restarting" | "stopping" | "ended";
  readonly pid: number | undefined;
  readonly progress: Progress | undefined;
  /** What has to happen next, in words: "http://127.0.0.1:8100/health answers 200"; undefined where nothing is awaited. */
  readonly waitingFor: string | undefined;
  /** Starts after the first one. */
  readonly restartCount: number;
  readonly logFile: string;
}

/** How far a process says it is in getting ready. */
export interface Progress {
  readonly stage: string;
  /** Share of the stage that is done, 0 to 1. */
  readonly done: number;
}
