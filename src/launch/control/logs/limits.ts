/** Bytes that are read of all log files together to find their last lines. */
export const tailBytesMax = 67_108_864;

/** Bytes that are read of one log file before the other ones have their turn. */
export const readBytesMax = 1_048_576;

/** How often log files are looked at for more. */
export const pollMs = 250;
