/** Bytes of a request, its line end included. */
export const requestBytesMax = 4_096;

/** Bytes of one answer line: a status holds some 300 bytes a process, and thousands of processes must fit. */
export const answerBytesMax = 16_777_216;

/** Connections at a time; further ones are told that all are taken. */
export const connectionsMax = 32;

/** How many of them may watch, so that there is always room to stop a deployment. */
export const watchersMax = 24;

/** Time that a client has to bring its request. */
export const requestTimeoutMs = 5_000;

/** Time that a supervisor has to answer before it counts as hanging. */
export const answerTimeoutMs = 10_000;

/** Changes within this time become one status line. */
export const coalesceMs = 100;

/** A watcher hears the status at least this often, so that it can tell a quiet supervisor from one that hangs. */
export const heartbeatMs = 5_000;

/** Silence after which a watcher takes the supervisor for hanging: three heartbeats and some. */
export const watchSilenceMsMax = 20_000;

/** Time that clients have to take their last line when a control socket closes. */
export const closeMsMax = 500;

/** Control sockets looked at in one directory. */
export const entriesMax = 256;

/** Bytes of the path of a Unix socket, without the ending zero (unix(7): `sun_path` has 108). */
export const socketPathBytesMax = 107;

/** Time that a supervisor has to end after its control socket has closed; commands go on without waiting longer. */
export const exitMsMax = 5_000;
